"""FAISS: `read_index` of an `IndexFlatIP`, read or mapped. It has no ids and no codes."""

from __future__ import annotations

import time

from benchmarks.face import rivals
from benchmarks.loading import unusable
from benchmarks.storage.base import Done, timed_within
from benchmarks.storage.opening_face import VectorsCase
from benchmarks.task import Pass

NAME = "faiss read_index"


def missing() -> str | None:
    return unusable("faiss")


def load(case: VectorsCase) -> Pass:
    return reading(case, 0, "the originals alone, read")


def reading(case: VectorsCase, flags: int, how: str) -> Pass:
    """Return the pass that reads the index with these flags, and a sample of it back."""
    faiss = rivals.faiss(1)
    path = str(case.index_file)

    def run() -> Done:
        start = time.perf_counter()
        index = faiss.read_index(path, flags)
        references = int(index.ntotal)
        seconds = time.perf_counter() - start
        return Done(seconds, case.read_back(references, index.reconstruct), {})

    return timed_within(run, how)
