"""FAISS: `IndexFlatIP.add`, a copy of the array; there are no ids but the row numbers."""

from __future__ import annotations

from typing import Any

from benchmarks.face import rivals
from benchmarks.face.enrolment import EnrolmentCase, enrolling
from benchmarks.loading import unusable
from benchmarks.task import Pass

NAME = "faiss IndexFlatIP"


def missing() -> str | None:
    return unusable("faiss")


def load(case: EnrolmentCase) -> Pass:
    faiss = rivals.faiss(1)

    def enrol() -> Any:
        index = faiss.IndexFlatIP(case.vectors.shape[1])
        index.add(case.vectors)
        return index

    def read(index: Any, row: int) -> Any:
        return index.reconstruct(row)

    return enrolling(case, enrol, read, "in full, a copy and no codes")
