"""FAISS: the same file mapped. `IO_FLAG_MMAP` reads a flat index in full; the other flag does not.

Of the indexes without lists, `IO_FLAG_MMAP_IFC` is the one that maps.
"""

from __future__ import annotations

from benchmarks.face import rivals
from benchmarks.loading import unusable
from benchmarks.storage.opening_face import VectorsCase
from benchmarks.storage.opening_face.faiss_read import reading
from benchmarks.task import Pass

NAME = "faiss read_index, mapped"


def missing() -> str | None:
    return unusable("faiss")


def load(case: VectorsCase) -> Pass:
    flags = rivals.faiss(1).IO_FLAG_MMAP_IFC
    return reading(case, flags, "the originals alone, mapped (IO_FLAG_MMAP_IFC), nothing checked")
