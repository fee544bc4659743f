"""Searches of prints equal brute force, for any layout, number of threads and tier.

Scores of pairs come from the library; the tests compute independently which pairs are compared,
kept and listed, and in which order.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prum_match import Eligible, dactyloscopy
from prum_match.dactyloscopy import Policy, Template
from prum_match.errors import ComparisonMismatch
from support.dactyloscopy.templates import (
    IMPRESSIONS,
    LABELS,
    PLACES,
    Enrolled,
    candidates,
    kind_of,
    known,
    score,
)
from support.dna import TIERS, tier
from support.examples import examples
from support.galleries.kits import DACTYLOSCOPY, on_disk

pytestmark = pytest.mark.native

KINDS = ("TP", "UL", "PP", "ULP")
NUMBERS = st.integers(0, 39)

prints = st.builds(
    Enrolled,
    NUMBERS,
    st.sampled_from(PLACES),
    st.sampled_from(IMPRESSIONS),
    st.sampled_from(LABELS),
    st.sampled_from([None, "S1", "S2", "S3"]),
)
kinds = st.just(KINDS) | st.lists(st.sampled_from(KINDS), unique=True, max_size=4).map(tuple)


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    """Draw policies, some with exactly the score of a pair as their threshold."""
    exactly = st.builds(score, NUMBERS, NUMBERS)
    return Policy(
        mode=draw(st.sampled_from(["exhaustive", "cascade"])),
        keep=draw(st.sampled_from([0.05, 0.1, 1 / 3, 0.5, 1])),
        threshold=draw(st.none() | st.sampled_from([-1, 0, 20, 60.1]) | exactly),
        positions=draw(st.sampled_from(["same", "same", "any"])),
        probes=draw(kinds),
        references=draw(kinds),
        max_candidates=draw(st.none() | st.integers(1, 5)),
    )


@dataclass(frozen=True)
class Case:
    """A gallery and the searches to run on it."""

    references: dict[str, Enrolled]
    erased: frozenset[str]
    probes: list[Enrolled]
    policy: Policy
    labels: frozenset[str]
    limit: int
    fuse: bool

    def fill(self, gallery: Any, parts: int) -> None:
        names = list(self.references)
        for first in range(parts):
            some = names[first::parts]
            about = [self.references[name] for name in some]
            gallery.enrol(
                some,
                [r.template for r in about],
                subject_ids=[r.subject for r in about],
                labels=[r.label for r in about],
            )
        gallery.erase(sorted(self.erased))

    def expected(self, probe: Enrolled) -> list[tuple[str, float]]:
        live = {name: r for name, r in self.references.items() if name not in self.erased}
        return candidates(probe, live, self.policy, self.labels, fuse=self.fuse)

    def asked(self, gallery: Any, probes: list[Template], threads: int) -> list[Any]:
        """Search with the probes one by one, and with all at once."""
        given: dict[str, Any] = {
            "limit": self.limit,
            "eligible": Eligible(labels=self.labels),
            "threads": threads,
            "fuse_subjects": self.fuse,
        }
        single = [gallery.search(probe, policy=self.policy, **given) for probe in probes]
        return [*single, *gallery.search_many(probes, policy=self.policy, **given)]


@st.composite
def cases(draw: st.DrawFn) -> Case:
    found = draw(st.lists(prints, max_size=40))
    # Ids in another order than the rows.
    names = [f"R{i * 29 % 41:02}" for i in range(len(found))]
    policy = draw(policies())
    suitable = prints.filter(lambda probe: kind_of(probe.template) in policy.probes)
    return Case(
        references=dict(zip(names, found, strict=True)),
        erased=frozenset(draw(st.lists(st.sampled_from(names), max_size=3)) if names else ()),
        probes=draw(st.lists(suitable, min_size=1, max_size=4)) if policy.probes else [],
        policy=policy,
        labels=draw(st.sets(st.sampled_from(LABELS), min_size=1).map(frozenset)),
        limit=draw(st.integers(1, 50)),
        fuse=draw(st.booleans()),
    )


def check(case: Case, gallery: Any, threads: int) -> None:
    templates = [probe.template for probe in case.probes]
    for probe, answer in zip(case.probes * 2, case.asked(gallery, templates, threads), strict=True):
        wanted = case.expected(probe)
        most = min(case.limit, case.policy.max_candidates or case.limit)
        found = list(zip(answer.reference_ids, answer.scores.tolist(), strict=True))
        assert found == wanted[:most]
        assert answer.truncated is (len(wanted) > most)
        for candidate in answer:
            explained = candidate.explain()
            assert explained.score == candidate.score
            assert len(explained.pairs) == candidate.columns["pairs"]
            sides = candidate.columns["overlap_probe"], candidate.columns["overlap_reference"]
            assert explained.overlap == sides


@given(cases(), st.integers(1, 3), st.sampled_from(TIERS), st.sampled_from([1, 2]))
@settings(max_examples=examples(150), deadline=None)
def test_searches_in_memory_equal_brute_force(
    case: Case, parts: int, name: str, threads: int
) -> None:
    gallery = dactyloscopy.Gallery(labels=LABELS)
    case.fill(gallery, parts)
    with tier(name):
        check(case, gallery, threads)


@pytest.mark.on_disk
@given(cases(), st.integers(1, 3), st.booleans())
@settings(max_examples=examples(25), deadline=None)
def test_searches_on_disk_equal_brute_force(case: Case, parts: int, compacted: bool) -> None:
    with on_disk(DACTYLOSCOPY) as kit:
        gallery = kit.gallery(labels=LABELS)
        case.fill(gallery, parts)
        if compacted:
            gallery.compact()
        check(case, gallery, 2)


@given(cases())
@settings(max_examples=examples(30), deadline=None)
def test_a_cascade_that_keeps_all_rows_is_exhaustive(case: Case) -> None:
    gallery = dactyloscopy.Gallery(labels=LABELS)
    case.fill(gallery, 2)
    probes = [probe.template for probe in case.probes]
    answers = [
        replace(case, policy=replace(case.policy, mode=mode, keep=1)).asked(gallery, probes, 2)
        for mode in ("exhaustive", "cascade")
    ]
    for one, other in zip(*answers, strict=True):
        assert one.reference_ids == other.reference_ids
        assert one.scores.tolist() == other.scores.tolist()


@pytest.fixture(scope="module")
def crowd() -> Case:
    """Return more rows than one task of the quick pass takes, most of them copies of few prints."""
    references = {
        f"R{i:04}": Enrolled(i % 80, PLACES[i % 3], 1, LABELS[i % 3], None) for i in range(4500)
    }
    probes = [Enrolled(number, 1, 1, "a", None) for number in (0, 13, 33)]
    policy = Policy(mode="cascade", keep=0.03, threshold=1)
    return Case(references, frozenset(["R0000"]), probes, policy, frozenset(LABELS), 200, False)


@pytest.mark.parametrize("parts", [1, 4])
def test_kept_rows_do_not_depend_on_segments_threads_and_tiers(crowd: Case, parts: int) -> None:
    gallery = dactyloscopy.Gallery(labels=LABELS)
    crowd.fill(gallery, parts)
    for name in TIERS:
        for threads in (1, 2):
            with tier(name):
                check_lists(crowd, gallery, threads)


def check_lists(case: Case, gallery: Any, threads: int) -> None:
    probes = [probe.template for probe in case.probes]
    for probe, answer in zip(case.probes * 2, case.asked(gallery, probes, threads), strict=True):
        found = list(zip(answer.reference_ids, answer.scores.tolist(), strict=True))
        assert found == case.expected(probe)[: case.limit]


def test_the_quick_pass_misses_some_rows() -> None:
    """Otherwise the tests of cascades would be vacuous."""
    case = Case(
        {f"R{i:02}": Enrolled(i, 1, 1, "a", None) for i in range(40)},
        frozenset(),
        [Enrolled(0, 1, 1, "a", None)],
        Policy(mode="cascade", keep=0.2, threshold=1),
        frozenset("a"),
        50,
        False,
    )
    everything = replace(case, policy=replace(case.policy, mode="exhaustive"))
    assert 8 <= len(case.expected(case.probes[0])) < len(everything.expected(case.probes[0]))
    assert len(known(7)) == 0


@pytest.mark.parametrize("policy", dactyloscopy.TRANSACTIONS.values(), ids=lambda p: p.name)
def test_transactions_accept_only_their_kinds_of_prints(policy: Policy) -> None:
    gallery = dactyloscopy.Gallery(labels=LABELS)
    places = [(1, 1), (1, 4), (21, 10), (21, 12), (0, 29), (0, 10), (32, 4)]
    references = {
        f"R{i}-{k}": Enrolled(8 * k, *place, "a", None)
        for i, place in enumerate(places)
        for k in range(12)
    }
    Case(references, frozenset(), [], policy, frozenset("a"), 99, False).fill(gallery, 1)
    for probe in (Enrolled(0, *place, "a", None) for place in places):
        if kind_of(probe.template) not in policy.probes:
            with pytest.raises(ComparisonMismatch) as caught:
                gallery.search(probe.template, policy=policy)
            assert (caught.value.code, caught.value.field) == ("other_transaction", "probe")
            continue
        wanted = candidates(probe, references, policy, fuse=False)[: policy.max_candidates]
        assert wanted
        assert gallery.search(probe.template, policy=policy).reference_ids == [n for n, _ in wanted]
