"""The wire form: one form for each encoded person, and other bytes are refused."""

from __future__ import annotations

import json
import traceback
from typing import Any

import pytest

from prum_match.errors import InvalidInput
from prum_match.police_record.persons.person import MAX_NAMES, Person
from prum_match.police_record.pseudonyms.encoded import EncodedPerson, Pseudonyms
from prum_match.police_record.pseudonyms.wire import (
    MAX_BYTES,
    item_from_bytes,
    item_to_bytes,
    probe_from_bytes,
    probe_to_bytes,
)
from prum_match.values.dates import PartialDate

OLD = Pseudonyms("0" * 16, (bytes(range(128)), bytes(128)), (1, 2**32 - 1))
NEW = Pseudonyms("1" * 16, (bytes(128), b"\xff" * 128))
FULL = EncodedPerson("ab" * 32, (OLD, NEW), PartialDate(1984, 2), "SU", ("NL", "BE"), "X")
BARE = EncodedPerson("ab" * 32, (NEW,), has_first=False)


def written(person: EncodedPerson) -> bytes:
    data = probe_to_bytes(person)
    assert data is not None
    return data


def changed(**values: Any) -> bytes:
    record = {**json.loads(written(FULL)), **values}
    return json.dumps(record, sort_keys=True, separators=(",", ":")).encode()


def under(**values: Any) -> bytes:
    entry = json.loads(written(FULL))["pseudonyms"][0]
    return changed(pseudonyms=[{**entry, **values}])


def code_of(data: Any) -> str:
    with pytest.raises(InvalidInput) as caught:
        probe_from_bytes(data)
    text = "".join(traceback.format_exception(caught.value))
    assert "Gabler" not in text
    assert "7777" not in text
    assert caught.value.value is None
    return caught.value.code


def test_an_encoded_person_has_one_form() -> None:
    names = Pseudonyms("00112233aabbccdd", (b"four",), (7,))
    person = EncodedPerson("0" * 64, (names,), gender="F")
    data = (
        b'{"gender":"F","has_family":true,"has_first":true,"parameters":"%s","pseudonyms":'
        b'[{"filters":["Zm91cg=="],"key_id":"00112233aabbccdd","tokens":[7]}]}'
    ) % (b"0" * 64)
    assert probe_to_bytes(person) == data
    assert probe_from_bytes(data) == person


@pytest.mark.parametrize("person", [FULL, BARE], ids=["full", "bare"])
def test_encoded_persons_come_back(person: EncodedPerson) -> None:
    back = probe_from_bytes(written(person))
    assert back == person
    assert (back.has_first, back.has_family) == (person.has_first, person.has_family)


def test_unknown_elements_are_absent() -> None:
    assert json.loads(written(BARE)).keys() == {
        *("has_first", "has_family", "parameters", "pseudonyms")
    }


def test_only_encoded_persons_have_a_wire_form() -> None:
    for other in (Person("Hedda", "Gabler"), Person(birth_date="1984"), "Gabler", None):
        assert probe_to_bytes(other) is None


def test_the_most_names_fit() -> None:
    tokens = tuple(range(2**32 - 10_000, 2**32))
    keys = (Pseudonyms(key * 16, (bytes(128),) * MAX_NAMES, tokens) for key in "01")
    person = EncodedPerson("0" * 64, tuple(keys))
    assert probe_from_bytes(written(person)) == person


def test_more_than_that_is_refused() -> None:
    names = Pseudonyms("0" * 16, (bytes(128),), tuple(range(2**20)))
    with pytest.raises(InvalidInput) as caught:
        probe_to_bytes(EncodedPerson("0" * 64, (names,)))
    assert caught.value.code == "too_large"
    assert code_of(b" " * (MAX_BYTES + 1)) == "bad_person_bytes"


@pytest.mark.parametrize("name", ["first_names", "family_names", "aliases", "names"])
def test_a_name_in_clear_is_refused_as_such(name: str) -> None:
    assert code_of(changed(**{name: ["Gabler"]})) == "clear_text_names"
    assert code_of(json.dumps({name: "Gabler"}).encode()) == "clear_text_names"


@pytest.mark.parametrize(
    "data",
    [
        *(
            b"",
            b"null",
            b"[]",
            b"{}",
            b"\xff",
            b"NaN",
            b"[" * 100_000,
            "{}",
            None,
            bytearray(b"{}"),
        ),
        written(FULL) + b" ",
        b" " + written(FULL),
        json.dumps(json.loads(written(FULL))).encode(),
        written(FULL).replace(b'"gender":"X"', b'"gender":"X","gender":"X"'),
        changed(birth_place="Gabler"),
        *(changed(has_first=value) for value in (1, 0, None, "true")),
        *(changed(gender=value) for value in ("female", "7777", None, 1, ["F"])),
        *(changed(birth_date=value) for value in ("19840229", "1984-00-00", "7777", 1984, "")),
        *(changed(country_of_birth=value) for value in ("nl", "DD", "EL", "ZZ", "", 7, None)),
        *(changed(nationalities=value) for value in (["NL", "BE"], ["NL", "NL"], "NL", [])),
        *(changed(nationalities=value) for value in (["XXA"], ["el"], [7], None, {"NL": 1})),
        *(changed(parameters=value) for value in ("ab", "AB" * 32, None, 7)),
        *(changed(pseudonyms=value) for value in ([], {}, None, [7], ["7777"], [None])),
        changed(pseudonyms=json.loads(written(FULL))["pseudonyms"][:1] * 2),
        *(under(tokens=value) for value in ([True], [1.0], [2, 1], [1, 1], [-1], [2**32], "1")),
        *(under(filters=value) for value in ([], ["7777", "77777777"], ["Zm9="], ["Zm9"], "Zm9v")),
        *(under(filters=value) for value in ([7], ["é"], ["Zm 9v"], None, {"Zm9v": 1})),
        *(under(key_id=value) for value in ("0", "G" * 16, 7, None)),
        under(name="Gabler"),
    ],
)
def test_anything_else_is_refused(data: Any) -> None:
    assert code_of(data) == "bad_person_bytes"


def test_a_reply_holds_no_data_of_a_person() -> None:
    assert item_to_bytes(FULL) == item_to_bytes(Person("Hedda", "Gabler")) == b""
    with pytest.raises(InvalidInput) as caught:
        item_from_bytes(b"")
    assert caught.value.code == "not_exchanged"
