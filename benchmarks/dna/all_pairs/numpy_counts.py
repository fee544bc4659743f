"""NumPy: one profile against all later ones at a time, column by column, one byte an allele."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from benchmarks.dna.all_pairs import PairsCase, answer, pairs
from benchmarks.dna.data import LOCI
from benchmarks.dna.exact_rule import Genotypes
from benchmarks.task import Pass

NAME = "NumPy counts"


def missing() -> str | None:
    return None


def load(case: PairsCase) -> Pass:
    n = case.subset
    genotypes = Genotypes.of(case.database.alleles[:n])
    # Lengths of up to 50 repeats of 5 bases fit a byte.
    low = np.ascontiguousarray(genotypes.low.T).astype(np.uint8)
    high = np.ascontiguousarray(genotypes.high.T).astype(np.uint8)
    assert (low == genotypes.low.T).all()
    assert (high == genotypes.high.T).all()
    share = pairs(n) / pairs(len(case.database.alleles))
    how = "in full" if share == 1 else f"all pairs of the first {n:,} profiles, scaled"
    return Pass(lambda: _matrix(low, high), lambda matrix: answer(case, n, matrix), share, how)


def _matrix(low: NDArray[np.uint8], high: NDArray[np.uint8]) -> NDArray[np.int64]:
    n, width = low.shape[1], len(LOCI) + 1
    counts = np.zeros(width * width, np.int64)
    for row in range(n - 1):
        a, b = low[:, row, None], high[:, row, None]
        c, d = low[:, row + 1 :], high[:, row + 1 :]
        same_low, same_high = c == a, d == b
        full = same_low & same_high
        shared = same_low | same_high | (c == b) | (d == a)
        n_full = np.add.reduce(full, axis=0, dtype=np.uint8)
        n_shared = np.add.reduce(shared, axis=0, dtype=np.uint8)
        cells = n_full.astype(np.intp) * (width - 1) + n_shared  # width * full + partial
        counts += np.bincount(cells, minlength=width * width)
    return counts.reshape(width, width)
