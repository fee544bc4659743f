"""Ours: `Gallery.open` of a saved gallery."""

from __future__ import annotations

import time

from benchmarks.face.search import MODEL
from benchmarks.rows import reference_id
from benchmarks.storage.base import OURS, Done, timed_within
from benchmarks.storage.opening_face import VectorsCase
from benchmarks.task import Pass
from prum_match import face

NAME = OURS


def missing() -> str | None:
    return None


def load(case: VectorsCase) -> Pass:
    path = case.room.path / "gallery"
    made = face.Gallery(MODEL)
    ids = [reference_id(row) for row in range(len(case.vectors))]
    made.enrol(ids, face.Embeddings(case.vectors, keep="view"))
    made.save(path)

    def run() -> Done:
        start = time.perf_counter()
        gallery = face.Gallery.open(path)
        references = len(gallery)
        seconds = time.perf_counter() - start
        with gallery:
            answer = case.read_back(references, lambda row: gallery[reference_id(row)].vector)
            return Done(seconds, answer, case.room.facts)

    return timed_within(run, "in full: ids, their index, codes and originals, mapped")
