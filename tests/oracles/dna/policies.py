"""The verdict of any policy on a comparison, slow and plain, on top of the rules in `rules.py`.

The library is not imported. A policy is described by plain values: readings as tuples, or one
stringency; `test_rules.py` checks that it equals the three named readings of `rules.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from oracles.dna import rules as dna_rules
from oracles.dna.rules import Normal


@dataclass(frozen=True)
class Reading:
    """One reading: the loci that count to the floor, and the deviations that use up the budget."""

    name: str
    min_loci: int
    counts_wildcard: bool
    counts_micro: bool
    wildcard_cost: int
    budget: int


@dataclass(frozen=True)
class Readings:
    """A candidate satisfies one of `accepting`; it is tagged with all of `known` that hold."""

    accepting: tuple[Reading, ...]
    known: tuple[Reading, ...]


@dataclass(frozen=True)
class Stringency:
    """A CODIS stringency per locus."""

    name: str
    min_loci: int
    max_mismatched_loci: int


@dataclass(frozen=True)
class Verdict:
    """A comparison as a candidate list shows it; `second` and `third` by the policy's view."""

    grade: int | None
    compared: int
    exact: int
    second: int
    third: int
    mismatch_loci: int
    mismatch_alleles: int
    tags: frozenset[str]
    amelogenin_differs: bool

    def order(self, reference_id: str) -> tuple[int, int, int, bytes]:
        """Return the key of the total order of candidates (A15)."""
        return (self.grade or 0, -self.exact, -self.compared, reference_id.encode())


def amelogenin_differs(a: Normal, b: Normal) -> bool:
    """Tell whether both are known and resolved, and differ (A3)."""
    if not a.amelogenin or not b.amelogenin or "*" in a.amelogenin | b.amelogenin:
        return False
    return a.amelogenin != b.amelogenin


def judge(a: Normal, b: Normal, policy: Readings | Stringency) -> Verdict:
    """Compare two profiles under a policy."""
    if isinstance(policy, Stringency):
        return _judge_sets(a, b, policy)
    counts = dna_rules.compare(a, b)
    tags = set()
    for reading in policy.known:
        counted = counts.exact
        if reading.counts_wildcard:
            counted += counts.wild
        if reading.counts_micro:
            counted += counts.micro
        spent = counts.micro_alleles + counts.mismatch_alleles
        if reading.wildcard_cost:
            spent += counts.wild_alleles
        if counted >= reading.min_loci and spent <= reading.budget:
            tags.add(reading.name)
    hit = any(reading.name in tags for reading in policy.accepting)
    if counts.mismatch_loci:
        grade = 4
    elif counts.micro:
        grade = 3
    elif counts.wild:
        grade = 2
    else:
        grade = 1
    return Verdict(
        grade=grade if hit else None,
        compared=counts.compared,
        exact=counts.exact,
        second=counts.wild,
        third=counts.micro,
        mismatch_loci=counts.mismatch_loci,
        mismatch_alleles=counts.mismatch_alleles,
        tags=frozenset(tags),
        amelogenin_differs=amelogenin_differs(a, b),
    )


def _judge_sets(a: Normal, b: Normal, policy: Stringency) -> Verdict:
    reached = list(dna_rules.codis(a, b).values())
    number = {level: reached.count(level) for level in ("high", "moderate", "low", None)}
    strict_enough = {
        "high": ("high",),
        "moderate": ("high", "moderate"),
        "low": ("high", "moderate", "low"),
    }[policy.name]
    good = sum(number[level] for level in strict_enough)
    hit = good >= policy.min_loci and len(reached) - good <= policy.max_mismatched_loci
    grade = 1
    for place, level in enumerate(("moderate", "low", None)):
        if number[level]:
            grade = place + 2
    return Verdict(
        grade=grade if hit else None,
        compared=len(reached),
        exact=number["high"],
        second=number["moderate"],
        third=number["low"],
        mismatch_loci=number[None],
        mismatch_alleles=0,
        tags=frozenset(),
        amelogenin_differs=amelogenin_differs(a, b),
    )


def search(
    probe: Normal, references: Mapping[str, Normal], policy: Readings | Stringency
) -> list[tuple[str, Verdict]]:
    """Return all candidates, best first."""
    judged = ((name, judge(probe, normal, policy)) for name, normal in references.items())
    return in_order((name, verdict) for name, verdict in judged if verdict.grade is not None)


def in_order(candidates: Iterable[tuple[str, Verdict]]) -> list[tuple[str, Verdict]]:
    """Sort candidates in the order of a list."""
    return sorted(candidates, key=lambda candidate: candidate[1].order(candidate[0]))
