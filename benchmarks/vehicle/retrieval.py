"""How often the true plate of a misread is found among many, by costs of one kind and another.

The register is drawn and holds the true plate of every image. Costs are learned on other images
than those that they are tried on, or on those of the other country: what carries over to another
camera and to other plates. For a plate that is not in the register the same list counts without
its true plate.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from benchmarks.vehicle.reads import Read, misreads
from prum_match.vehicle import OCR_COSTS, UNIT_COSTS, Costs, learn_costs

Found: TypeAlias = Sequence[tuple[str, float]]
Search: TypeAlias = Callable[[Sequence[str], Costs, float], Sequence[Found]]
"""From reads, costs and the most that an error may cost to candidates: their ids and costs. A true
plate is its own id."""
Floats: TypeAlias = NDArray[np.float64]

FOLDS = 5
SEED = 1
REPLICATES = 2000
TOP = 10
UNIT_MOST = (1.0, 2.0)
MOST = (1.0, 1.5, 2.0)
BASE = "unit"
BASE_MOST = 2.0
FIGURES = ("found", "alone first", f"in {TOP}", "list", "false any", "false alone")


@dataclass(frozen=True)
class Table:
    """Costs of one kind: those for each read."""

    name: str
    costs_of: Callable[[Read], Costs]
    most: tuple[float, ...] = MOST


def tables(reads: Sequence[Read]) -> list[Table]:
    """Return the kinds of costs that are compared."""
    fold = folds(reads)
    by_fold = [_learned([r for r in reads if fold[r.image] != i]) for i in range(FOLDS)]
    kinds = [
        Table(BASE, lambda read: UNIT_COSTS, UNIT_MOST),
        Table("learned, other images", lambda read: by_fold[fold[read.image]]),
    ]
    sources = sorted({read.source for read in reads})
    if len(sources) > 1:
        others = {s: _learned([r for r in reads if r.source != s]) for s in sources}
        kinds.append(Table("learned, other country", lambda read: others[read.source]))
    # The shipped costs were learned on all of these reads.
    return [*kinds, Table("shipped, in sample", lambda read: OCR_COSTS)]


def folds(reads: Sequence[Read]) -> dict[str, int]:
    """Deal the images, not the reads, which are alike in one image."""
    images = sorted({read.image for read in reads})
    order = np.random.default_rng(SEED).permutation(len(images)).tolist()
    return {images[place]: i % FOLDS for i, place in enumerate(order)}


def outcomes(wrong: Sequence[Read], table: Table, search: Search) -> dict[float, Floats]:
    """Return for each limit of costs the `FIGURES` of each read: one row a read."""
    groups: dict[int, list[int]] = {}
    for i, read in enumerate(wrong):
        groups.setdefault(id(table.costs_of(read)), []).append(i)
    rows = {most: np.empty((len(wrong), len(FIGURES))) for most in table.most}
    for group in groups.values():
        costs = table.costs_of(wrong[group[0]])
        answers = search([wrong[i].text for i in group], costs, max(table.most))
        for i, answer in zip(group, answers, strict=True):
            for most in table.most:
                rows[most][i] = _figures(wrong[i].truth, [a for a in answer if a[1] <= most])
    return rows


def report(reads: Sequence[Read], search: Search, replicates: int = REPLICATES) -> Iterator[str]:
    """Search for every misread with every kind of costs and yield the tables."""
    wrong = misreads(reads)
    images = np.unique([read.image for read in wrong], return_inverse=True)[1]
    yield (
        f"{len(wrong)} misreads with 1 to 3 errors in {images.max() + 1} images; costs learned "
        f"from these and {sum(not read.errors for read in reads)} right reads"
    )
    yield f"  95 % intervals from {replicates} resamples of the images"
    yield f"  {'costs':<24}{'at most':>8}" + "".join(f"{name:>28}" for name in FIGURES)
    found = {t.name: outcomes(wrong, t, search) for t in tables(reads)}
    weights = _weights(images, replicates)
    for name, rows in found.items():
        for most, figures in rows.items():
            yield f"  {name:<24}{most:8g}" + _cells(figures, images, weights)
    yield f"  difference to {BASE} costs, at most {BASE_MOST:g}, read by read"
    base = found[BASE][BASE_MOST]
    for name, rows in found.items():
        for most, figures in rows.items():
            if name != BASE:
                yield f"  {name:<24}{most:8g}" + _cells(figures - base, images, weights)


def _learned(reads: Sequence[Read]) -> Costs:
    return learn_costs([read.truth for read in reads], [read.text for read in reads])


def _figures(truth: str, answer: Found) -> tuple[float, ...]:
    """Return the figures of an answer; candidates that cost the same as the true one go before it.

    A false candidate is alone where it is the best of a register without the true plate.
    """
    true = [price for name, price in answer if name == truth]
    false = sorted(price for name, price in answer if name != truth)
    rank = sum(price <= true[0] for price in false) + 1 if true else np.inf
    alone = len(false) == 1 or (len(false) > 1 and false[0] < false[1])
    return bool(true), rank == 1, rank <= TOP, len(answer), bool(false), alone


def _weights(images: NDArray[np.intp], replicates: int) -> Floats:
    """Return how often each image is in each resample; all once in the first row."""
    n = int(images.max()) + 1
    drawn = np.random.default_rng(SEED).multinomial(n, np.full(n, 1 / n), replicates)
    return np.concatenate([np.ones((1, n)), drawn])


def _cells(figures: Floats, images: NDArray[np.intp], weights: Floats) -> str:
    each = weights[:, images]
    means = each @ figures / each.sum(axis=1)[:, None]
    low, high = np.percentile(means[1:], (2.5, 97.5), axis=0)
    texts = (
        f"{mean:.3g} ({a:.3g} to {b:.3g})" for mean, a, b in zip(means[0], low, high, strict=True)
    )
    return "".join(f"{text:>28}" for text in texts)
