"""A gallery of embeddings on disk opened, to the number of its references."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import Any

from benchmarks.face import data
from benchmarks.face.data import Vectors
from benchmarks.machine import Machine
from benchmarks.storage.base import OURS, Latency
from benchmarks.storage.opening import MOST_MS
from benchmarks.storage.profiles import REFERENCES, SAMPLE
from benchmarks.storage.room import Room
from benchmarks.task import Answer, Must, Options, Rows


@dataclass(frozen=True)
class VectorsCase:
    """Vectors, and the folder for what the libraries make of them."""

    vectors: Vectors
    room: Room

    @cached_property
    def index_file(self) -> Path:
        """The vectors in an index of FAISS, written once for all that read it."""
        faiss = import_module("faiss")
        index = faiss.IndexFlatIP(self.vectors.shape[1])
        index.add(self.vectors)
        path = self.room.path / "index.faiss"
        faiss.write_index(index, str(path))
        return path

    def read_back(self, references: int, vector_of: Callable[[int], Any]) -> Answer:
        """Return how many references a library holds, and some of them."""
        rows = range(0, references, max(1, references // SAMPLE))
        return {REFERENCES: references, **{row: vector_of(row).tobytes() for row in rows}}


class OpenFace(Latency):
    name = "storage_open_face"
    size = 1_000_000
    quick_size = 20_000

    def case(self, size: int, options: Options) -> VectorsCase:
        return VectorsCase(data.vectors("face-like", size), Room())

    def title(self, case: VectorsCase) -> str:
        n, components = case.vectors.shape
        return (
            f"face.Gallery.open and the first len() of {n:,} vectors x {components} components, "
            f"originals of {case.vectors.nbytes / 1e9:.2g} GB among the files, which are in the "
            "page cache; closing not timed"
        )

    def musts(self, case: VectorsCase, rows: Rows, machine: Machine) -> list[Must]:
        return [Must.at_most(f"<= {MOST_MS:g} ms", rows[OURS].value, MOST_MS, "ms")]
