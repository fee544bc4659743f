"""A search of pseudonyms equals comparing everybody, by field and by record.

Dice coefficients are compared as doubles: twice the shared bits through the sum, rounded once.
"""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from oracles.police_record import search as oracle
from prum_match import _native
from prum_match.errors import ComparisonMismatch
from prum_match.police_record import (
    DicePolicy,
    EncodedPerson,
    Gallery,
    LinkagePolicy,
    Pseudonyms,
)
from prum_match.police_record.linkage.model import START
from prum_match.police_record.linkage.weights import UNIT
from prum_match.police_record.pseudonyms.parameters import FIELD_PARAMETERS, LEGAL_PARAMETERS
from support.dna import TIERS, tier
from support.examples import examples
from support.police_record.persons import oracle_weights
from support.police_record.pseudonyms import KEYS, PseudonymRegister, filters_of, to_bytes
from support.police_record.registers import few, one_of, read, searched
from support.police_record.spelled import drawn_weights, model_of

pytestmark = pytest.mark.native

searching = settings(max_examples=examples(30), suppress_health_check=[HealthCheck.too_slow])


def registers(scheme: str) -> st.SearchStrategy[PseudonymRegister]:
    return st.builds(
        PseudonymRegister,
        st.integers(0, 2**32),
        st.sampled_from((1, 7, 40, 150)),
        st.sampled_from((1, 3, 20)),
        st.sampled_from((1, 2)),
        st.just(scheme),
    )


# --- by field -----------------------------------------------------------------------------------


@searching
@given(registers("field"), st.sampled_from(("any", "most", "few", "equal", "start")))
def test_filters_of_fields(register: PseudonymRegister, kind: str) -> None:
    random = register.random
    weights = START.weights() if kind == "start" else drawn_weights(random, kind)
    policy = LinkagePolicy(model=model_of(weights))
    probes = [register.probe() for _ in range(3)]
    references = register.seen()
    everybody = [
        oracle.search_fields(filters_of(probe), references, oracle_weights(weights), -(10**9))
        for probe in probes
    ]
    reached = sorted({entry[0] for entries in everybody for entry in entries})
    some = {int(one_of(random, reached)), int(one_of(random, reached)) + 1}
    for least in {reached[0], *some, reached[-1], reached[-1] + 1}:
        policy = replace(policy, threshold=least / UNIT, by_tokens=False)
        limit = one_of(random, (None, 1, 5))
        answers = searched(register.gallery, probes, policy, limit=limit)
        for answer, entries in zip(answers, everybody, strict=True):
            wanted = [entry for entry in entries if entry[0] >= least]
            assert read(answer) == wanted[:limit]
            for candidate, weight in zip(answer[:3], read(answer), strict=False):
                assert candidate.explain().weight == weight[0]
                assert candidate.explain().match_quality == candidate.match_quality
        answers = searched(register.gallery, probes, replace(policy, by_tokens=True))
        for probe, answer, entries in zip(probes, answers, everybody, strict=True):
            sharing = {name for name in references if shares_a_token(register, probe, name)}
            assert read(answer) == [e for e in entries if e[0] >= least and e[1] in sharing]


def shares_a_token(register: PseudonymRegister, probe: EncodedPerson, name: str) -> bool:
    """Tell whether tokens agree; equal tokens of different keys count too, as in the search."""
    mine: Any = probe.under(KEYS[0])
    theirs = {token for under in register.persons[name].pseudonyms for token in under.tokens}
    return bool({*mine.tokens} & theirs)


