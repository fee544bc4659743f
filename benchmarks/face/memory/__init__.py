"""What a gallery of embeddings holds in memory of each, its original apart."""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks.counted import Counted
from benchmarks.face import data
from benchmarks.face.data import Vectors
from benchmarks.machine import Machine
from benchmarks.task import Must, Options, Rows


@dataclass(frozen=True)
class MemoryCase:
    """The vectors that are enrolled."""

    vectors: Vectors


class FaceMemory(Counted):
    """Originals are not counted: they may be a memory map."""

    name = "face_memory"
    value_unit = "bytes a vector"
    quick_size = 20_000

    def case(self, size: int, options: Options) -> MemoryCase:
        return MemoryCase(data.vectors("face-like", size))

    def title(self, case: MemoryCase) -> str:
        n, components = case.vectors.shape
        return (
            f"a gallery of {n:,} vectors x {components} components: sizes of all columns but the "
            "ids and the originals, which may be a memory map"
        )

    def musts(self, case: MemoryCase, rows: Rows, machine: Machine) -> list[Must]:
        original = case.vectors.shape[1] * case.vectors.itemsize
        held = rows["prum_match"].value
        share = None if held is None else held / original * 100
        text = f"<= 27 % of the {original:,} bytes of float32"
        return [Must.at_most(text, share, 27, "%")]
