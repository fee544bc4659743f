"""Counts of patterns and links of registers equal comparing all pairs; probes may share lanes."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from oracles.police_record import search as oracle
from prum_match.police_record import EncodedPersons, FellegiSunter
from prum_match.police_record.linkage import pairs
from prum_match.police_record.names.nicknames import ENGLISH
from support.dna import TIERS, tier
from support.examples import examples
from support.police_record.persons import PlainPairs, oracle_weights
from support.police_record.pseudonyms import PseudonymRegister, filters_of
from support.police_record.registers import People
from support.police_record.spelled import drawn_weights

pytestmark = pytest.mark.native

searching = settings(max_examples=examples(25), suppress_health_check=[HealthCheck.too_slow])
seeds = st.integers(0, 2**32)
kinds = st.sampled_from(("any", "most", "few", "equal"))


def rarities(random: np.random.Generator, found: Any) -> dict[str, Any]:
    return {
        component: random.integers(-70, 70, len(found.names(component)[0])).astype(np.int32) * 900
        for component in ("family", "first")
    }


@searching
@given(seeds, kinds, st.integers(0, 12), st.booleans())
def test_persons_in_clear(seed: int, kind: str, most_aliases: int, same: bool) -> None:
    random = np.random.default_rng(seed)
    people = People(random, most_aliases)
    left = [people.person() for _ in range(12)]
    right = None if same else [people.person() for _ in range(17)]
    weights = drawn_weights(random, kind)
    plain = PlainPairs(left, right, ENGLISH)
    rarity = rarities(random, plain)
    everybody = plain.link(weights, -(10**9), rarity)
    some = np.sort(random.choice(12, 5, replace=False))
    for name in TIERS:
        with tier(name):
            compared = pairs.compare(left, right, ENGLISH)
            assert compared.n_pairs == plain.n_pairs
            for component in ("family", "first"):
                names, counts = compared.names(component)
                wanted_names, wanted_counts = plain.names(component)
                assert list(names) == list(wanted_names)
                assert counts.tolist() == wanted_counts.tolist()
            for rows in (None, some):
                codes, counts = compared.pattern_counts(weights, rows)
                wanted_codes, wanted_counts = plain.pattern_counts(weights, rows)
                assert codes.tolist() == wanted_codes.tolist()
                assert counts.tolist() == wanted_counts.tolist()
            for least in {*random.choice(everybody.weight, 3), -(10**9)}:
                found = compared.link(weights, int(least), rarity)
                kept = everybody.weight >= least
                for mine, theirs in zip(found, everybody, strict=True):
                    assert mine.tolist() == theirs[kept].tolist()


@searching
@given(seeds, kinds, st.sampled_from((1, 4, 20)), st.booleans())
def test_pseudonyms_of_fields(seed: int, kind: str, most_names: int, same: bool) -> None:
    register = PseudonymRegister(seed, 1, most_names, 1, "field")
    left = EncodedPersons.of([register.person() for _ in range(9)])
    right = None if same else EncodedPersons.of([register.person() for _ in range(12)])
    weights = drawn_weights(register.random, kind)
    seen = [filters_of(person) for person in left]
    others = seen if right is None else [filters_of(person) for person in right]
    plain = oracle_weights(weights)
    agreements = {
        (i, j): oracle.field_agreement(a, b, plain)
        for i, a in enumerate(seen)
        for j, b in enumerate(others)
        if not same or j > i
    }
    counted = Counter(each.code for each in agreements.values())
    reached = [each.weight for each in agreements.values()]
    for name in TIERS:
        with tier(name):
            compared = pairs.compare(left, right)
            codes, counts = compared.pattern_counts(weights)
            assert dict(zip(codes.tolist(), counts.tolist(), strict=True)) == counted
            none = {n: np.zeros(len(compared.names(n)[0]), np.int32) for n in ("family", "first")}
            for least in {*register.random.choice(reached, 3), -(10**9)}:
                found = compared.link(weights, int(least), none)
                wanted = [(i, j, a.weight) for (i, j), a in agreements.items() if a.weight >= least]
                assert list(zip(*(each.tolist() for each in found), strict=True)) == wanted


def test_a_fit_equals_the_fit_on_all_pairs(monkeypatch: pytest.MonkeyPatch) -> None:
    people = People(np.random.default_rng(4), 2)
    left, right = ([people.person() for _ in range(n)] for n in (40, 50))
    fits = []
    for source in (pairs.compare, PlainPairs):
        monkeypatch.setattr(pairs, "compare", source)
        model = FellegiSunter(nicknames=ENGLISH, prior=0.01, max_iterations=20)
        links = model.fit(left, right).link(left, right, threshold=0.2)
        fits.append((model.model_, [each.tolist() for each in links]))
    assert fits[0] == fits[1]
    assert fits[0][1][0]