@pytest.mark.parametrize("name", TIERS)
def test_levels_at_every_number_of_bits(name: str) -> None:
    """Test thresholds equal to a coefficient, and the numbers next to them."""
    at_least = [2 * shared / n for shared, n in ((4, 10), (13, 40), (1, 3), (7, 19), (40, 129))]
    sizes = [*range(12), 20, 37, 64, 65, 250, 511, 512]
    halves = [(0, size) for size in sizes] + [(7, size) for size in (1, 3, 10, 20, 40, 505)]
    bits = np.array([[first <= i < first + n for i in range(512)] for first, n in halves])
    people = [
        EncodedPerson(FIELD_PARAMETERS.fingerprint, (Pseudonyms(KEYS[0], (to_bytes(row),)),))
        for row in np.hstack([bits, np.zeros_like(bits)])
    ]
    for least in (t for exact in at_least for t in (exact, np.nextafter(exact, 1))):
        thresholds = (float(min(0.99, least * 1.2)), float(least), float(least / 3))
        block = replace(FIELD_PARAMETERS, thresholds=thresholds)
        gallery = Gallery(block)
        gallery.enrol([f"R{i:02}" for i in range(len(people))], people)
        with tier(name):
            answers = gallery.search_many(people, policy=LinkagePolicy(threshold=-100))
        for x, answer in zip(bits, answers, strict=True):
            found = dict(zip(answer.reference_ids, answer._rows.detail.tolist(), strict=True))
            for i, y in enumerate(bits):
                level = found[f"R{i:02}"] // 2 // 8 // 9 // 27 // 9
                assert level == level_of(x, y, thresholds), (x.sum(), y.sum(), thresholds)


def level_of(x: Any, y: Any, thresholds: tuple[float, float, float]) -> int:
    if not x.any() or not y.any():
        return oracle.levels.MISSING
    score = 2 * int((x & y).sum()) / int(x.sum() + y.sum())
    if score == 1:
        return oracle.levels.EXACT
    names = (oracle.levels.CLOSE, oracle.levels.NEAR, oracle.levels.FAR)
    levels = dict(zip(names, thresholds, strict=True))
    return next((name for name in names if score >= levels[name]), oracle.levels.DIFFERENT)


# --- by record ----------------------------------------------------------------------------------


def record_entries(
    register: PseudonymRegister, probe: EncodedPerson, key: str = KEYS[0]
) -> list[tuple[float, str]]:
    found = oracle.search_records(filters_of(probe, key), register.seen(key), Fraction(0))
    entries = [(float(score), name) for score, name in found]
    # Two fractions may be one double.
    return sorted(entries, key=lambda entry: (-entry[0], entry[1]))


def read_records(answer: Any) -> list[tuple[float, str]]:
    return list(zip(answer.scores.tolist(), answer.reference_ids, strict=True))


@searching
@given(registers("record"), st.integers(1, 9))
def test_filters_of_records(register: PseudonymRegister, n: int) -> None:
    random = register.random
    probes = [register.probe() for _ in range(n)]
    nobody = Pseudonyms(KEYS[0], (bytes(128),) * 3)
    probes.append(EncodedPerson(LEGAL_PARAMETERS.fingerprint, (nobody,)))
    everybody = [record_entries(register, probe) for probe in probes]
    scores = [entry[0] for entries in everybody for entry in entries if entry[0] > 0] or [0.5]
    exactly = [float(score) for score in few(random, scores, 4)]
    above = [math.nextafter(exactly[0], 2), math.nextafter(exactly[0], 0)]
    for least in {*exactly, *above, 0.5, 1.0, 1e-6, 5e-324, random.uniform(0.5, 1)}:
        least = min(float(least), 1.0)
        limit = one_of(random, (None, 1, 2, 7))
        answers = searched(register.gallery, probes, DicePolicy(threshold=least), limit=limit)
        for answer, entries in zip(answers, everybody, strict=True):
            wanted = [entry for entry in entries if entry[0] >= least]
            assert read_records(answer) == wanted[:limit]
            assert answer.truncated == (limit is not None and len(wanted) > limit)
            for candidate, (score, _) in zip(answer[:3], wanted, strict=False):
                assert candidate.explain().score == score
                assert candidate.explain().match_quality == candidate.match_quality


