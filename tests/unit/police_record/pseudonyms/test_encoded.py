"""Encoded persons: what they hold and refuse, one and many."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from prum_match.errors import ComparisonMismatch, InvalidInput
from prum_match.police_record.pseudonyms.encoded import EncodedPerson, EncodedPersons, Pseudonyms
from prum_match.values.dates import PartialDate

BLOCK = "ab" * 32
OLD, NEW = "0" * 16, "1" * 16


def person(*keys: str, names: int = 1, **clear: Any) -> EncodedPerson:
    filters = tuple(bytes([i + 1] * 8) for i in range(names))
    return EncodedPerson(BLOCK, tuple(Pseudonyms(key, filters, (3, 5)) for key in keys), **clear)


@pytest.mark.parametrize(
    ("field", "given"),
    [
        ("key_id", ("0" * 15, (b"1",))),
        ("key_id", ("G" * 16, (b"1",))),
        ("key_id", (0, (b"1",))),
        ("filters", (OLD, ())),
        ("filters", (OLD, (b"",))),
        ("filters", (OLD, (b"1", b"22"))),
        ("filters", (OLD, ("1",))),
        ("tokens", (OLD, (b"1",), (2, 1))),
        ("tokens", (OLD, (b"1",), (1, 1))),
        ("tokens", (OLD, (b"1",), (2**32,))),
        ("tokens", (OLD, (b"1",), (-1,))),
    ],
)
def test_invalid_pseudonyms_are_refused(field: str, given: tuple[Any, ...]) -> None:
    with pytest.raises(InvalidInput) as error:
        Pseudonyms(*given)
    assert (error.value.code, error.value.field) == ("bad_encoding", field)


@pytest.mark.parametrize("keys", [(), (OLD, OLD), (OLD, NEW, "2" * 16)])
def test_one_key_or_two(keys: tuple[str, ...]) -> None:
    with pytest.raises(InvalidInput, match="pseudonyms"):
        person(*keys)


def test_both_keys_have_the_same_names() -> None:
    old, new = person(OLD).pseudonyms, person(NEW, names=2).pseudonyms
    with pytest.raises(InvalidInput, match="pseudonyms"):
        EncodedPerson(BLOCK, old + new)


def test_a_second_key() -> None:
    both = person(OLD, gender="F").with_key(person(NEW, gender="F"))
    assert [p.key_id for p in both.pseudonyms] == [OLD, NEW]
    assert both.under(NEW) == both.pseudonyms[1]
    assert both.under("2" * 16) is None


@pytest.mark.parametrize(
    "other",
    [
        person(NEW),
        person(NEW, gender="F", has_first=False),
        person(NEW, gender="F", birth_date=PartialDate(1984)),
        replace(person(NEW, gender="F"), parameters="cd" * 32),
    ],
)
def test_a_second_key_is_of_the_same_person(other: EncodedPerson) -> None:
    with pytest.raises(ComparisonMismatch) as error:
        person(OLD, gender="F").with_key(other)
    assert error.value.code == "other_encoding"


def test_many_and_back() -> None:
    some = [
        person(OLD, birth_date=PartialDate(1984, 2), nationalities=("NL", "DE"), gender="X"),
        person(OLD, names=3, country_of_birth="GR", has_family=False),
        person(OLD, has_first=False),
    ]
    many = EncodedPersons.of(some)
    assert list(many) == some
    assert many[-1] == some[2]
    assert many[1:] == some[1:]
    assert many.name_offsets.tolist() == [0, 1, 4, 5]
    assert many.token_offsets.tolist() == [0, 2, 4, 6]


def test_many_under_the_second_key() -> None:
    both = person(OLD).with_key(person(NEW))
    assert EncodedPersons.of([both]).key_id == OLD
    assert list(EncodedPersons.of([both], NEW)) == [person(NEW)]


@pytest.mark.parametrize(
    ("other", "code"),
    [
        (person(NEW), "other_key"),
        (replace(person(OLD), parameters="cd" * 32), "other_encoding"),
        (EncodedPerson(BLOCK, (Pseudonyms(OLD, (b"1",)),)), "other_encoding"),
    ],
)
def test_many_are_of_one_key_and_block(other: EncodedPerson, code: str) -> None:
    with pytest.raises(ComparisonMismatch) as error:
        EncodedPersons.of([person(OLD), other])
    assert (error.value.code, error.value.index) == (code, 1)


def test_an_empty_list_of_encodings_is_refused() -> None:
    with pytest.raises(InvalidInput, match="one or more"):
        EncodedPersons.of([])


def test_reprs_do_not_show_personal_data() -> None:
    shown = person(OLD, birth_date=PartialDate(1984), nationalities=("NL",), gender="F")
    for text in (repr(shown), repr(shown.pseudonyms[0]), repr(EncodedPersons.of([shown]))):
        assert not any(word in text for word in ("1984", "NL", "'F'", "\\x01"))
    assert np.array_equal(EncodedPersons.of([shown]).filters, np.ones((1, 8)))
