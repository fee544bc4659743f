"""A search of names in clear equals comparing every person.

The tests cover vocabularies, coarse weights, lanes, segments and limits. Many persons agree equally
well, and many by an alias.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache, partial

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from oracles.police_record import levels as oracle
from oracles.police_record.tokens import tokens
from prum_match import Eligible
from prum_match.police_record import Gallery, LinkagePolicy
from prum_match.police_record.linkage.model import START
from prum_match.police_record.linkage.weights import UNIT
from prum_match.police_record.names.nicknames import ENGLISH, Nicknames
from prum_match.police_record.persons.person import Person
from support.examples import examples
from support.police_record.persons import Comparisons, oracle_weights, subject
from support.police_record.registers import (
    LABELS,
    Agree,
    People,
    Register,
    drawn_frequencies,
    few,
    one_of,
    rarities,
    read,
    searched,
)
from support.police_record.spelled import drawn_weights, model_of

pytestmark = pytest.mark.native

KINDS = ("any", "most", "few", "equal", "round", "start")
NICKNAMES = (None, ENGLISH, Nicknames([("Anna", "Bob"), ("Jean", "Jean Pierre")]))

searching = settings(max_examples=examples(30), suppress_health_check=[HealthCheck.too_slow])
registers = st.builds(
    Register,
    st.integers(0, 2**32),
    st.sampled_from((1, 7, 60, 300, 1200)),
    st.sampled_from((0, 2, 10)),
)


@cache
def comparisons(nicknames: Nicknames | None) -> Comparisons:
    return Comparisons(oracle.nobody if nicknames is None else nicknames.of)


def agreement_by(policy: LinkagePolicy) -> Agree:
    compare = comparisons(policy.nicknames).agreement
    weights = oracle_weights(policy.model.weights())
    family, first = rarities(policy)
    return lambda a, b: compare(a, b, weights, cache(family), cache(first))


def drawn_policy(random: np.random.Generator, people: People, kind: str) -> LinkagePolicy:
    model = START if kind == "start" else model_of(drawn_weights(random, kind))
    return LinkagePolicy(
        model=model,
        nicknames=one_of(random, NICKNAMES),
        frequencies=drawn_frequencies(random, people) if random.random() < 0.5 else None,
    )


def drawn_probes(register: Register, n: int) -> list[Person]:
    """Draw persons of the register, strangers, and one with more names than lanes."""
    people = register.people
    known = few(register.random, list(register.persons.values()), n)
    many = Person("Anna", "Berg", [people.alias() for _ in range(40)], birth_date="1984-02-01")
    return [*known, *(people.person() for _ in range(n)), many]


def at(policy: LinkagePolicy, least: int) -> LinkagePolicy:
    return replace(policy, threshold=least / UNIT)


@searching
@given(registers, st.sampled_from(KINDS))
def test_all_candidates(register: Register, kind: str) -> None:
    random = register.random
    policy = drawn_policy(random, register.people, kind)
    probes = drawn_probes(register, 3)
    expected = [register.expected(probe, agreement_by(policy)) for probe in probes]
    reached = sorted({entry[0] for entries in expected for entry in entries})
    # What is reached exactly by somebody, and one more; what everybody reaches.
    leasts = {int(one_of(random, reached)) + more for more in (0, 0, 1)}
    for least in {reached[0], *leasts, reached[-1], reached[-1] + 1}:
        wanted = [[entry for entry in entries if entry[0] >= least] for entries in expected]
        for fuse in (False, True):
            answers = searched(register.gallery, probes, at(policy, least), fuse_subjects=fuse)
            for answer, entries in zip(answers, wanted, strict=True):
                assert read(answer) == (register.fused(entries) if fuse else entries)
                assert not answer.truncated


@searching
@given(registers, st.sampled_from(KINDS), st.integers(0, 30))
def test_limits_and_labels(register: Register, kind: str, limit: int) -> None:
    random = register.random
    policy = drawn_policy(random, register.people, kind)
    probes = drawn_probes(register, 2)
    label = one_of(random, (None, *LABELS))
    eligible = None if label is None else Eligible(labels={label})
    fuse, count = bool(random.integers(2)), bool(random.integers(2))
    for_all = partial(searched, register.gallery, probes, eligible=eligible, fuse_subjects=fuse)
    expected = []
    for probe in probes:
        entries = register.expected(probe, agreement_by(policy))
        entries = [e for e in entries if label is None or register.labels[e[1]] == label]
        expected.append(register.fused(entries) if fuse else entries)
    reached = sorted({entry[0] for entries in expected for entry in entries}) or [0]
    least = int(one_of(random, reached))
    wanted = [[entry for entry in entries if entry[0] >= least] for entries in expected]
    limit = max(1, limit)
    answers = for_all(at(policy, least), limit=limit, count_all=count)
    for answer, entries in zip(answers, wanted, strict=True):
        assert read(answer) == entries[:limit]
        assert answer.truncated == (len(entries) > limit)
        if count:
            assert answer.n_found == len(entries)


@searching
@given(registers, st.sampled_from(KINDS))
def test_persons_without_a_shared_token_are_left_out(register: Register, kind: str) -> None:
    policy = drawn_policy(register.random, register.people, kind)
    probes = drawn_probes(register, 3)
    shared = {name: {*tokens(person)} for name, person in register.persons.items()}
    expected = []
    for probe in probes:
        mine = {*tokens(probe)}
        entries = register.expected(probe, agreement_by(policy))
        expected.append([entry for entry in entries if mine & shared[entry[1]]])
    reached = sorted({entry[0] for entries in expected for entry in entries}) or [0]
    for least in (reached[0], int(one_of(register.random, reached)), reached[-1]):
        by_tokens = replace(at(policy, least), by_tokens=True)
        answers = searched(register.gallery, probes, by_tokens, fuse_subjects=False)
        for answer, entries in zip(answers, expected, strict=True):
            assert read(answer) == [entry for entry in entries if entry[0] >= least]


@searching
@given(registers, st.sampled_from(KINDS))
def test_explanations_agree_with_the_search(register: Register, kind: str) -> None:
    """Frequencies are included: one name of a person is rarer than another."""
    policy = drawn_policy(register.random, register.people, kind)
    probes = drawn_probes(register, 2)
    for answer in register.gallery.search_many(probes, policy=at(policy, -(10**9)), limit=5):
        weights = answer.columns["score"] * UNIT
        for candidate, weight, code in zip(answer, weights, answer._rows.detail, strict=True):
            said = candidate.explain()
            assert said.weight == weight
            assert repr(int(code)) in repr(said)
            assert said.match_quality == candidate.match_quality
            assert said.probability == pytest.approx(candidate.probability, abs=0)


@searching
@given(registers, st.data())
def test_answers_do_not_depend_on_the_other_probes(register: Register, data: st.DataObject) -> None:
    """They do not depend on the numbers of their names either, although probes share lanes."""
    policy = LinkagePolicy(threshold=data.draw(st.sampled_from((-50, 0, 5, 12))))
    people = register.people
    probes = [people.person() for _ in range(data.draw(st.integers(1, 40)))]
    order = data.draw(st.permutations(range(len(probes))))
    limit = data.draw(st.sampled_from((None, 1, 4)))
    together = searched(register.gallery, [probes[i] for i in order], policy, limit=limit)
    for i, answer in zip(order, together, strict=True):
        assert read(answer) == read(register.gallery.search(probes[i], policy=policy, limit=limit))


@pytest.mark.parametrize("kind", KINDS)
def test_more_rows_than_one_block(kind: str) -> None:
    random = np.random.default_rng(3)
    people = People(random, 2)
    kinds = [people.person() for _ in range(150)]
    rows = [int(row) for row in random.integers(len(kinds), size=33_000)]
    gallery = Gallery()
    gallery.enrol([f"R{i:05}" for i in range(len(rows))], [kinds[row] for row in rows])
    policy = drawn_policy(random, people, kind)
    probes, agree = [people.person() for _ in range(5)], agreement_by(policy)
    for probe in probes:
        found = [agree(subject(probe), subject(other)) for other in kinds]
        least = sorted(each.weight for each in found)[-4]
        entries = [
            (found[row].weight, f"R{i:05}", found[row].code)
            for i, row in enumerate(rows)
            if found[row].weight >= least
        ]
        entries.sort(key=lambda entry: (-entry[0], entry[1]))
        for limit in (None, 300):
            (answer,) = searched(gallery, [probe], at(policy, least), limit=limit)
            assert read(answer) == entries[:limit]
