"""Whether a rival that sums in float32 found what we found."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from benchmarks.agreement import difference
from benchmarks.face.search import SearchCase
from benchmarks.task import Answer

# Of a product of two vectors of norm one in float32; the largest error seen was 3e-7.
ROUNDING = 1e-6


def verdict(case: SearchCase, ours: Answer, theirs: Answer) -> tuple[bool, str]:
    """Return whether the answers are equal wherever scores differ by more than rounding."""
    different = [p for p in theirs if not _alike(case, p, ours[p], theirs[p])]
    if different:
        return False, difference(ours, theirs, list(different))
    unequal = sum(ours[p] != theirs[p] for p in theirs)
    text = f"{len(theirs):,} of {len(theirs):,} answers equal"
    if unequal:
        text += f", {unequal:,} of them but for scores within {ROUNDING:g}"
    return True, text


def _alike(case: SearchCase, probe: int, ours: Sequence[int], theirs: Sequence[int]) -> bool:
    if ours == theirs:
        return True
    if case.limit is not None and len(ours) != len(theirs):
        return False
    if any(row < 0 for row in theirs):  # what FAISS fills up with
        return False
    order = case.scores(probe, theirs)
    if np.any(np.diff(order) > ROUNDING):
        return False
    border = case.threshold
    if border is None:
        border = float(case.scores(probe, ours).min())
    unshared = sorted({*ours} ^ {*theirs})
    return bool(np.all(np.abs(case.scores(probe, unshared) - border) < ROUNDING))
