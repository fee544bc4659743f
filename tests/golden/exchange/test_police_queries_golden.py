"""P01 to P09 of exchange_golden.json: when a police record index may be searched."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from prum_match.errors import InvalidInput
from prum_match.police_record.persons.conditions import Conditions, check_elements
from prum_match.police_record.persons.person import Person
from prum_match.police_record.pseudonyms.encoded import EncodedPerson, Pseudonyms

CASES = json.loads(Path(__file__).parents[1].joinpath("exchange_golden.json").read_text("utf-8"))
GOLDEN: list[dict[str, Any]] = [case for case in CASES if case["area"] == "police"]
CODES = {
    "accept": None,
    "reject: at least two of first/family/dob": "too_few_elements",
    "reject: optional sets do not count": "too_few_elements",
    "reject: names and aliases must be pseudonymised": "clear_text_names",
    "reject: below one year maximum": "minor_offence",
    "reject: reciprocity": "no_reciprocity",
}
CODE_OF_CASE = [
    *(("P01", None), ("P02", None), ("P03", None), ("P04", "too_few_elements")),
    *(("P05", "too_few_elements"), ("P06", "clear_text_names"), ("P07", "minor_offence")),
    *(("P08", None), ("P09", "no_reciprocity")),
]


def in_clear(given: dict[str, Any]) -> Person:
    return Person(
        "Hedda" if given.get("first") else None,
        "Gabler" if given.get("family") else None,
        "Hedda Tesman" if given.get("alias") else None,
        birth_date="1861-05-04" if given.get("dob") else None,
        nationalities="NO" if given.get("nationality") else None,
        gender="F" if given.get("gender") else None,
    )


def encoded(person: Person) -> EncodedPerson:
    filters = tuple(bytes(64) for _ in person.names)
    return EncodedPerson(
        "0" * 64,
        (Pseudonyms("0" * 16, filters),),
        person.birth_date,
        person.country_of_birth,
        person.nationalities,
        person.gender,
        person.has_first,
        person.has_family,
    )


def conditions(given: dict[str, Any]) -> Conditions:
    return Conditions(
        max_sentence_months=given.get("max_sentence_months", 12),
        requesting_participates=given.get("requesting_ms_participates", True),
    )


def code_of(case: dict[str, Any]) -> str | None:
    given = case["given"]
    person = in_clear(given)
    try:
        conditions(given).check(person if given.get("clear_text_names") else encoded(person))
    except InvalidInput as error:
        return error.code
    return None


@pytest.mark.parametrize("case", GOLDEN, ids=lambda case: str(case["id"]))
def test_the_rules_are_applied(case: dict[str, Any]) -> None:
    assert code_of(case) == CODES[case["expect"]]


@pytest.mark.parametrize("case", GOLDEN, ids=lambda case: str(case["id"]))
def test_persons_in_clear_also_need_two_elements(case: dict[str, Any]) -> None:
    given = case["given"]
    if sum(name in given for name in ("first", "family", "dob")) >= 2:
        check_elements(in_clear(given))
        return
    with pytest.raises(InvalidInput) as caught:
        check_elements(in_clear(given))
    assert caught.value.code == "too_few_elements"


def test_all_cases_are_covered_and_unchanged() -> None:
    assert [(case["id"], CODES[case["expect"]]) for case in GOLDEN] == CODE_OF_CASE
