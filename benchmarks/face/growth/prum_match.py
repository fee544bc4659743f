"""Ours: `Gallery.search` on galleries of growing size, one at a time."""

from __future__ import annotations

import gc
import time
from collections.abc import Mapping

from benchmarks.face.growth import Growth, GrowthCase
from benchmarks.face.search import MODEL
from benchmarks.rows import reference_id
from benchmarks.task import Pass
from prum_match import face

NAME = "prum_match"
POLICY = face.Policy(threshold=None)
LIMIT = 20


def missing() -> str | None:
    return None


def load(case: GrowthCase) -> Pass:
    def run() -> Growth:
        return Growth({n: _seconds(case, n) for n in case.sizes})

    def detail(result: Growth) -> Mapping[str, object]:
        return {
            "ms_a_probe": {f"{n:,}": s * 1e3 for n, s in result.seconds.items()},
            "ms_a_probe_and_million": {f"{n:,}": s * 1e9 / n for n, s in result.seconds.items()},
        }

    return Pass(
        run,
        lambda result: {},
        how=f"at the largest size; each size best of {case.passes} passes; enrolment not timed",
        measure=lambda result: result.seconds[case.sizes[-1]],
        detail=detail,
    )


def _seconds(case: GrowthCase, n: int) -> float:
    gallery = face.Gallery(MODEL)
    ids = [reference_id(row) for row in range(n)]
    gallery.enrol(ids, face.Embeddings(case.vectors[:n], keep="view"))
    best = float("inf")
    for _ in range(case.passes):
        start = time.perf_counter()
        for probe in case.probes.vectors:
            found = gallery.search(probe, policy=POLICY, limit=LIMIT, threads=1)
            assert len(found.reference_ids) == min(LIMIT, n)
        best = min(best, time.perf_counter() - start)
    del gallery, ids
    gc.collect()
    return best / len(case.probes)
