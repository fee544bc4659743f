"""Ours: `nbytes` of the columns of all segments, by group."""

from __future__ import annotations

from benchmarks.counted import bytes_by_group
from benchmarks.face.memory import MemoryCase
from benchmarks.face.search import MODEL
from benchmarks.rows import reference_id
from benchmarks.task import Pass
from prum_match import face

NAME = "prum_match"
APART = ("ids", "vectors")


def missing() -> str | None:
    return None


def load(case: MemoryCase) -> Pass:
    gallery = face.Gallery(MODEL)
    ids = [reference_id(row) for row in range(len(case.vectors))]
    gallery.enrol(ids, face.Embeddings(case.vectors, keep="view"))

    return Pass(
        lambda: bytes_by_group(gallery),
        lambda groups: {},
        how="counted, not timed",
        measure=lambda groups: sum(size for group, size in groups.items() if group not in APART),
        detail=lambda groups: {"bytes_a_vector": groups},
    )
