"""Non-mated pairs that look mated: how often each likelihood ratio occurs, and may occur."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.dactyloscopy import generated
from benchmarks.dactyloscopy.data import Prints
from benchmarks.dactyloscopy.measures import Scores
from benchmarks.dactyloscopy.scores import Matcher
from prum_match.dactyloscopy import Template
from prum_match.evaluation import cllr, cllr_min

Compare = Callable[[Template, Template], Any]
LEVELS = (2, 3, 4, 5, 6)
"""Powers of ten of the likelihood ratio."""
DEVIATIONS = 2


@dataclass(frozen=True)
class Extent:
    """Fingers on each side, pairs with the best scores that are all weighed, and of the rest."""

    fingers: int = 1_000
    best: int = 20_000
    rest: int = 2_000
    processes: int = 2


FULL = Extent()
QUICK = Extent(100, 500, 200)


def report(score_matrix: Matcher, compare: Compare, extent: Extent) -> Iterator[str]:
    """Compare generated prints of different fingers and yield what their scores are."""
    first, mates = generated.fingers(
        extent.fingers, ("plain", "plain"), ("coarse", "fine"), processes=extent.processes
    )
    (second,) = generated.fingers(
        extent.fingers, start=generated.OTHERS, processes=extent.processes
    )
    scores = np.asarray(score_matrix(first.templates, second.templates), dtype=np.float64)
    yield f"{scores.size:,} comparisons of generated prints of different fingers"
    yield f"  scores that so many of them reach: {_quantiles(scores)}"
    if not hasattr(compare(first.templates[0], mates.templates[0]), "log10_lr"):
        yield "  not judged: a comparison says no likelihood ratio"
        return
    rows, columns, weights = sample(scores, extent)
    ratios = _ratios(compare, first, second, rows, columns)
    yield (
        f"  log10 LR of the {extent.best:,} best scores and of {len(rows) - extent.best:,} others; "
        "a calibrated LR reaches t at most once in t non-mated comparisons"
    )
    yield f"    {'log10 LR':>10} {'seen':>12} {'at most':>12}"
    for level in (level for level in LEVELS if scores.size >= 10**level):
        yield _level(level, float(weights[ratios >= level].sum()), scores.size)
    diagonal = np.arange(len(first))
    mated = _ratios(compare, first, mates, diagonal, diagonal)
    yield from _quality(mated, ratios, weights)


def sample(
    scores: Scores, extent: Extent
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float64]]:
    """Return rows and columns of the best scores and of some others, and what each stands for."""
    order = np.argsort(-scores, axis=None, kind="stable")
    best, others = order[: extent.best], order[extent.best :]
    random = np.random.default_rng(0)
    drawn = random.choice(others, min(extent.rest, len(others)), replace=False)
    weights = np.concatenate(
        [np.ones(len(best)), np.full(len(drawn), len(others) / max(len(drawn), 1))]
    )
    rows, columns = np.unravel_index(np.concatenate([best, drawn]), scores.shape)
    return rows, columns, weights


def _ratios(
    compare: Compare,
    first: Prints,
    second: Prints,
    rows: NDArray[np.intp],
    columns: NDArray[np.intp],
) -> Scores:
    found = [
        compare(first.templates[i], second.templates[j]).log10_lr
        for i, j in zip(rows, columns, strict=True)
    ]
    return np.array(found, dtype=np.float64)


def _level(level: int, seen: float, pairs: int) -> str:
    allowed = pairs * 10.0**-level
    met = seen <= allowed + DEVIATIONS * sqrt(allowed)
    return (
        f"    {level:>10} {seen:12,.0f} {allowed:12,.0f}  must: no more than allowed and "
        f"{DEVIATIONS} deviations: {'met' if met else 'NOT MET'}"
    )


def _quality(mated: Scores, nonmated: Scores, weights: NDArray[np.float64]) -> Iterator[str]:
    # Every non-mated pair that was weighed counts as often as the pairs that it stands for.
    times = np.rint(weights / weights.min()).astype(np.int64)
    natural = np.log(10) * mated, np.log(10) * np.repeat(nonmated, times)
    cost = cllr(mated_llrs=natural[0], nonmated_llrs=natural[1])
    least = cllr_min(mated_scores=natural[0], nonmated_scores=natural[1])
    yield (
        f"  with {len(mated):,} mated comparisons: Cllr {cost:.3f}, of which "
        f"{cost - least:.3f} by calibration; log10 LR of mates, quantiles "
        f"5 50 95 %: {' '.join(f'{q:.2f}' for q in np.quantile(mated, (0.05, 0.5, 0.95)))}"
    )


def _quantiles(scores: Scores) -> str:
    ordered = np.sort(scores, axis=None)[::-1]
    shares = [10.0**-k for k in range(1, 7) if ordered.size * 10.0**-k >= 1]
    return ", ".join(f"{share:g}: {ordered[int(ordered.size * share) - 1]:.4g}" for share in shares)
