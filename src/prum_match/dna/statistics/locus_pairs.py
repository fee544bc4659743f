"""Outcomes of the comparison of two unrelated people at one locus, and their probabilities.

A comparison (rules 2.3 of the Prüm readings) puts each locus into an *outcome*: how many of its
allele pairs are wildcards, micro-variants (one base apart) and mismatches, under the allele order
with the fewest differing alleles, then the fewest mismatches, then the fewest wildcards. This
module gives the exact probability of every outcome by going through all pairs of genotypes, with
the joint probability of four alleles under the Balding-Nichols model (Weir 2007, Ann Appl Stat
1:358-370).

Alleles that the table does not list
------------------------------------
The difference between 1 and the listed frequencies is treated as one further allele, far from all
listed ones: two unlisted alleles count as equal, which errs on the side of more chance hits.
Frequencies whose sum exceeds 1 by rounding are scaled down.

Wildcards
---------
A locus ``(a, *)`` is treated as a genotype of which one allele, either with the same probability,
was replaced by the wildcard: the other is one allele drawn from the population.
"""

from __future__ import annotations

from enum import IntEnum
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from prum_match.dna.statistics.balding_nichols import next_allele
from prum_match.dna.statistics.frequencies import Frequencies

Floats = NDArray[np.float64]


class Outcome(NamedTuple):
    """The outcome of one locus."""

    wildcards: int
    micro_variants: int
    mismatches: int


class WildcardSides(IntEnum):
    """Which of the two sides has a wildcard at the locus."""

    NEITHER = 1
    ONE = 2
    BOTH = 3


OUTCOMES: tuple[Outcome, ...] = (
    Outcome(0, 0, 0),
    Outcome(0, 1, 0),
    Outcome(0, 0, 1),
    Outcome(0, 2, 0),
    Outcome(0, 1, 1),
    Outcome(0, 0, 2),
    Outcome(1, 0, 0),
    Outcome(1, 1, 0),
    Outcome(1, 0, 1),
    Outcome(2, 0, 0),
)
"""All outcomes, in the order of :func:`outcome_probabilities`."""

# An allele order is weighed by 4 per differing allele and 1 more per mismatch: the smallest sum
# has the fewest differing alleles, then the fewest mismatches (at most 2, so 4 is enough).
_EQUAL, _MICRO, _MISMATCH = 0, 4, 5
_PLACE_OF_WEIGHT = {
    weight: OUTCOMES.index(Outcome(0, micro, mismatches))
    for weight, micro, mismatches in (
        (0, 0, 0),
        (4, 1, 0),
        (5, 0, 1),
        (8, 2, 0),
        (9, 1, 1),
        (10, 0, 2),
    )
}
_FAR = 1 << 20
# Genotype pairs looked at together; 2**18 doubles stay in the cache of most machines.
_BLOCK = 1 << 18


def outcome_probabilities(
    frequencies: Frequencies, name: str, theta: float, sides: WildcardSides = WildcardSides.NEITHER
) -> tuple[float, ...]:
    """Return the probability of each outcome for two unrelated people."""
    alleles = frequencies.alleles(name)
    return _probabilities(tuple(alleles), tuple(alleles.values()), theta, sides)


# A gallery brings the same loci in many combinations; a locus costs milliseconds (SE33: 0.1 s).
@lru_cache(maxsize=512)
def _probabilities(
    lengths: tuple[int, ...], listed: tuple[float, ...], theta: float, sides: WildcardSides
) -> tuple[float, ...]:
    total = sum(listed)
    p = np.array(listed) if total <= 1.0 else np.array(listed) / total
    p = np.append(p, max(0.0, 1.0 - total))
    places = np.append(np.array(lengths, dtype=np.int64), _FAR)
    gap = np.abs(places[:, None] - places[None, :])
    weight = np.select([gap == 0, gap == 1], [_EQUAL, _MICRO], _MISMATCH)
    kept = p > 0.0
    p, weight = p[kept], weight[np.ix_(kept, kept)]
    if sides is WildcardSides.NEITHER:
        return _neither(p, weight, theta)
    if sides is WildcardSides.ONE:
        return _one(p, weight, theta)
    # The order that sets wildcard against allele twice has no differing allele, so it is taken
    # unless the alleles are equal.
    same = float(np.sum(p * next_allele(p, 1, 1, theta)))
    return _spread({Outcome(1, 0, 0): same, Outcome(2, 0, 0): 1.0 - same})


def _neither(p: Floats, weight: NDArray[Any], theta: float) -> tuple[float, ...]:
    """Go through all pairs of genotypes."""
    low, high = np.triu_indices(len(p))
    # Two orders of drawing for a heterozygote.
    orders = np.where(low == high, 1.0, 2.0)
    first = orders * p[low] * next_allele(p[high], low == high, 1, theta)
    sums = np.zeros(2 * _MISMATCH + 1)
    step = max(1, _BLOCK // len(low))
    for start in range(0, len(low), step):
        a, b = low[start : start + step, None], high[start : start + step, None]
        of_low = (low == a).astype(np.int64) + (low == b)
        of_high = (high == a).astype(np.int64) + (high == b) + (high == low)
        second = (
            orders
            * next_allele(p[low][None, :], of_low, 2, theta)
            * next_allele(p[high][None, :], of_high, 3, theta)
        )
        best = np.minimum(weight[a, low] + weight[b, high], weight[a, high] + weight[b, low])
        joint = first[start : start + step, None] * second
        sums += np.bincount(best.ravel(), joint.ravel(), minlength=len(sums))
    return _spread({OUTCOMES[k]: float(sums[w]) for w, k in _PLACE_OF_WEIGHT.items()})


def _one(p: Floats, weight: NDArray[Any], theta: float) -> tuple[float, ...]:
    """Go through the allele beside the wildcard and the genotypes of the other side."""
    low, high = np.triu_indices(len(p))
    orders = np.where(low == high, 1.0, 2.0)
    allele = np.arange(len(p))[:, None]
    of_low = (low == allele).astype(np.int64)
    of_high = (high == allele).astype(np.int64) + (high == low)
    joint = (
        p[:, None]
        * orders
        * next_allele(p[low][None, :], of_low, 1, theta)
        * next_allele(p[high][None, :], of_high, 2, theta)
    )
    best = np.minimum(weight[allele, low], weight[allele, high])
    sums = np.bincount(best.ravel(), joint.ravel(), minlength=_MISMATCH + 1)
    return _spread(
        {
            Outcome(1, 0, 0): float(sums[_EQUAL]),
            Outcome(1, 1, 0): float(sums[_MICRO]),
            Outcome(1, 0, 1): float(sums[_MISMATCH]),
        }
    )


def _spread(found: dict[Outcome, float]) -> tuple[float, ...]:
    """Return the probabilities in the order of OUTCOMES."""
    return tuple(found.get(outcome, 0.0) for outcome in OUTCOMES)
