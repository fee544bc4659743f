"""Filters of any persons: what they depend on, and what they do not."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import date
from functools import cache

import numpy as np
from hypothesis import assume, given
from hypothesis import strategies as st

from prum_match.police_record.clear import ClearFields
from prum_match.police_record.encoder import Encoder
from prum_match.police_record.filters import bigrams
from prum_match.police_record.folding import fold_name
from prum_match.police_record.parameters import FIELD_LEVEL, LEGAL, Parameters
from prum_match.police_record.person import Person
from prum_match.police_record.token_numbers import TokenNumbers
from prum_match.police_record.tokens import tokens

PARTS = st.text("ABCDEFGHIJKLMNOPRSTUVWZÄÖÜÅØŁÇÉŞ", min_size=2, max_size=12)
NAMES = st.lists(PARTS, max_size=3)
DAYS = st.none() | st.dates(date(1900, 1, 1), date(2099, 12, 31))
ALIASES = st.lists(st.tuples(PARTS, PARTS), max_size=2)


@st.composite
def persons(draw: st.DrawFn) -> Person:
    first = draw(NAMES)
    family = draw(NAMES if first else st.lists(PARTS, min_size=1, max_size=3))
    return Person(first, family, draw(ALIASES), birth_date=draw(DAYS))


@cache
def encoder(parameters: Parameters, period: str = "1") -> Encoder:
    return Encoder(parameters, lambda p: hashlib.sha256(p.encode()).digest(), period=period)


def bits(person: Person, parameters: Parameters = LEGAL, period: str = "1") -> int:
    filters = encoder(parameters, period).encode_one(person).pseudonyms[0].filters
    return int.from_bytes(filters[0], "little")


def dice(one: int, other: int) -> float:
    return 2 * (one & other).bit_count() / (one.bit_count() + other.bit_count())


@given(persons())
def test_another_key_makes_an_unrelated_filter(person: Person) -> None:
    one, other = bits(person), bits(person, period="2")
    fill = max(one.bit_count(), other.bit_count()) / LEGAL.bits
    assert dice(one, other) < fill + 0.3


@given(persons(), st.randoms())
def test_the_order_of_parts_does_not_matter(person: Person, random: object) -> None:
    # A particle belongs to what follows.
    for parts in (person.first_names, person.family_names):
        assume("particles" not in fold_name(" ".join(parts)).changed)
    turned = Person(
        person.first_names[::-1], person.family_names[::-1], birth_date=person.birth_date
    )
    for parameters in (LEGAL, FIELD_LEVEL):
        assert bits(turned, parameters) == bits(person, parameters)


@given(persons())
def test_as_many_bits_as_the_pieces_set_or_fewer(person: Person) -> None:
    names = (person.first_names, person.family_names)
    pieces = [len(bigrams(fold_name(" ".join(parts)).forms)) for parts in names]
    dates = 4 if person.birth_date else 0
    assert 0 < bits(person).bit_count() <= 15 * sum(pieces) + 40 * dates
    families = bits(person, FIELD_LEVEL) % 2**512
    assert families.bit_count() <= 15 * pieces[1]
    assert (families == 0) == (not person.family_names)


@given(persons())
def test_folded_is_the_exclusive_or_of_the_halves(person: Person) -> None:
    """The places depend on the fingerprint; both encoders get the keys of one of them."""
    open_block = replace(LEGAL, bits=2048, fold=False)
    wide = Encoder(open_block, lambda p: hashlib.sha256(p.encode()).digest())
    wide._keys._fingerprint = LEGAL.fingerprint
    filters = wide.encode_one(person).pseudonyms[0].filters
    whole = int.from_bytes(filters[0], "little")
    assert bits(person) == whole >> 1024 ^ whole % 2**1024


@given(st.lists(persons(), max_size=5))
def test_numbers_of_tokens_are_those_of_the_tokens(some: list[Person]) -> None:
    def number_of(token: str) -> int:
        return int.from_bytes(hashlib.sha256(token.encode()).digest()[:4], "big")

    names = [[(n.first_names, n.family_names) for n in person.names] for person in some]
    numbers, offsets = TokenNumbers(number_of).of(names, ClearFields.of(some).birth_date)
    lists = np.split(numbers, offsets[1:-1]) if some else []
    assert [found.tolist() for found in lists] == [
        sorted({number_of(token) for token in tokens(person)}) for person in some
    ]
