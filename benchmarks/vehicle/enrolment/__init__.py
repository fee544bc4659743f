"""A new register enrolled from a table in one call, ready to be searched."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from benchmarks.machine import Machine
from benchmarks.task import Must, Options, Rows, Task
from benchmarks.vehicle.register import Register, register

REGISTER = 71
SAMPLE = 200


@dataclass(frozen=True)
class EnrolmentCase:
    """A register, with chassis numbers."""

    register: Register
    full: bool

    @cached_property
    def table(self) -> Any:
        return self.register.table

    @property
    def sample(self) -> list[str]:
        """Plates that are looked up afterwards, of the first tenth."""
        first = max(1, len(self.register) // 10)
        plates: list[str] = self.register.plates[: first : max(1, first // SAMPLE)].tolist()
        return plates


class VehicleEnrolment(Task):
    name = "vehicle_enrolment"
    value_unit = "s"
    rate_unit = "M registrations/s"
    size = 10_000_000
    quick_size = 5_000

    def case(self, size: int, options: Options) -> EnrolmentCase:
        small = options.full or options.quick
        return EnrolmentCase(register(size, REGISTER, vins=True), small)

    def title(self, case: EnrolmentCase) -> str:
        return (
            f"{len(case.register):,} registrations from a table of Arrow: plate, country, chassis "
            "number, dates, ids"
        )

    def value(self, case: EnrolmentCase, seconds: float) -> float:
        return seconds

    def rate(self, case: EnrolmentCase, seconds: float) -> float:
        return len(case.register) / seconds / 1e6

    def musts(self, case: EnrolmentCase, rows: Rows, machine: Machine) -> list[Must]:
        return [Must.at_most("<= 3 s", rows["prum_match"].value, 3.0, "s")]
