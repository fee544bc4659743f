"""The shipped strategies of persons draw what they promise."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, Phase, find, given, settings

from prum_match.police_record import Name, Person, check_elements
from prum_match.police_record.linkage.agreement import agreement
from prum_match.police_record.linkage.levels import CountryLevel, DateLevel, NameLevel
from prum_match.police_record.linkage.policy import NATIONAL
from prum_match.testing.strategies import police_record as persons

# Only finding matters here: what was found need not be made small.
SEARCH = settings(
    max_examples=1000,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
    database=None,
    derandomize=True,
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
    seen: dict[str, set[int]] = {name: set() for name in LEVELS}

    @settings(SEARCH, max_examples=1500)
    @given(persons.persons(), persons.persons())
    def compare(one: Person, other: Person) -> None:
        pattern = agreement(one, other, NATIONAL).pattern
        for name, levels in seen.items():
            levels.add(getattr(pattern, name))

    compare()
    missing = {name: wanted - seen[name] for name, wanted in LEVELS.items()}
    assert not any(missing.values()), missing


@given(persons.persons(two_elements=True))
def test_queries_between_states(person: Person) -> None:
    check_elements(person)


@given(persons.unusual_names())
def test_unusual_names_are_names(name: str) -> None:
    assert Person(family_names=name).family_names
