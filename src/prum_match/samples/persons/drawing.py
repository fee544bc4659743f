"""Columns of a block of persons, drawn from a fixed number of chances for each person."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from prum_match.samples.persons.lexicon import Lexicon, lexicon, locales
from prum_match.samples.persons.urns import Floats, Numbers, Urns

BLOCK = 1 << 16
CHANCES = 29
NONE = -1
"""Missing value in a column of numbers."""

YEARS = range(1930, 2011)

ALIAS_KINDS = ("family", "first", "name", "undivided")
"""A previous family name, another first name, another name, and one in a single text."""
_ALIAS_SHARES = (0.45, 0.2, 0.25, 0.1)
_FIRST_ALIAS, _SECOND_ALIAS = 0.12, 0.03

_UNKNOWN_GENDER, _THIRD_GENDER = 0.013, 0.002
_AT_HOME, _CITIZEN, _DUAL = 0.8, 0.85, 0.04
_NO_COUNTRY, _NO_NATIONALITY, _NO_PLACE = 0.03, 0.02, 0.1
# Registers put 1 January for a day that they do not know.
_PLACEHOLDER, _YEAR_ONLY, _MONTH_ONLY = 0.01, 0.006, 0.003

Columns: TypeAlias = dict[str, NDArray[Any]]


def draw(random: np.random.Generator, rows: int) -> Columns:
    """Return the columns of a block; the first rows are those of any longer one.

    ``aliases`` has a row for each alias: its kind, first name and family name.
    """
    chance = iter(random.random((CHANCES, BLOCK))[:, :rows])
    words, shares = lexicon(), _shares()
    locale = shares["locale"].draw(0, next(chance))
    sex = (next(chance) < 0.5).astype(np.int32)
    urn = 2 * locale + sex
    country = _countries_of_locales()[locale]
    names = {
        "first": _pair(words.first, urn, _column("second_given")[locale], chance),
        "family": _pair(words.family, urn, _column("double_family")[locale], chance),
    }
    return {
        "locale": locale.astype(np.uint8),
        **names,
        "birth_date": _dates(chance),
        "gender": _gender(sex, next(chance)),
        **_origin(words, country, chance),
        **_aliases(words, urn, chance),
    }


@cache
def _shares() -> dict[str, Urns]:
    """Return the urns for everything but names."""
    place_of = {code: i for i, code in enumerate(lexicon().countries)}
    people = [0.0] * len(place_of)
    for locale in locales():
        people[place_of[locale.country]] += locale.people
    # Police records hold few of the very old and of the very young.
    years = [min(year - 1925, 60, 3 * (2011 - year)) for year in YEARS]
    return {
        "locale": _urn([locale.people for locale in locales()]),
        "country": _urn(people),
        "year": _urn(years),
        "alias": _urn(_ALIAS_SHARES),
    }


def _urn(weights: Any) -> Urns:
    return Urns.of([(range(len(weights)), weights)])


@cache
def _countries_of_locales() -> Numbers:
    return np.array([lexicon().countries.index(each.country) for each in locales()], np.int32)


@cache
def _column(name: str) -> Floats:
    return np.array([getattr(locale, name) for locale in locales()])


def _pair(urns: Urns, urn: Numbers, share: Any, chance: Iterator[Floats]) -> Numbers:
    """Return a name, and a second one where it differs."""
    one, two = urns.draw(urn, next(chance)), urns.draw(urn, next(chance))
    two[(next(chance) >= share) | (one == two)] = NONE
    return np.stack([one, two], axis=1)


# The day of the year on which each month begins, in other years and in leap years.
_MONTHS = np.array([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
_BEGIN = np.cumsum(np.stack([_MONTHS, _MONTHS + (np.arange(12) == 1)]), axis=1) - _MONTHS
_BEGIN[1, 1] = 31


def _dates(chance: Iterator[Floats]) -> NDArray[np.uint32]:
    """Return dates as ``(year * 13 + month) * 32 + day``, 0 for unknown parts."""
    year = _shares()["year"].draw(0, next(chance)).astype(np.int64) + YEARS[0]
    leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    day_of_year = (next(chance) * (365 + leap)).astype(np.int64)
    month = (day_of_year[:, None] >= _BEGIN[leap.astype(int)]).sum(axis=1)
    day = day_of_year - _BEGIN[leap.astype(int), month - 1] + 1
    quality = next(chance)
    placeholder = quality < _PLACEHOLDER
    month[placeholder] = day[placeholder] = 1
    year_only = quality >= 1 - _YEAR_ONLY
    month_only = quality >= 1 - _YEAR_ONLY - _MONTH_ONLY
    month[year_only] = 0
    day[month_only] = 0
    packed: NDArray[np.uint32] = ((year * 13 + month) * 32 + day).astype(np.uint32)
    return packed


def _gender(sex: Numbers, chance: Floats) -> NDArray[np.uint8]:
    """Return genders as numbers of `GENDERS`."""
    gender = (sex + 1).astype(np.uint8)
    gender[chance < _THIRD_GENDER] = 3
    gender[chance >= 1 - _UNKNOWN_GENDER] = 0
    return gender


def _origin(words: Lexicon, country: Numbers, chance: Iterator[Floats]) -> Columns:
    """Return the country and place of birth, and one or two nationalities."""
    any_country = _shares()["country"].draw
    born, citizen = any_country(0, next(chance)), any_country(0, next(chance))
    second = any_country(0, next(chance))
    born = np.where(next(chance) < _AT_HOME, country, born)
    citizen = np.where(next(chance) < _CITIZEN, country, citizen)
    second[(next(chance) >= _DUAL) | (second == citizen)] = NONE
    place = words.place.draw(born, next(chance))
    place[next(chance) < _NO_PLACE] = NONE
    unknown = next(chance)
    born[unknown < _NO_COUNTRY] = NONE
    stateless = unknown >= 1 - _NO_NATIONALITY
    citizen[stateless] = second[stateless] = NONE
    return {
        "birth_country": born.astype(np.int8),
        "nationalities": np.stack([citizen, second], axis=1).astype(np.int8),
        "birth_place": place.astype(np.int16),
    }


def _aliases(words: Lexicon, urn: Numbers, chance: Iterator[Floats]) -> Columns:
    found = []
    for share in (_FIRST_ALIAS, _SECOND_ALIAS):
        there = np.flatnonzero(next(chance) < share)
        kind = _shares()["alias"].draw(0, next(chance)[there])
        first = words.first.draw(urn[there], next(chance)[there])
        family = words.family.draw(urn[there], next(chance)[there])
        first[kind == ALIAS_KINDS.index("family")] = NONE
        family[kind == ALIAS_KINDS.index("first")] = NONE
        found.append(np.stack([there.astype(np.int32), kind, first, family], axis=1))
    both = np.concatenate(found)
    both = both[np.argsort(both[:, 0], kind="stable")]
    return {"alias_of": both[:, 0].copy(), "aliases": both[:, 1:]}
