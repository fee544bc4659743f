"""Ours: `Gallery.enrol` into an empty gallery."""

from __future__ import annotations

from typing import Any

from benchmarks.face.enrolment import EnrolmentCase, enrolling
from benchmarks.face.search import MODEL
from benchmarks.task import Pass
from prum_match import face

NAME = "prum_match"


def missing() -> str | None:
    return None


def load(case: EnrolmentCase) -> Pass:
    ids = case.reference_ids

    def enrol() -> face.Gallery:
        gallery = face.Gallery(MODEL)
        gallery.enrol(ids, face.Embeddings(case.vectors, keep=case.keep))
        return gallery

    def read(gallery: face.Gallery, row: int) -> Any:
        return gallery[ids[row]].vector

    return enrolling(case, enrol, read, "in full")
