"""Policies by the letter of their definition, on the oracle's counts; no library code decides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from oracles import dna_rules
from oracles.dna_rules import Counts, Normal

_GRADES = {"high": 1, "moderate": 2, "low": 3, None: 4}


@dataclass(frozen=True)
class Judged:
    """What a list says of a candidate."""

    reference_id: str
    grade: int
    exact: int
    compared: int
    readings: frozenset[str]


def holds(reading: Any, counts: Counts) -> bool:
    """Tell whether a reading of the Prüm rule is satisfied."""
    counted = counts.exact
    counted += counts.wild if reading.counts_wildcard else 0
    counted += counts.micro if reading.counts_micro else 0
    cost = counts.micro_alleles + counts.mismatch_alleles
    cost += reading.wildcard_cost * counts.wild_alleles
    return counted >= reading.min_loci and cost <= reading.budget


def worst(counts: Counts) -> int:
    """Return the quality: the worst class of locus present."""
    if counts.mismatch_loci:
        return 4
    if counts.micro:
        return 3
    return 2 if counts.wild else 1


def judge(policy: Any, reference_id: str, a: Normal, b: Normal) -> Judged | None:
    """Return the candidate that a pair makes under a policy, if it does."""
    if hasattr(policy, "stringency"):
        grades = [_GRADES[level] for level in dna_rules.codis(a, b).values()]
        reached = sum(grade <= _GRADES[policy.stringency] for grade in grades)
        if reached < policy.min_loci or len(grades) - reached > policy.max_mismatched_loci:
            return None
        return Judged(reference_id, max(grades), grades.count(1), len(grades), frozenset())
    counts = dna_rules.compare(a, b)
    readings = {r.name for r in (*policy.readings, *policy.tagged) if holds(r, counts)}
    if not readings & {r.name for r in policy.readings}:
        return None
    return Judged(reference_id, worst(counts), counts.exact, counts.compared, frozenset(readings))


def search(policy: Any, probe: Normal, references: Mapping[str, Normal]) -> list[Judged]:
    """Compare with every reference; rank by grade, exact loci, compared loci, id bytewise."""
    judged = [judge(policy, name, probe, reference) for name, reference in references.items()]
    return sorted(
        (one for one in judged if one is not None),
        key=lambda one: (one.grade, -one.exact, -one.compared, one.reference_id.encode()),
    )
