"""What a gallery of registrations holds in memory of each plate."""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks.counted import Counted
from benchmarks.machine import Machine
from benchmarks.task import Must, Options, Rows
from benchmarks.vehicle.register import Register, register

REGISTER = 71


@dataclass(frozen=True)
class MemoryCase:
    """The register that is enrolled, with chassis numbers."""

    register: Register


class VehicleMemory(Counted):
    """Counted is what plates are searched by: keys, tries, countries and districts."""

    name = "vehicle_memory"
    value_unit = "bytes a plate"
    size = 10_000_000
    quick_size = 20_000

    def case(self, size: int, options: Options) -> MemoryCase:
        return MemoryCase(register(size, REGISTER, vins=True))

    def title(self, case: MemoryCase) -> str:
        return (
            f"a gallery of {len(case.register):,} registrations: sizes of all columns but the ids, "
            "spellings, intervals, details, and what chassis numbers take"
        )

    def musts(self, case: MemoryCase, rows: Rows, machine: Machine) -> list[Must]:
        ours = rows["prum_match"].value
        return [Must.at_most("<= 16 bytes a plate, ids and payload apart", ours, 16.0, "bytes")]
