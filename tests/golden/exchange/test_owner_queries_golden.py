"""V04 to V08 of exchange_golden.json: searches by owner, Regulation (EU) 2024/982, Art. 16(2), (3).

Each case runs as between states: the query is made, the requesting state checks the subject, and a
gallery of the requested state is searched under its own law. "x", "y" and
"z" of the vectors stand for names and a date.
"""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest

from prum_match import vehicle
from prum_match.errors import InvalidInput

pytestmark = pytest.mark.native

CASES = json.loads(Path(__file__).parents[1].joinpath("exchange_golden.json").read_text("utf-8"))
IDS = ("V04", "V05", "V06", "V07", "V08")
GOLDEN: list[dict[str, Any]] = [case for case in CASES if case["id"] in IDS]
NAMES = {"family": "family_name", "first": "first_name", "dob": "birth_date"}
VALUES = {"x": "Vermeer", "y": "Johannes", "z": "1632-10-31"}
CODES = {
    "accept": None,
    "reject: not allowed by law of requested MS": "owner_search_not_allowed",
    "reject: only suspects/convicted": "subject_not_allowed",
    "reject: all identification data needed (dob missing)": "incomplete_owner",
}


def register() -> vehicle.Gallery:
    gallery = vehicle.Gallery()
    painter = vehicle.Holder("VERMEER", "Johannes", birth_date="1632-10-31")
    gallery.enrol(
        ["car", "van"],
        [
            vehicle.Registration("NL", "GB-001-B", owners=[painter]),
            vehicle.Registration("NL", "GB-002-B", holders=[vehicle.Holder("Acme")]),
        ],
    )
    return gallery


def ask(given: dict[str, Any]) -> list[str]:
    owner = {NAMES.get(name, name): VALUES.get(v, v) for name, v in given["owner"].items()}
    query = vehicle.VEHICLE.wire.probe_from_bytes(
        vehicle.VEHICLE.wire.probe_to_bytes(vehicle.OwnerQuery(**owner)) or b""
    )
    vehicle.VEHICLE.wire.check_subject(query, given["subject"])
    law = dataclasses.replace(
        vehicle.PRUM_2024, owner_search=given["requested_ms_allows_owner_search"]
    )
    return register().search(query, policy=law).reference_ids


@pytest.mark.parametrize("case", GOLDEN, ids=lambda case: str(case["id"]))
def test_a_search_by_owner(case: dict[str, Any]) -> None:
    code = CODES[case["expect"]]
    if code is None:
        found = ask(case["given"])
        assert found == (["van"] if "legal_name" in case["given"]["owner"] else ["car"])
        return
    with pytest.raises(InvalidInput) as caught:
        ask(case["given"])
    assert caught.value.code == code
    assert "Art. 16" in str(caught.value.rule)


@pytest.mark.parametrize("case", GOLDEN, ids=lambda case: str(case["id"]))
def test_the_condition_checks_agree_with_the_search(case: dict[str, Any]) -> None:
    given, code = case["given"], CODES[case["expect"]]
    if code == "incomplete_owner":
        return  # such a query cannot be made; tested above
    query = vehicle.OwnerQuery(
        **{NAMES.get(name, name): VALUES.get(v, v) for name, v in given["owner"].items()}
    )
    found = None
    try:
        vehicle.check_owner_query(
            query, subject=given["subject"], allowed=given["requested_ms_allows_owner_search"]
        )
    except InvalidInput as error:
        found = error.code
    assert found == code


def test_all_cases_are_covered() -> None:
    assert tuple(case["id"] for case in GOLDEN) == IDS
    assert {case["expect"] for case in GOLDEN} == set(CODES)
