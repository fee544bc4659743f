"""The matching rule once more in NumPy, for the rivals: `dna.PRUM_2008` on arrays of alleles.

Alleles are lengths in bases, the smaller first; 0 is "not typed", `WILD` a wildcard, which sorts
last. At least six loci equal without a wildcard, at most one deviating allele in all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.dna.data import LOCI, WILDCARD
from prum_match import dna

WILD = 32767
MIN_LOCI = 6
BUDGET = 1

Lengths = NDArray[np.int16]


@dataclass(frozen=True)
class Genotypes:
    """Smaller and larger allele of every profile at every locus, each of the shape (n, loci)."""

    low: Lengths
    high: Lengths

    @classmethod
    def of(cls, tenths: NDArray[np.int16]) -> Genotypes:
        """Convert alleles in tenths of a repeat, a block at a time."""
        n = len(tenths)
        low = np.empty((n, len(LOCI)), np.int16)
        high = np.empty((n, len(LOCI)), np.int16)
        periods = np.array([dna.locus(name).period for name in LOCI], np.int16)[:, None]
        for begin in range(0, n, 1 << 18):
            part = tenths[begin : begin + (1 << 18)]
            lengths = part // 10 * periods + part % 10
            lengths[part == WILDCARD] = WILD
            low[begin : begin + len(part)] = lengths.min(axis=2)
            high[begin : begin + len(part)] = lengths.max(axis=2)
        return cls(low, high)

    def __getitem__(self, rows: Any) -> Genotypes:
        return Genotypes(self.low[rows], self.high[rows])

    def __len__(self) -> int:
        return len(self.low)


def _deviates(a: Lengths, b: Lengths) -> NDArray[np.bool_]:
    unequal: NDArray[np.bool_] = (a != b) & (a != WILD) & (b != WILD)
    return unequal


def hits(probe: Genotypes, references: Genotypes) -> NDArray[np.intp]:
    """Return the positions of the references that are candidates of one probe."""
    a, b, c, d = probe.low, probe.high, references.low, references.high
    typed = (a != 0) & (c != 0)
    straight = _deviates(a, c).view(np.uint8) + _deviates(b, d)
    crossed = _deviates(a, d).view(np.uint8) + _deviates(b, c)
    deviations = (np.minimum(straight, crossed) * typed).sum(axis=1)
    exact = ((a == c) & (b == d) & typed & (b != WILD)).sum(axis=1)
    return np.flatnonzero((exact >= MIN_LOCI) & (deviations <= BUDGET))


def ranked(probe: Genotypes, references: Genotypes, ids: Sequence[str]) -> list[str]:
    """Return the ids of candidates in the order of a candidate list: grade, loci, id."""
    entries = []
    for i, reference_id in enumerate(ids):
        grade, exact, compared = _grade(probe, references[i])
        entries.append((grade, -exact, -compared, reference_id))
    return [entry[3] for entry in sorted(entries)]


def _grade(probe: Genotypes, reference: Genotypes) -> tuple[int, int, int]:
    """Return the worst class over the loci (1 exact to 4 mismatch), exact and compared loci."""
    worst = []
    for a, b, c, d in zip(
        *(x.ravel().tolist() for x in (probe.low, probe.high, reference.low, reference.high)),
        strict=True,
    ):
        if a == 0 or c == 0:
            continue
        orders = []
        for pairs in (((a, c), (b, d)), ((a, d), (b, c))):
            classes = [_class(x, y) for x, y in pairs]
            micro, mismatch = classes.count(3), classes.count(4)
            orders.append((micro + mismatch, mismatch, classes.count(2), max(classes)))
        worst.append(min(orders)[3])
    return max(worst), worst.count(1), len(worst)


def _class(x: int, y: int) -> int:
    if WILD in (x, y):
        return 2
    return 1 if x == y else 3 if abs(x - y) == 1 else 4
