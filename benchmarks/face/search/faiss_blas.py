"""FAISS, `IndexFlatIP` made to use a matrix product, which it does not do for so few probes.

A global of the module says from where on; lowered, it doubles the speed for 10 probes at once.
"""

from __future__ import annotations

from benchmarks.face import rivals
from benchmarks.face.data import Vectors
from benchmarks.face.search import Found, SearchCase, sweep
from benchmarks.loading import unusable
from benchmarks.task import Pass

NAME = "faiss IndexFlatIP, matrix product"


def missing() -> str | None:
    return unusable("faiss")


def load(case: SearchCase) -> Pass:
    index, limit = case.flat, case.limit
    settings = rivals.faiss(case.threads).cvar
    usual = settings.distance_compute_blas_threshold

    def search(block: Vectors) -> list[Found]:
        settings.distance_compute_blas_threshold = 0
        try:
            return rivals.nearest(index, block, limit)
        finally:
            settings.distance_compute_blas_threshold = usual

    return sweep(case, search)
