"""Dice coefficients of many filters with all of a register: what anonlink is made for."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.machine import Machine
from benchmarks.police_record.data import Encoded, encoded
from benchmarks.task import Must, Options, Rows, Task

THRESHOLD = 0.8
PROBES = 2_000
FILTER_BYTES = 128
# Rows whose candidates are compared, and all that anonlink gets: it takes lists of Python.
COMPARED = 20_000
ANONLINK = "anonlink"


@dataclass(frozen=True)
class DiceCase:
    """A register and the filters that are compared with all of it."""

    data: Encoded

    @property
    def pairs(self) -> int:
        return len(self.data.probes) * len(self.data)


def words(filters: NDArray[np.uint8]) -> NDArray[np.uint64]:
    return np.ascontiguousarray(filters).view(np.uint64)


class BulkDice(Task):
    name = "police_dice"
    value_unit = "s"
    rate_unit = "M pairs/s"
    size = 4_000_000
    quick_size = 4_000

    def case(self, size: int, options: Options) -> DiceCase:
        return DiceCase(encoded(size, 100 if options.quick else PROBES))

    def title(self, case: DiceCase) -> str:
        return (
            f"{len(case.data.probes):,} x {len(case.data):,} filters of 1,024 bits, all pairs of "
            f"Dice >= {THRESHOLD}, one thread"
        )

    def value(self, case: DiceCase, seconds: float) -> float:
        return seconds

    def rate(self, case: DiceCase, seconds: float) -> float:
        return case.pairs / seconds / 1e6

    def musts(self, case: DiceCase, rows: Rows, machine: Machine) -> list[Must]:
        return [
            Must.at_least(">= 3x anonlink", rows[ANONLINK].times_ours, 3.0, "x"),
            Must.at_least(">= 400 M pairs/s", rows["prum_match"].rate, 400.0, "M pairs/s"),
        ]


def plain(found: dict[int, list[int]], probes: int) -> dict[int, tuple[int, ...]]:
    """Return the rows found of those that are compared, by probe."""
    return {
        probe: tuple(sorted(row for row in found.get(probe, ()) if row < COMPARED))
        for probe in range(probes)
    }
