"""Laws of the oracle for any two persons, and of any linkage model."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from oracles.police_record import levels as oracle
from oracles.police_record.search import dice
from prum_match.police_record.linkage.em import expectation_maximisation
from prum_match.police_record.linkage.levels import DateLevel, NameLevel
from prum_match.police_record.linkage.model import START, LinkageModel
from prum_match.police_record.linkage.patterns import (
    LEVELS,
    PATTERNS,
    code_of,
    levels_of,
    pattern_of,
)
from prum_match.police_record.names.nicknames import ENGLISH
from prum_match.police_record.persons.person import Person
from support.police_record.persons import oracle_weights, subject

PLAIN = [
    *("Anna", "Ana", "Hanna", "Bob", "Robert", "Müller", "Mueller", "Muller", "Мюллер"),
    *("Berg", "Bergmann", "Lopez", "López"),
]
# A particle belongs to what it stands before: with it, order says something.
PARTS = [*PLAIN, "van"]
DATES = ["1984", "1984-02", "1984-02-01", "1984-01-02", "1984-01-01", "1985-02-01"]
WEIGHTS = oracle_weights(START.weights())

texts = st.lists(st.sampled_from(PARTS), max_size=3).map(" ".join)
dates = st.sampled_from([None, *DATES])
persons = st.builds(
    Person,
    texts,
    texts,
    st.lists(texts, max_size=2),
    birth_date=dates,
    birth_place=st.sampled_from([None, "Bergen", "Bremen"]),
    nationalities=st.lists(st.sampled_from(["DE", "FR", "IT"]), max_size=2),
    gender=st.sampled_from([None, "F", "M"]),
)


def compared(a: Person, b: Person) -> oracle.Agreement:
    return oracle.agreement(subject(a), subject(b), WEIGHTS, ENGLISH.of)


@given(persons, persons)
def test_weights_are_the_same_in_both_directions(a: Person, b: Person) -> None:
    assert compared(a, b).weight == compared(b, a).weight


@given(persons, persons)
def test_patterns_without_aliases_are_the_same_in_both_directions(a: Person, b: Person) -> None:
    a, b = _changed(a, aliases=()), _changed(b, aliases=())
    assert compared(a, b) == compared(b, a)


@given(persons, persons, texts)
def test_an_alias_never_lowers_a_weight(a: Person, b: Person, alias: str) -> None:
    more = _changed(a, aliases=(*a.aliases, alias))
    assert compared(more, b).weight >= compared(a, b).weight


@given(st.lists(st.sampled_from(PLAIN), min_size=1, max_size=4), persons, st.data())
def test_the_order_of_parts_does_not_matter(
    parts: list[str], b: Person, data: st.DataObject
) -> None:
    shuffled = data.draw(st.permutations(parts))
    assert compared(Person(shuffled, parts), b) == compared(Person(parts, shuffled), b)


@given(persons)
def test_a_person_agrees_with_itself(person: Person) -> None:
    pattern = pattern_of(compared(person, person).code)
    assert {pattern.family, pattern.first} <= {NameLevel.MISSING, NameLevel.EXACT}
    assert pattern.date != DateLevel.DIFFERENT
    assert not pattern.exchanged


@given(persons, persons)
def test_weights_of_a_pattern_equal_the_oracle(a: Person, b: Person) -> None:
    found = compared(a, b)
    assert code_of(pattern_of(found.code)) == found.code
    assert START.weights().of([found.code])[0] == found.weight


@given(st.binary(min_size=8, max_size=8), st.binary(min_size=8, max_size=8))
def test_dice_is_symmetric(a: bytes, b: bytes) -> None:
    assert 0 <= dice(a, b) == dice(b, a) <= 1
    assert (dice(a, b) == 1) == (a == b and any(a))


@st.composite
def models(draw: st.DrawFn) -> LinkageModel:
    def rates() -> dict[str, tuple[float, ...]]:
        found = {}
        for name, n in LEVELS.items():
            parts = np.array(draw(st.lists(st.integers(1, 10**6), min_size=n - 1, max_size=n - 1)))
            found[name] = (0.0, *(parts / parts.sum()).tolist())
        return found

    prior = draw(st.floats(1e-12, 1 - 1e-9))
    return replace(START, m=rates(), u=rates(), prior=prior, name=draw(st.sampled_from("aä")))


@given(models())
def test_a_model_is_read_back_from_its_file(model: LinkageModel) -> None:
    assert LinkageModel.from_json(model.to_json()) == model
    assert model.weights().alias <= 0


@given(models(), st.integers(-(2**20), 2**20))
def test_the_probability_never_falls_with_the_weight(model: LinkageModel, weight: int) -> None:
    less, more = model.probability([weight, weight + 1])
    assert 0 <= less <= more <= 1


@given(
    st.dictionaries(st.integers(0, PATTERNS - 1), st.integers(1, 10**9), min_size=1, max_size=30),
    st.floats(0.1, 1e8),
)
def test_the_likelihood_never_falls(patterns: dict[int, int], most: float) -> None:
    counts = np.array(list(patterns.values()))
    found = expectation_maximisation(
        levels_of(list(patterns)),
        counts,
        start=START,
        most=most,
        max_iterations=50,
    )
    history = np.array(found.objectives)
    assert np.isfinite(history).all()
    assert found.matches <= most * (1 + 1e-9)
    assert np.diff(history).min(initial=0.0) >= -1e-9 * abs(history).max()
    for shares in (*found.m.values(), *found.u.values()):
        assert shares.sum() == pytest.approx(1)


def _changed(person: Person, **changes: Any) -> Person:
    """Return a person with other elements."""
    known = (
        "first_names",
        "family_names",
        "aliases",
        "birth_date",
        "birth_place",
        "country_of_birth",
        "nationalities",
        "gender",
    )
    return Person(**{**{name: getattr(person, name) for name in known}, **changes})
