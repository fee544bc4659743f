"""Ours: `Gallery.enrol_table` into an empty gallery."""

from __future__ import annotations

from typing import Any

from benchmarks.task import Answer, Pass
from benchmarks.vehicle import rivals
from benchmarks.vehicle.enrolment import EnrolmentCase
from benchmarks.vehicle.register import rows_of
from prum_match import vehicle

NAME = "prum_match"


def missing() -> str | None:
    return rivals.missing("pyarrow")


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

    return Pass(run, answer)
