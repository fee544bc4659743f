"""FAISS, one byte a component without training, then twice the wanted number scored in float32.

The fastest of its ways that comes close to the whole answer; it promises nothing. The codes are
the components as whole numbers from -128 to 127, of vectors and probes alike, so that both have
to be scaled: unscaled, unit vectors become zeros, and components too large for a byte wrap round.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.face import rivals
from benchmarks.face.data import BLOCK, Vectors
from benchmarks.face.search import Found, SearchCase, sweep
from benchmarks.loading import unusable
from benchmarks.task import Pass

NAME = "faiss SQ8 direct signed + refine"
# Fits 400 times the components of face-like and of isotropic vectors, and less where one is large.
SCALE = 400.0
FACTOR = 2


def missing() -> str | None:
    return unusable("faiss")


def load(case: SearchCase) -> Pass:
    scale = np.float32(min(SCALE, 127 / _largest(case.vectors)))
    index, limit = _index(case, scale), case.limit

    def search(block: Vectors) -> list[Found]:
        return rivals.nearest(index, block * scale, limit)

    return sweep(case, search, count=min(case.count, case.slow), exact=False)


def _index(case: SearchCase, scale: np.float32) -> Any:
    """Return the codes, refined from the flat index that is there already."""
    faiss = rivals.faiss(case.threads)
    kind = faiss.ScalarQuantizer.QT_8bit_direct_signed
    codes = faiss.IndexScalarQuantizer(case.vectors.shape[1], kind, faiss.METRIC_INNER_PRODUCT)
    index = faiss.IndexRefineFlat(codes)
    for begin in range(0, len(case.vectors), BLOCK):
        codes.add(case.vectors[begin : begin + BLOCK] * scale)
    index.own_refine_index = False
    index.refine_index = case.flat
    index.ntotal = codes.ntotal
    index.k_factor = FACTOR
    return index


def _largest(vectors: Vectors) -> float:
    return max(
        float(np.abs(vectors[begin : begin + BLOCK]).max())
        for begin in range(0, len(vectors), BLOCK)
    )
