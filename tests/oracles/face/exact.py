"""The search for faces in fractions and loops, without native code.

A score is the inner product of two vectors of float32 values: the real number, rounded once to the
nearest float64. The product of two float32 values has at most 48 significant bits and an exponent
above -300, so a Python float holds it exactly, and `math.fsum` rounds the sum of such products
once. `exact_score` does it again in fractions, as the measure of `score` itself.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True)
class Found:
    """A candidate list; `examined` counts references, other numbers count fused subjects."""

    reference_ids: list[str]
    scores: list[float]
    n_above_threshold: int
    truncated: bool
    examined: int


def score(a: Sequence[float], b: Sequence[float]) -> float:
    return math.fsum(x * y for x, y in zip(a, b, strict=True))


def exact_score(a: Sequence[float], b: Sequence[float]) -> float:
    # A quotient of two whole numbers is rounded correctly by Python's division.
    return float(sum((Fraction(x) * Fraction(y) for x, y in zip(a, b, strict=True)), Fraction()))


def cosine(a: Sequence[float], b: Sequence[float]) -> float:
    """Return the cosine with an error of about one unit in the last place of float64."""
    return score(a, b) / math.sqrt(score(a, a)) / math.sqrt(score(b, b))


def search(
    probe: Sequence[float],
    references: Mapping[str, Sequence[float]],
    threshold: float | None = None,
    limit: int | None = None,
    eligible: Collection[str] | None = None,
    subjects: Mapping[str, str | None] | None = None,
) -> Found:
    """Score all references, then sort, fuse, count and cut.

    With `subjects`, the references of one subject are one candidate, with the best score.
    """
    chosen = [name for name in references if eligible is None or name in eligible]
    scored = [(score(probe, references[name]), name) for name in chosen]
    return listed(scored, threshold, limit, subjects)


def listed(
    scored: Collection[tuple[float, str]],
    threshold: float | None = None,
    limit: int | None = None,
    subjects: Mapping[str, str | None] | None = None,
) -> Found:
    """Make the list of references whose scores are known."""
    best_first = sorted(scored, key=lambda pair: (-pair[0], pair[1].encode()))
    kept: list[tuple[float, str]] = []
    seen: set[str] = set()
    for value, name in best_first:
        if threshold is not None and not value >= threshold:
            continue
        subject = None if subjects is None else subjects.get(name)
        if subject is not None:
            if subject in seen:
                continue
            seen.add(subject)
        kept.append((value, name))
    cut = kept if limit is None else kept[:limit]
    return Found(
        [name for _, name in cut],
        [value for value, _ in cut],
        len(kept),
        len(cut) < len(kept),
        len(scored),
    )