@searching
@given(registers("record"))
def test_records_that_share_a_token(register: PseudonymRegister) -> None:
    probes = [register.probe() for _ in range(5)]
    policy = DicePolicy(threshold=register.random.uniform(0.2, 1), by_tokens=True)
    for probe, answer in zip(probes, searched(register.gallery, probes, policy), strict=True):
        wanted = [
            (score, name)
            for score, name in record_entries(register, probe)
            if score >= policy.threshold and shares_a_token(register, probe, name)
        ]
        assert read_records(answer) == wanted


@searching
@given(registers("record"))
def test_a_key_that_some_references_lack_is_refused(register: PseudonymRegister) -> None:
    """If all references have the key, the search uses only that key."""
    person = register.probe()
    names = Pseudonyms(KEYS[1], person.pseudonyms[0].filters)
    probe = replace(person, pseudonyms=(names,))
    policy = DicePolicy(threshold=0.4)
    if all(each.under(KEYS[1]) for each in register.persons.values()):
        wanted = [e for e in record_entries(register, probe, KEYS[1]) if e[0] >= 0.4]
        assert read_records(register.gallery.search(probe, policy=policy)) == wanted
        return
    for by_tokens in (False, True):
        with pytest.raises(ComparisonMismatch) as caught:
            register.gallery.search(probe, policy=replace(policy, by_tokens=by_tokens))
        assert caught.value.code == "other_key"


@cache
def large() -> tuple[Gallery, Any, list[int]]:
    """Return more filters than fit into the cache, of persons with one to three names."""
    register = PseudonymRegister(5, 1, 1, 1, "record")
    random, pool = register.random, register.pool
    lengths = random.integers(1, 4, 5000).tolist()
    filters = np.array([np.frombuffer(pool.filter(), np.uint8) for _ in range(400)], np.uint8)[
        random.integers(400, size=sum(lengths))
    ]
    flips = random.integers(0, 8, filters.shape) == 0
    filters = np.where(flips, filters ^ np.uint8(1), filters)
    gallery = Gallery(LEGAL_PARAMETERS)
    ends = np.cumsum([0, *lengths])
    gallery.enrol(
        [f"R{i:04}" for i in range(len(lengths))],
        [
            EncodedPerson(
                LEGAL_PARAMETERS.fingerprint,
                (Pseudonyms(KEYS[0], tuple(row.tobytes() for row in filters[begin:end])),),
            )
            for begin, end in pairwise(ends)
        ],
    )
    return gallery, filters, ends.tolist()


@pytest.mark.parametrize("least", [0.5, 0.65, 0.8, 0.95, 1.0])
@pytest.mark.parametrize("limit", [None, 1, 20])
def test_more_filters_than_one_block(least: float, limit: int | None) -> None:
    gallery, filters, ends = large()
    bits = np.unpackbits(filters, axis=1).astype(np.float32)
    counts = bits.sum(axis=1)
    chosen = list(range(0, 4000, 450))
    probes = [gallery[f"R{i:04}"] for i in chosen]
    answers = searched(gallery, probes, DicePolicy(threshold=least), limit=limit)
    for i, answer in zip(chosen, answers, strict=True):
        mine = slice(ends[i], ends[i + 1])
        shared = 2.0 * (bits[mine] @ bits.T).astype(np.float64)
        sums = counts[mine, None].astype(np.float64) + counts
        scores = np.divide(shared, sums, out=np.zeros_like(shared), where=sums > 0)
        best = np.maximum.reduceat(scores.max(axis=0), ends[:-1])
        wanted = [(score, f"R{j:04}") for j, score in enumerate(best.tolist()) if score >= least]
        wanted.sort(key=lambda entry: (-entry[0], entry[1]))
        assert read_records(answer) == wanted[:limit]


def test_ranks_follow_descending_scores() -> None:
    scores = np.array([1.0, 0.75, 0.5, 5e-324])
    ranks = ~scores.view(np.uint64)
    assert (ranks[1:] > ranks[:-1]).all()
    assert _native.police_scores(ranks).tolist() == scores.tolist()
