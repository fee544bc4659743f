"""A new database enrolled in one call, from an array or from Profile objects."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from benchmarks.dna.data import LOCI, Database, simulate
from benchmarks.machine import Machine
from benchmarks.task import Must, Options, Rows, Task, Traffic
from prum_match import dna

SAMPLE = 500


@dataclass(frozen=True)
class EnrolmentCase:
    """A database, and whether it comes as an array or as objects."""

    database: Database
    as_profiles: bool

    @cached_property
    def reference_ids(self) -> list[str]:
        return self.database.reference_ids

    @cached_property
    def table(self) -> dna.ProfileTable:
        return dna.ProfileTable(LOCI, self.database.alleles)

    @cached_property
    def profiles(self) -> list[dna.Profile]:
        return list(self.table)

    @property
    def sample(self) -> range:
        """Rows that are read back and compared."""
        n = len(self.database.alleles)
        return range(0, n, max(1, n // SAMPLE))


class Enrolment(Task):
    value_unit = "s"
    rate_unit = "M profiles/s"
    as_profiles: ClassVar[bool]
    floor: ClassVar[float]

    def case(self, size: int, options: Options) -> EnrolmentCase:
        return EnrolmentCase(simulate(size, seed=41), self.as_profiles)

    def title(self, case: EnrolmentCase) -> str:
        form = "dna.Profile objects, made before" if self.as_profiles else "rows of an int16 array"
        return (
            f"{len(case.database.alleles):,} {form}, {len(LOCI)} loci, four kits, enrolled with "
            "their ids in one call, ready to be searched"
        )

    def value(self, case: EnrolmentCase, seconds: float) -> float:
        return seconds

    def rate(self, case: EnrolmentCase, seconds: float) -> float:
        return len(case.database.alleles) / seconds / 1e6

    def traffic(self, case: EnrolmentCase) -> Traffic:
        n = len(case.database.alleles)
        read = n * (len(LOCI) * 4 + 10)
        written = n * (len(LOCI) * 3 + 1 + 10 + 8)
        return Traffic(
            float(read + written),
            "alleles and ids once in, stored columns once out; the sort and the id index, which "
            "jump about in memory, not counted",
        )

    def musts(self, case: EnrolmentCase, rows: Rows, machine: Machine) -> list[Must]:
        text = f">= {self.floor:g} M profiles/s"
        return [Must.at_least(text, rows["prum_match"].rate, self.floor, "M profiles/s")]


class Arrays(Enrolment):
    name = "enrolment_arrays"
    size = 1_000_000
    quick_size = 100_000
    as_profiles = False
    floor = 3.0


class Profiles(Enrolment):
    name = "enrolment_profiles"
    size = 200_000
    quick_size = 5_000
    as_profiles = True
    floor = 0.3
