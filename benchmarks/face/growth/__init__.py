"""How the time of a search grows with the gallery: it has to be in proportion, without a step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.face import data
from benchmarks.face.data import Probes, Vectors
from benchmarks.machine import Machine
from benchmarks.task import Must, Options, Rows, Task

# Of the largest size; of 4M: 0.1M, 0.3M, 1M, 2M, 4M.
PARTS = (0.025, 0.075, 0.25, 0.5, 1.0)
PROBES = 16
# Original, code and errors of a vector, and its id as a text, packed, and in the index.
BYTES_A_VECTOR = 2_048 + 540 + 150


@dataclass(frozen=True)
class GrowthCase:
    """The largest set, of which the others are the beginnings, and what did not fit."""

    vectors: Vectors
    probes: Probes
    sizes: tuple[int, ...]
    left_out: tuple[int, ...]
    passes: int


@dataclass(frozen=True)
class Growth:
    """Seconds of a probe by size of the gallery."""

    seconds: Mapping[int, float]


class FaceGrowth(Task):
    """There is no rival; every size has its best of several passes, within the one that is run."""

    name = "face_growth"
    value_unit = "ms a probe and million"
    rate_unit = "M comparisons/s"
    size = 4_000_000
    quick_size = 20_000
    timed = False

    def case(self, size: int, options: Options) -> GrowthCase:
        data.forget()
        wanted = sorted({max(1, round(size * part)) for part in PARTS})
        room = available() // 2
        sizes = tuple(n for n in wanted if n * BYTES_A_VECTOR <= room) or (wanted[0],)
        vectors = data.vectors("face-like", sizes[-1])
        # Mates in the smallest set are in all of them.
        probes = data.probes("face-like", vectors[: sizes[0]], PROBES)
        left_out = tuple(n for n in wanted if n > sizes[-1])
        return GrowthCase(vectors, probes, sizes, left_out, options.passes)

    def title(self, case: GrowthCase) -> str:
        sizes = ", ".join(f"{n:,}" for n in case.sizes)
        text = (
            f"{PROBES} probes one by one against {sizes} face-like vectors, the 20 best, one thread"
        )
        if case.left_out:
            missing = ", ".join(f"{n:,}" for n in case.left_out)
            text += f"; left out, as they take more than half of the free memory: {missing}"
        return text

    def value(self, case: GrowthCase, seconds: float) -> float:
        return seconds * 1e3 / (case.sizes[-1] / 1e6)

    def rate(self, case: GrowthCase, seconds: float) -> float:
        return case.sizes[-1] / seconds / 1e6

    def musts(self, case: GrowthCase, rows: Rows, machine: Machine) -> list[Must]:
        return []


def available() -> int:
    """Return the bytes of memory that programs can still get."""
    for line in Path("/proc/meminfo").read_text("utf-8").splitlines():
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) << 10
    raise OSError("/proc/meminfo does not say what memory is available")
