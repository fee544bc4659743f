"""tantivy: an index in memory of the plates alone, made from texts of Python."""

from __future__ import annotations

from benchmarks.loading import unusable
from benchmarks.task import Answer, Pass
from benchmarks.vehicle import rivals
from benchmarks.vehicle.enrolment import EnrolmentCase

NAME = "tantivy"
SHARE = 0.1


def missing() -> str | None:
    return unusable("tantivy")


def load(case: EnrolmentCase) -> Pass:
    share = 1.0 if case.full else SHARE
    plates = case.register.texts[: round(share * len(case.register))]

    def answer(index: rivals.Tantivy) -> Answer:
        return {plate: min(index.rows(index.near(plate, 0))) for plate in case.sample}

    how = "plates alone" if share == 1 else f"plates alone, of {len(plates):,}, scaled"
    return Pass(lambda: rivals.Tantivy(plates), answer, share, how)
