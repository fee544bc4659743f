"""Ours: `Gallery.search_many` on galleries of growing size, one at a time."""

from __future__ import annotations

import gc
import time
from collections.abc import Mapping

from benchmarks.loading import unusable
from benchmarks.task import Pass
from benchmarks.vehicle.growth import Growth, GrowthCase
from prum_match import vehicle

NAME = "prum_match"


def missing() -> str | None:
    return unusable("pyarrow")


def load(case: GrowthCase) -> Pass:
    def run() -> Growth:
        return Growth({n: _seconds(case, n) for n in case.sizes})

    def detail(result: Growth) -> Mapping[str, object]:
        return {
            "ms_a_read": {f"{n:,}": seconds * 1e3 for n, seconds in result.seconds.items()},
            "exponent": result.exponent,
        }

    return Pass(
        run,
        lambda result: {},
        how=f"at the largest size; each size best of {case.passes} passes; enrolment not timed",
        measure=lambda result: result.seconds[case.sizes[-1]],
        detail=detail,
    )


def _seconds(case: GrowthCase, n: int) -> float:
    gallery = vehicle.Gallery()
    gallery.enrol_table(case.table.slice(0, n))
    queries = [
        vehicle.FuzzyQuery(read, max_cost=2.0, costs=vehicle.UNIT_COSTS) for read in case.reads
    ]
    best = float("inf")
    for _ in range(case.passes):
        start = time.perf_counter()
        found = gallery.search_many(queries, threads=1)
        best = min(best, time.perf_counter() - start)
        assert len(found) == len(queries)
    del gallery, found
    gc.collect()
    return best / len(case.reads)
