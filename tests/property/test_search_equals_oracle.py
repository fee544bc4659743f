"""The native search finds what comparing with everyone by the rule book finds, on every tier."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oracles import dna_policies, dna_rules
from prum_match import Eligible, _native, cpu_tiers, dna
from prum_match.testing.strategies import (
    DEFAULT_LOCI,
    policies,
    raw_profiles,
    related_raw_profiles,
)

KINDS = ("reference", "stain")


@st.composite
def searches(draw: st.DrawFn) -> tuple[list[tuple[dict[str, Any], str]], dict[str, Any], str]:
    """A gallery, most of it near the probe, and the probe."""
    probe = draw(raw_profiles(min_loci=5))
    near = related_raw_profiles(probe)
    raw = st.one_of(near, near, raw_profiles())
    gallery = draw(st.lists(st.tuples(raw, st.sampled_from(KINDS)), max_size=20))
    return gallery, probe, draw(st.sampled_from(KINDS))


def seen(answer: Any) -> list[dna_policies.Judged]:
    return [
        dna_policies.Judged(
            c.reference_id,
            c.quality,
            c.columns["exact"],
            c.columns["compared"],
            c.readings,
        )
        for c in answer
    ]


@given(searches(), policies(), st.data())
def test_search(
    search: tuple[list[tuple[dict[str, Any], str]], dict[str, Any], str],
    policy: dna.DnaPolicy,
    data: st.DataObject,
) -> None:
    references, raw_probe, kind = search
    ids = [f"R{i * 7 % 100:02d}" for i in range(len(references))]
    gallery = dna.Gallery()
    at = 0
    while at < len(ids):  # any layout of segments
        step = data.draw(st.integers(1, 8), label="enrolled together")
        chunk = [dna.Profile(raw, kind=k) for raw, k in references[at : at + step]]
        gallery.enrol(ids[at : at + step], chunk, labels=[k for _, k in references[at : at + step]])
        at += step
    erased = data.draw(st.sets(st.sampled_from(ids)) if ids else st.just(set()), label="erased")
    gallery.erase(sorted(erased))
    if data.draw(st.booleans(), label="compact"):
        gallery.compact()
    normal = {
        name: dna_rules.normalise(raw, k)
        for name, (raw, k) in zip(ids, references, strict=True)
        if name not in erased
    }
    probe = dna.Profile(raw_probe, kind=kind)
    expected = dna_policies.search(policy, dna_rules.normalise(raw_probe, kind), normal)
    limit = data.draw(st.integers(1, 5), label="limit")
    for tier in cpu_tiers():
        _native.use_tier(tier)
        for threads in (1, 3):
            answer = gallery.search(probe, policy=policy, threads=threads)
            assert seen(answer) == expected
            assert (answer.examined, answer.truncated) == (len(normal), False)
            short = gallery.search(probe, policy=policy, limit=limit, threads=threads)
            assert seen(short) == expected[:limit]
            assert short.n_found == len(expected)
            assert short.truncated == (len(expected) > limit)
        many = gallery.search_many([probe, probe, dna.Profile({}), probe], policy=policy)
        assert [seen(one) for one in many] == [expected, expected, [], expected]
    _native.use_tier(cpu_tiers()[0])
    for one, candidate in zip(expected, gallery.search(probe, policy=policy), strict=True):
        explanation: Any = candidate.explain()
        assert explanation.quality == one.grade
        assert explanation.readings == one.readings


@given(searches(), st.sampled_from(KINDS))
def test_labels_and_ids_decide_who_is_eligible(
    search: tuple[list[tuple[dict[str, Any], str]], dict[str, Any], str], label: str
) -> None:
    references, raw_probe, kind = search
    ids = [f"R{i}" for i in range(len(references))]
    gallery = dna.Gallery(labels=KINDS)
    kinds = [k for _, k in references]
    gallery.enrol(ids, [dna.Profile(raw, kind=k) for raw, k in references], labels=kinds)
    chosen = [
        name for i, (name, k) in enumerate(zip(ids, kinds, strict=True)) if k == label and i % 3
    ]
    normal = {
        name: dna_rules.normalise(raw, k)
        for name, (raw, k) in zip(ids, references, strict=True)
        if name in chosen
    }
    eligible = Eligible(labels={label}, reference_ids=[name for i, name in enumerate(ids) if i % 3])
    policy = dna.PRUM_2008_LENIENT
    answer = gallery.search(dna.Profile(raw_probe, kind=kind), policy=policy, eligible=eligible)
    assert seen(answer) == dna_policies.search(policy, dna_rules.normalise(raw_probe, kind), normal)
    assert answer.examined == len(chosen)


def large(n: int, seed: int) -> np.ndarray[Any, np.dtype[np.int16]]:
    """Few alleles, so that runs are long and are split, and candidates are many."""
    random = np.random.default_rng(seed)
    pool, shares = np.array([80, 90, 92, 100], np.int16), [0.7, 0.1, 0.1, 0.1]
    alleles = random.choice(pool, (n, len(DEFAULT_LOCI), 2), p=shares)
    alleles[random.random(alleles.shape[:2]) < 0.25] = 0
    alleles[random.random(alleles.shape[:2]) < 0.03, 1] = -1
    return alleles


def count_by_numpy(
    table: np.ndarray[Any, np.dtype[np.int16]], probe: np.ndarray[Any, np.dtype[np.int16]]
) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Exact loci, compared loci and cost (wildcards free) of each row, by whole-array arithmetic.

    Lengths are told apart by tenths: 92 and 100 are one base or more apart at every period, and
    either way one deviation each.
    """
    typed = (table[:, :, 0] != 0) & (probe[None, :, 0] != 0)

    def cost(x: Any, y: Any) -> Any:
        return ((x != y) & (x != -1) & (y != -1)).astype(int)

    def wild(x: Any, y: Any) -> Any:
        return ((x == -1) | (y == -1)).astype(int)

    a, b, c, d = table[:, :, 0], table[:, :, 1], probe[None, :, 0], probe[None, :, 1]
    straight, crossed = cost(a, c) + cost(b, d), cost(a, d) + cost(b, c)
    wild_straight, wild_crossed = wild(a, c) + wild(b, d), wild(a, d) + wild(b, c)
    better = (crossed < straight) | ((crossed == straight) & (wild_crossed < wild_straight))
    deviations = np.where(better, crossed, straight)
    wildcards = np.where(better, wild_crossed, wild_straight)
    exact = ((deviations == 0) & (wildcards == 0) & typed).sum(1)
    return exact, typed.sum(1), (deviations * typed).sum(1)


