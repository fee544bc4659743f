"""Blocking tokens: which records of one person meet, and which do not."""

from __future__ import annotations

import hmac
import subprocess
import sys
from zlib import crc32

import numpy as np
import pytest

from oracles.police_record.tokens import tokens
from prum_match._native import Hmac, TokenNumbers
from prum_match.errors import InvalidInput
from prum_match.police_record.names.spelled import SpelledNames
from prum_match.police_record.persons.clear_fields import pack_date
from prum_match.police_record.persons.person import Name, Person
from prum_match.police_record.pseudonyms.token_numbers import token_hashes
from prum_match.values.dates import PartialDate

pytestmark = pytest.mark.native

KEY = bytes(range(32))
EVA = Person("Eva", "Gabler", birth_date="1984-02-11")


def meet(one: Person, other: Person, kinds: str = "pndm") -> bool:
    theirs = {*token_hashes([other])[0].tolist()}
    return any(crc32(token.encode()) in theirs for token in tokens(one) if token[0] in kinds)


def test_the_tokens_of_a_person() -> None:
    assert [token[0] for token in tokens(EVA)] == ["d", "m", "n", "n", "p", "p"]
    assert tokens(EVA)[:2] == ("d:1984-02-11", "m:1984-02")
    assert tokens(Person()) == ()


@pytest.mark.parametrize(
    ("other", "kinds"),
    [
        (Person("Ada", "Brack", birth_date="1984-02-11"), "d"),
        (Person("Ada", "Brack", birth_date="1984-11-02"), "d"),
        (Person("Ada", "Brack", birth_date="1984-02"), "m"),
        (Person("Gabler", "Eva", birth_date="1984"), "p"),
        (Person("Gabler", "Eva"), "n"),
        (Person("Eva", "Gabbler"), "n"),
        (Person("Eva", "Brack", birth_date="1984"), "p"),
        (Person("Eva Ada", "Brack-Gabler"), "n"),
        (Person("Ada", "Brack", ["Eva Gabler"]), "n"),
        (Person("Eva", "Brack", Name(family_names="Gabler"), birth_date="1984"), "p"),
    ],
)
def test_similar_persons_share_a_token(other: Person, kinds: str) -> None:
    assert meet(EVA, other, kinds)
    assert meet(other, EVA, kinds)


@pytest.mark.parametrize(
    "other",
    [
        Person("Ada", "Brack", birth_date="1985-02-11"),
        Person("Ada", "Brack"),
        Person("Eva", birth_date="1985"),
        Person(birth_date="1984"),
        Person(),
    ],
)
def test_different_persons_share_no_token(other: Person) -> None:
    assert not meet(EVA, other)


@pytest.mark.parametrize("spelling", ["Mueller", "Muller", "MÜLLER", "Мюллер"])
def test_spellings_meet(spelling: str) -> None:
    assert meet(Person("Eva", "Müller"), Person("Ewa", spelling, birth_date="1984"), "n")


def test_day_and_month_only_change_places_where_both_are_months() -> None:
    assert tokens(Person(birth_date="1984-12-03")) == ("d:1984-03-12", "m:1984-12")
    assert tokens(Person(birth_date="1984-12-13")) == ("d:1984-12-13", "m:1984-12")


def test_an_own_name_without_a_half() -> None:
    assert meet(Person("Eva"), Person("Eva"))
    assert meet(Person(None, "Gabler"), Person("Gabler"))


def test_numbers_are_those_of_the_tokens() -> None:
    persons = [EVA, Person(), Person("Ada", "Brack", ["Eva Gabler", "Zorro"]), EVA]
    hashes, offsets = token_hashes(iter(persons))
    assert (hashes.dtype, offsets.dtype) == (np.uint32, np.int64)
    assert offsets[0] == 0
    assert len(offsets) == len(persons) + 1
    for i, person in enumerate(persons):
        expected = sorted({crc32(token.encode()) for token in tokens(person)})
        assert hashes[offsets[i] : offsets[i + 1]].tolist() == expected


def test_keyed_numbers_that_take_the_places_of_others() -> None:
    # As many as share places; each one is right when it is asked for again.
    days = [
        PartialDate(year, month, day)
        for year in (*range(1800, 1812), *range(2089, 2101))
        for month in range(1, 13)
        for day in range(1, 29)
    ]
    packed = np.array([pack_date(day) for day in days], np.uint32)
    native = TokenNumbers(Hmac(KEY))
    names = SpelledNames.of([[((), ())]] * len(days))
    expected = [sorted(map(keyed, tokens(Person(birth_date=day)))) for day in days]
    for _ in range(2):
        numbers, offsets = names.tokens(native, packed)
        assert [found.tolist() for found in np.split(numbers, offsets[1:-1])] == expected


def keyed(token: str) -> int:
    return int.from_bytes(hmac.digest(KEY, token.encode(), "sha256")[:4], "big")


def test_no_persons_give_no_tokens() -> None:
    hashes, offsets = token_hashes([])
    assert (len(hashes), offsets.tolist()) == (0, [0])


def test_numbers_are_the_same_in_every_process() -> None:
    code = (
        "from prum_match.police_record.persons.person import Person;"
        "from prum_match.police_record.pseudonyms.token_numbers import token_hashes;"
        "print(token_hashes([Person('Eva', 'Gabler', birth_date='1984-02-11')])[0].tolist())"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=True, text=True, timeout=60
    )
    assert ran.stdout.strip() == str(token_hashes([EVA])[0].tolist())


def test_names_that_cannot_be_folded_are_reported() -> None:
    # A glottal stop has no spelling in A-Z.
    for stranger in (Person("Eva", "\u0294"), Person("\u0294", "Gabler")):
        with pytest.raises(InvalidInput) as caught:
            token_hashes([EVA, stranger])
        assert (caught.value.code, caught.value.index) == ("no_romanisation", 1)
