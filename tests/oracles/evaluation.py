"""The plain definitions of metrics, in fractions and loops."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction


def rate_at_least(scores: Sequence[float], threshold: float) -> Fraction:
    return Fraction(sum(score >= threshold for score in scores), len(scores))


def fpir(tops: Sequence[float | None], threshold: float) -> Fraction:
    return Fraction(sum(top is not None and top >= threshold for top in tops), len(tops))


def fnir(
    mates: Sequence[tuple[float | None, int | None]], threshold: float | None, rank: int | None
) -> Fraction:
    hits = 0
    for score, place in mates:
        if not place or score is None:
            continue
        hits += (threshold is None or score >= threshold) and (rank is None or place <= rank)
    return Fraction(len(mates) - hits, len(mates))


def isotonic(values: Sequence[Fraction], weights: Sequence[int]) -> list[Fraction]:
    """Isotonic regression by its max-min formula (Barlow et al. 1972), without pooling."""
    n = len(values)

    def mean(j: int, k: int) -> Fraction:
        inside = range(j, k + 1)
        return sum((values[m] * weights[m] for m in inside), Fraction()) / sum(
            weights[m] for m in inside
        )

    return [max(min(mean(j, k) for k in range(i, n)) for j in range(i + 1)) for i in range(n)]


def pooled_shares(mated: Sequence[float], nonmated: Sequence[float]) -> dict[float, Fraction]:
    """Return each score with the share of mated scores in its pool."""
    levels = sorted({*mated, *nonmated})
    weights = [mated.count(level) + nonmated.count(level) for level in levels]
    shares = [
        Fraction(mated.count(level), weight) for level, weight in zip(levels, weights, strict=True)
    ]
    return dict(zip(levels, isotonic(shares, weights), strict=True))


def cllr(mated: Sequence[float], nonmated: Sequence[float]) -> float:
    """Return Cllr of likelihood ratios (not logarithms) that are neither 0 nor infinite."""
    right = math.fsum(math.log2(1 + 1 / ratio) for ratio in mated) / len(mated)
    wrong = math.fsum(math.log2(1 + ratio) for ratio in nonmated) / len(nonmated)
    return (right + wrong) / 2


def cllr_min(mated: Sequence[float], nonmated: Sequence[float]) -> float:
    shares = pooled_shares(mated, nonmated)
    prior_odds = Fraction(len(mated), len(nonmated))

    def ratio(score: float) -> Fraction | None:
        share = shares[score]
        return None if share == 1 else share / (1 - share) / prior_odds

    right = [0.0 if (r := ratio(s)) is None else math.log2(1 + 1 / r) for s in mated]
    wrong = [math.log2(1 + (ratio(s) or 0)) for s in nonmated]
    return (math.fsum(right) / len(right) + math.fsum(wrong) / len(wrong)) / 2


def beats_silence(mated: Sequence[float], nonmated: Sequence[float], threshold: float) -> bool:
    """Tell whether a decision at this likelihood ratio costs no more than without the system.

    One misleading comparison of either kind is added, as in Vergeer et al. (2016).
    """
    miss = (sum(ratio < threshold for ratio in mated) + 1) / (len(mated) + 1)
    alarm = (sum(ratio >= threshold for ratio in nonmated) + 1) / (len(nonmated) + 1)
    return miss + threshold * alarm <= min(1.0, threshold) * (1 + 1e-12)
