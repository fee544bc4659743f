"""Bytes that a gallery in memory holds of each profile."""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks.counted import Counted
from benchmarks.dna.data import LOCI, Database, simulate
from benchmarks.machine import Machine
from benchmarks.task import Must, Options, Rows


@dataclass(frozen=True)
class MemoryCase:
    """The database that is enrolled."""

    database: Database


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
