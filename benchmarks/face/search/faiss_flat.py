"""FAISS, `IndexFlatIP`: exact but for float32 rounding. As many probes at once as the task says."""

from __future__ import annotations

from itertools import pairwise

from benchmarks.face import rivals
from benchmarks.face.data import Vectors
from benchmarks.face.search import Found, SearchCase, sweep
from benchmarks.loading import unusable
from benchmarks.task import Pass

NAME = "faiss IndexFlatIP"


def missing() -> str | None:
    return unusable("faiss")


def load(case: SearchCase) -> Pass:
    index = case.flat
    limit, threshold = case.limit, case.threshold

    def within(block: Vectors) -> list[Found]:
        ends, scores, rows = index.range_search(block, threshold)
        return [(rows[begin:end], scores[begin:end]) for begin, end in pairwise(ends)]

    def nearest(block: Vectors) -> list[Found]:
        return rivals.nearest(index, block, limit)

    return sweep(case, nearest if threshold is None else within)
