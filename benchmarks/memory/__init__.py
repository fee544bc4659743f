"""What a gallery in memory holds of each reference."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from benchmarks.data import LOCI, Database, simulate
from benchmarks.machine import Machine
from benchmarks.task import Must, Options, Rows, Task
from prum_match.engine import Gallery


@dataclass(frozen=True)
class MemoryCase:
    """The database that is enrolled."""

    database: Database


Groups = dict[str, float]


def bytes_by_group(gallery: Gallery[Any]) -> Groups:
    """Return the bytes a reference of the columns of all segments, by the group in their name."""
    groups: Groups = {}
    for segment in gallery._core.segments():
        for name, column in segment.columns.items():
            group = name.partition(".")[0]
            groups[group] = groups.get(group, 0) + column.nbytes / len(gallery)
    return groups


class Counted(Task):
    """There is no rival and nothing is timed: bytes a reference stand for seconds."""

    rate_unit = "-"
    size = 1_000_000
    timed = False

    def value(self, case: Any, seconds: float) -> float:
        return seconds

    def rate(self, case: Any, seconds: float) -> None:
        return None


class Memory(Counted):
    """Profiles of four kits."""

    name = "memory"
    value_unit = "bytes a profile"
    quick_size = 100_000

    def case(self, size: int, options: Options) -> MemoryCase:
        return MemoryCase(simulate(size, seed=51))

    def title(self, case: MemoryCase) -> str:
        return (
            f"a gallery of {len(case.database.alleles):,} profiles x {len(LOCI)} loci, four kits: "
            "sizes of all columns but those of the ids"
        )

    def musts(self, case: MemoryCase, rows: Rows, machine: Machine) -> list[Must]:
        cap = 3 * len(LOCI) + 24
        text = f"<= 3 bytes a locus + 24 a profile = {cap}, ids apart"
        return [Must.at_most(text, rows["prum_match"].value, cap, "bytes a profile")]
