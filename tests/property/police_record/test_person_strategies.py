"""The shipped strategies of persons draw what they document."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis import strategies as st
from hypothesis.errors import NoSuchExample

from prum_match.police_record import Name, Person, check_elements
from prum_match.police_record.linkage.agreement import agreement
from prum_match.police_record.linkage.levels import CountryLevel, DateLevel, NameLevel
from prum_match.police_record.linkage.policy import NATIONAL
from prum_match.testing.strategies import police_record as persons

# Only finding matters here: what was found need not be made small.
SEARCH = settings(
    max_examples=20_000,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
    database=None,
)

PERSONS: dict[str, Callable[[Person], bool]] = {
    "nothing but an alias": lambda p: bool(p.aliases) and not p.first_names and not p.family_names,
    "an alias in one piece": lambda p: any(isinstance(a, str) and " " in a for a in p.aliases),
    "an alias that is told apart": lambda p: any(isinstance(a, Name) for a in p.aliases),
    "no date": lambda p: p.birth_date is None,
    "a year": lambda p: p.birth_date is not None and p.birth_date.month is None,
    "two nationalities": lambda p: len(p.nationalities) == 2,
    "what was changed": lambda p: bool(p.changed),
    "another script": lambda p: not "".join(p.family_names).isascii(),
}
LEVELS: dict[str, set[int]] = {
    "family": set(NameLevel) - {NameLevel.NICKNAME},
    "first": set(NameLevel),
    "date": set(DateLevel),
    "place": {NameLevel.MISSING, NameLevel.DIFFERENT, NameLevel.CLOSE, NameLevel.EXACT},
    **{name: set(CountryLevel) for name in ("country", "nationality", "gender")},
    "exchanged": {False, True},
    "alias": {False, True},
}


@pytest.mark.parametrize("name", PERSONS)
def test_persons(name: str) -> None:
    find(persons.persons(), PERSONS[name], settings=SEARCH)


def test_pairs_agree_in_all_ways() -> None:
    missing = {(name, level) for name, levels in LEVELS.items() for level in levels}

    def is_last(pair: tuple[Person, Person]) -> bool:
        pattern = agreement(*pair, NATIONAL).pattern
        missing.difference_update((name, getattr(pattern, name)) for name in LEVELS)
        return not missing

    with suppress(NoSuchExample):
        find(st.tuples(persons.persons(), persons.persons()), is_last, settings=SEARCH)
    assert not missing


@given(persons.persons(two_elements=True))
def test_queries_between_states(person: Person) -> None:
    check_elements(person)


@given(persons.unusual_names())
def test_unusual_names_are_valid(name: str) -> None:
    assert Person(family_names=name).family_names
