"""usearch, its exact search over the array itself in float32."""

from __future__ import annotations

from importlib import import_module

from benchmarks.face.data import Vectors
from benchmarks.face.search import Found, SearchCase, sweep
from benchmarks.loading import unusable
from benchmarks.task import Pass

NAME = "usearch exact"


def missing() -> str | None:
    return unusable("usearch.index")


def load(case: SearchCase) -> Pass:
    usearch = import_module("usearch.index")
    vectors, limit, threads = case.vectors, case.limit, case.threads
    metric = usearch.MetricKind.IP

    def search(block: Vectors) -> list[Found]:
        found = usearch.search(vectors, block, limit, metric, exact=True, threads=threads)
        # One probe gives one list, not a list of one.
        rows, distances = (
            found.keys.reshape(len(block), -1),
            found.distances.reshape(len(block), -1),
        )
        return list(zip(rows, -distances, strict=True))

    return sweep(case, search, count=min(case.count, case.slow))
