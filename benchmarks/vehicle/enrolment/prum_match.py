"""Ours: `Gallery.enrol_table` into an empty gallery."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import numpy as np

from benchmarks.loading import unusable
from benchmarks.task import Answer, Pass
from benchmarks.vehicle.enrolment import EnrolmentCase
from benchmarks.vehicle.register import rows_of
from prum_match import vehicle
from prum_match.vehicle import columns

NAME = "prum_match"


def missing() -> str | None:
    return unusable("pyarrow")


def load(case: EnrolmentCase) -> Pass:
    table = case.table

    def run() -> Any:
        gallery = vehicle.Gallery()
        gallery.enrol_table(table)
        return gallery

    def answer(gallery: Any) -> Answer:
        queries = [
            vehicle.FuzzyQuery(plate, max_cost=0.0, costs=vehicle.UNIT_COSTS)
            for plate in case.sample
        ]
        lists = zip(case.sample, gallery.search_many(queries), strict=True)
        return {plate: min(rows_of(found.reference_ids)) for plate, found in lists}

    return Pass(run, answer, detail=_detail)


def _detail(gallery: Any) -> Mapping[str, object]:
    """Say what the index of plates alone takes, without ids, intervals and chassis numbers."""
    (segment,) = gallery._core.segments()
    rows = np.random.default_rng(1).permutation(segment.rows).astype(np.uint32)
    keys = columns.unseal(segment.columns, rows)["plate"]
    begin = time.perf_counter()
    columns.seal_plates(keys)
    return {"plate_index_seconds": round(time.perf_counter() - begin, 2)}
