"""FAISS, `IndexFlatIP` with 1,000 probes at once, however few the task has at once.

From probes x components = 128,000 up it takes a matrix product, and the more probes, the better.
"""

from __future__ import annotations

from benchmarks.face import rivals
from benchmarks.face.data import Vectors
from benchmarks.face.search import Found, SearchCase, sweep
from benchmarks.loading import unusable
from benchmarks.task import Pass

NAME = "faiss IndexFlatIP, 1,000 at once"
BLOCK = 1_000


def missing() -> str | None:
    return unusable("faiss")


def load(case: SearchCase) -> Pass:
    index, limit = case.flat, case.limit

    def search(block: Vectors) -> list[Found]:
        return rivals.nearest(index, block, limit)

    return sweep(case, search, block=BLOCK, count=BLOCK)