@pytest.mark.parametrize("n", [2_049, 40_000])
def test_large_galleries(tier: str, n: int) -> None:
    table = large(n, seed=n)
    ids = [f"{i:06d}" for i in range(n)]
    gallery = dna.Gallery()
    gallery.enrol(ids, dna.ProfileTable(DEFAULT_LOCI, table))
    erased = ids[5::11]
    gallery.erase(erased)
    live = np.ones(n, bool)
    live[5::11] = False
    probes = np.concatenate([table[::997][:12], large(12, seed=1)])
    policy = dna.ReadingPolicy(
        name="wide",
        version="1",
        source="made up",
        readings=(dna.Reading(name="wide", min_loci=4, budget=4),),
    )
    answers = gallery.search_many(list(dna.ProfileTable(DEFAULT_LOCI, probes)), policy=policy)
    assert sum(map(len, answers)) > 24
    for probe, answer in zip(probes, answers, strict=True):
        exact, compared, cost = count_by_numpy(table, probe)
        hits = np.flatnonzero(live & (exact >= 4) & (cost <= 4))
        assert sorted(answer.reference_ids) == [ids[i] for i in hits]
        found = {ids[i]: (int(exact[i]), int(compared[i])) for i in hits}
        columns = answer.columns
        assert found == {
            name: (int(columns["exact"][i]), int(columns["compared"][i]))
            for i, name in enumerate(answer.reference_ids)
        }


@settings(max_examples=25)
@given(st.integers(1, 300), st.integers(0, 2**32 - 1), st.sampled_from(KINDS))
def test_a_table_is_its_profiles(n: int, seed: int, kind: str) -> None:
    table = large(n, seed)
    table[0, 0] = (22, 800)
    table[-1, 1] = (660, 0)
    table[0, 2] = (10, 990)
    profiles = dna.ProfileTable(DEFAULT_LOCI, table, kind=kind)
    as_table, as_objects = dna.Gallery(), dna.Gallery()
    ids = [str(i) for i in range(n)]
    as_table.enrol(ids, profiles)
    as_objects.enrol(ids, list(profiles))
    for i in ids:
        assert as_table[i] == as_objects[i] == profiles[int(i)]
    assert as_table.typed_patterns() == as_objects.typed_patterns()
