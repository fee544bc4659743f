"""Families of persons for the gallery suite, in clear and as pseudonyms, and their judges."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from functools import cache

import numpy as np

from oracles.police_record import levels as oracle
from oracles.police_record import search as searches
from prum_match.police_record import (
    FIELD_PARAMETERS,
    LEGAL_PARAMETERS,
    NATIONAL,
    EncodedPerson,
    Encoder,
    Name,
    Parameters,
    Person,
)
from prum_match.police_record.names.nicknames import ENGLISH
from prum_match.police_record.persons.clear_fields import HasClearFields
from support.police_record.persons import oracle_weights, subject

_WEIGHTS = oracle_weights(NATIONAL.model.weights())
_LETTERS = ("bdfgklmnprstvz", "aeiou" * 4 + "öü")
_FIRST_DAY = date(1930, 1, 1)
_LEAST_DICE = Fraction(3, 4)
PSEUDONYMS = {
    "field": FIELD_PARAMETERS,
    "record": replace(LEGAL_PARAMETERS, thresholds=(float(_LEAST_DICE),)),
}
"""Of one filter a name, the default takes many for one who have but a birth date in common."""

_COUNTRIES = (None, "DE", "FR", "GR", "PL", "YU")


def word(n: int, *seed: int) -> str:
    """Invent a name of n syllables."""
    random = np.random.default_rng(seed)
    pairs = zip(*(random.choice(list(letters), n) for letters in _LETTERS), strict=True)
    return "".join(a + b for a, b in pairs).capitalize()


@cache
def person(family: int, variant: int = 0) -> Person:
    """Variant 1 has a wrong letter in the family name; 2 also has a less exact birth date."""
    if variant == 3:
        return person(100_000 + family)
    name = word(7, family, 1)
    if variant:
        name = name[:6] + "x" + name[7:]
    # No two families are born on one day.
    born = _FIRST_DAY + timedelta(days=family * 61 % 27_000)
    no_day = family % 7 == 3
    known = {0: 10, 1: 10, 2: 7}[variant] - 3 * no_day
    firsts = [word(4, family, 2), word(3, family, 3)][: 1 + family % 2]
    return Person(
        [] if family % 5 == 4 and not no_day else firsts,
        f"van der {name}" if family % 6 == 1 else name,
        _aliases(family, variant),
        birth_date=born.isoformat()[:known],
        birth_place=word(4, family, 4) if family % 3 else None,
        country_of_birth=_COUNTRIES[family % 6],
        nationalities=[code for code in _COUNTRIES[family % 6 : family % 6 + 2] if code],
        gender=(None, "F", "M", "X")[family % 4],
    )


def _aliases(family: int, variant: int) -> list[Name | str]:
    first, other = word(3, family, variant, 5), word(5, family, variant, 6)
    return [[], [Name(first, other)], [f"{first} {other}"], [first, Name(None, other)]][family % 4]


@cache
def encoder(parameters: Parameters, period: str = "1") -> Encoder:
    """Return an encoder with a key of its period."""
    return Encoder(parameters, lambda p: hashlib.sha256(p.encode()).digest(), period=period)


@cache
def encoded(parameters: Parameters, family: int, variant: int = 0) -> EncodedPerson:
    """Encode a person; every third has pseudonyms under the key of the next period as well."""
    one = person(family, variant)
    found = encoder(parameters).encode_one(one)
    if family % 3:
        return found
    return found.with_key(encoder(parameters, "2").encode_one(one))


def by_field(family: int, variant: int = 0) -> EncodedPerson:
    return encoded(PSEUDONYMS["field"], family, variant)


def by_record(family: int, variant: int = 0) -> EncodedPerson:
    return encoded(PSEUDONYMS["record"], family, variant)


@cache
def judge(probe: Person, reference: Person) -> tuple[int] | None:
    """Weigh two persons in clear."""
    found = oracle.agreement(subject(probe), subject(reference), _WEIGHTS, ENGLISH.of)
    return (-found.weight,) if found.weight >= NATIONAL.least else None


@cache
def judge_by_field(probe: EncodedPerson, reference: EncodedPerson) -> tuple[int] | None:
    """Weigh two persons by filters of their names."""
    found = searches.field_agreement(filters(probe), filters(reference), _WEIGHTS)
    return (-found.weight,) if found.weight >= NATIONAL.least else None


@cache
def judge_by_record(probe: EncodedPerson, reference: EncodedPerson) -> tuple[Fraction] | None:
    """Compare two persons by one filter for each name."""
    score = searches.record_score(filters(probe), filters(reference))
    return (-score,) if score >= _LEAST_DICE else None


def filters(one: EncodedPerson, period: str = "1") -> searches.Filters:
    """Return a person in the oracle's form, under the key of a period."""
    key_id = {encoder(block, period).key_id for block in PSEUDONYMS.values()}
    (names,) = (each for each in one.pseudonyms if each.key_id in key_id)
    return searches.Filters(names.filters, subject(_clear(one)))


def _clear(one: HasClearFields) -> Person:
    return Person(
        birth_date=one.birth_date,
        country_of_birth=one.country_of_birth,
        nationalities=one.nationalities,
        gender=one.gender,
    )
