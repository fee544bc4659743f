"""How the time of a search grows with the register: less than the register does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.face.growth import available
from benchmarks.machine import Machine
from benchmarks.task import Must, Options, Rows, Task
from benchmarks.vehicle import data
from benchmarks.vehicle.register import forget, register

# Of the largest size; of 60M: 1M, 3M, 10M, 30M, 60M.
PARTS = (1 / 60, 1 / 20, 1 / 6, 1 / 2, 1.0)
READS = 1_000
REGISTER, QUERIES = 74, 75
# What a registration takes while it is drawn, in the table and in the gallery.
BYTES_A_PLATE = 240


@dataclass(frozen=True)
class GrowthCase:
    """The largest register, of which the others are the beginnings, and what did not fit."""

    table: Any
    reads: list[str]
    sizes: tuple[int, ...]
    left_out: tuple[int, ...]
    passes: int


@dataclass(frozen=True)
class Growth:
    """Seconds of a read by size of the register."""

    seconds: Mapping[int, float]

    @property
    def exponent(self) -> float | None:
        """The slope of the line of least squares through the logarithms; None: one size."""
        if len(self.seconds) == 1:
            return None
        sizes, seconds = np.log(list(self.seconds)), np.log(list(self.seconds.values()))
        return float(np.polyfit(sizes, seconds, 1)[0])


class VehicleGrowth(Task):
    """There is no rival; every size has its best of several passes, within the one that is run."""

    name = "vehicle_growth"
    value_unit = "ms a read"
    rate_unit = "M plates/s"
    size = 60_000_000
    quick_size = 6_000
    timed = False

    def case(self, size: int, options: Options) -> GrowthCase:
        forget()
        wanted = [round(size * part) for part in PARTS]
        sizes = tuple(n for n in wanted if n * BYTES_A_PLATE <= available()) or (wanted[0],)
        whole = register(sizes[-1], REGISTER)
        reads = data.noisy(whole.plates, 50 if options.quick else READS, QUERIES).texts
        table = whole.table
        # The table has it all.
        forget()
        return GrowthCase(table, reads, sizes, tuple(wanted[len(sizes) :]), options.passes)

    def title(self, case: GrowthCase) -> str:
        sizes = ", ".join(f"{n:,}" for n in case.sizes)
        text = f"{len(case.reads):,} reads at once, distance <= 2, among {sizes} plates, one thread"
        if case.left_out:
            missing = ", ".join(f"{n:,}" for n in case.left_out)
            text += f"; left out, as they take more than the free memory: {missing}"
        return text

    def value(self, case: GrowthCase, seconds: float) -> float:
        return seconds * 1e3

    def rate(self, case: GrowthCase, seconds: float) -> float:
        return case.sizes[-1] / seconds / 1e6

    def musts(self, case: GrowthCase, rows: Rows, machine: Machine) -> list[Must]:
        exponent = rows["prum_match"].detail.get("exponent")
        found = exponent if isinstance(exponent, float) else None
        return [Must.at_most("less than N^0.7 from the smallest to the largest", found, 0.7, "")]
