"""Filters and tokens of any persons equal the rule; keys matter, the order of parts does not."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import date
from functools import cache
from zlib import crc32

import numpy as np
from hypothesis import assume, given
from hypothesis import strategies as st

from oracles.police_record.filters import bigrams, filters
from oracles.police_record.tokens import tokens
from prum_match._native import Hmac, TokenNumbers
from prum_match.police_record.names.folding import fold_name
from prum_match.police_record.names.spelled import SpelledNames
from prum_match.police_record.persons.clear_fields import ClearFields
from prum_match.police_record.persons.person import Person
from prum_match.police_record.pseudonyms.encoder import Encoder
from prum_match.police_record.pseudonyms.keys import hkdf
from prum_match.police_record.pseudonyms.parameters import (
    FIELD_PARAMETERS,
    LEGAL_PARAMETERS,
    Parameters,
)

KEY = bytes(range(32))
PARTS = st.text("ABCDEFGHIJKLMNOPRSTUVWZÄÖÜÅØŁÇÉŞ", min_size=2, max_size=12)
ODD_PARTS = st.sampled_from(
    ["Müller", "Nováková", "Schwarz-Szczepański", "d'Arc", "Юлия", "Γιάννης", "Abdul", "X Æ A-12"]
)
DAYS = (
    st.none()
    | st.dates(date(1900, 1, 1), date(2099, 12, 31))
    | st.sampled_from(["1984", "1984-02", "1800-12-01"])
)


@st.composite
def persons(draw: st.DrawFn, parts: st.SearchStrategy[str] = PARTS) -> Person:
    first = draw(st.lists(parts, max_size=3))
    family = draw(st.lists(parts, min_size=not first, max_size=3))
    aliases = draw(st.lists(st.tuples(parts, parts), max_size=2))
    place = draw(st.none() | parts)
    return Person(first, family, aliases, birth_date=draw(DAYS), birth_place=place)


ANYBODY = persons(PARTS | ODD_PARTS)


@cache
def encoder(parameters: Parameters, period: str = "1") -> Encoder:
    return Encoder(parameters, lambda p: hashlib.sha256(p.encode()).digest(), period=period)


def bits(person: Person, parameters: Parameters = LEGAL_PARAMETERS, period: str = "1") -> int:
    filters = encoder(parameters, period).encode_one(person).pseudonyms[0].filters
    return int.from_bytes(filters[0], "little")


def dice(one: int, other: int) -> float:
    return 2 * (one & other).bit_count() / (one.bit_count() + other.bit_count())


@given(persons())
def test_another_key_makes_an_unrelated_filter(person: Person) -> None:
    one, other = bits(person), bits(person, period="2")
    fill = max(one.bit_count(), other.bit_count()) / LEGAL_PARAMETERS.bits
    assert dice(one, other) < fill + 0.3


@given(persons(), st.randoms())
def test_the_order_of_parts_does_not_matter(person: Person, random: object) -> None:
    # A particle belongs to what follows, and Mac, which is one behind a name, is part of it.
    for parts in (person.first_names, person.family_names):
        for order in (parts, parts[::-1]):
            assume("particles" not in fold_name(" ".join(order)).changed)
    turned = Person(
        person.first_names[::-1], person.family_names[::-1], birth_date=person.birth_date
    )
    for parameters in (LEGAL_PARAMETERS, FIELD_PARAMETERS):
        assert bits(turned, parameters) == bits(person, parameters)


@given(persons())
def test_a_filter_has_at_most_the_bits_of_its_pieces(person: Person) -> None:
    names = (person.first_names, person.family_names)
    pieces = [len(bigrams(fold_name(" ".join(parts)).forms)) for parts in names]
    dates = 4 if person.birth_date else 0
    assert 0 < bits(person).bit_count() <= 15 * sum(pieces) + 40 * dates
    families = bits(person, FIELD_PARAMETERS) % 2**512
    assert families.bit_count() <= 15 * pieces[1]
    assert (families == 0) == (not person.family_names)


@given(st.lists(ANYBODY, max_size=5))
def test_token_numbers_equal_the_oracle(some: list[Person]) -> None:
    def keyed(token: str) -> int:
        return int.from_bytes(hmac.digest(KEY, token.encode(), "sha256")[:4], "big")

    names = [[(n.first_names, n.family_names) for n in person.names] for person in some]
    spelled, dates = SpelledNames.of(names), ClearFields.of(some).birth_date
    for native, number in ((TokenNumbers(Hmac(KEY)), keyed), (TokenNumbers(None), crc)):
        # What was kept is as good as what is made.
        for _ in range(2):
            numbers, offsets = spelled.tokens(native, dates)
            lists = np.split(numbers, offsets[1:-1]) if some else []
            assert [found.tolist() for found in lists] == [
                sorted({number(token) for token in tokens(person)}) for person in some
            ]
        native.forget()


BLOCKS = st.builds(
    Parameters,
    bits=st.sampled_from([256, 1024, 2048]),
    fold=st.booleans(),
    first_names=st.integers(1, 30),
    family_names=st.integers(1, 30),
    birth_date=st.integers(0, 64),
    birth_place=st.integers(0, 30),
) | st.builds(
    Parameters,
    scheme=st.just("field"),
    bits=st.sampled_from([256, 1024, 4096]),
    fold=st.booleans(),
    first_names=st.integers(1, 64),
    family_names=st.integers(1, 64),
    birth_date=st.just(0),
    thresholds=st.just((0.8, 0.6, 0.5)),
)


@given(BLOCKS, st.lists(ANYBODY, min_size=1, max_size=4))
def test_filters_equal_the_rule(parameters: Parameters, some: list[Person]) -> None:
    with Encoder(parameters, lambda period: KEY) as made:
        for _ in range(2):
            encoded = made.encode(some)
            expected = [f for p in some for f in filters(p, parameters, digest_of(made))]
            assert [row.tobytes() for row in encoded.filters] == expected


def digest_of(made: Encoder) -> Callable[[str, bytes], bytes]:
    def digest(field: str, message: bytes) -> bytes:
        info = ["prum_match.police_record", 1, made.fingerprint, field, made.period]
        key = hkdf(KEY, json.dumps(info).encode(), 32)
        return hmac.digest(key, message, "sha256")

    return digest


def crc(token: str) -> int:
    return crc32(token.encode())
