"""Persons into filters of 1,024 bits, names and birth date, from nothing but the key."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.machine import Machine
from benchmarks.police_record.data import POPULATION, single_names
from benchmarks.task import Must, Options, Rows, Task
from prum_match.police_record.persons.person import Person
from prum_match.samples import persons

CLKHASH = "clkhash"


@dataclass(frozen=True)
class EncodingCase:
    """Persons with one name each."""

    persons: Sequence[Person]


class Encoding(Task):
    """They encode otherwise, so that the filters are not compared."""

    name = "police_encode"
    value_unit = "us a person"
    rate_unit = "k persons/s"
    size = 100_000
    quick_size = 500

    def case(self, size: int, options: Options) -> EncodingCase:
        return EncodingCase(single_names(persons.population(size, seed=POPULATION)[:]))

    def title(self, case: EncodingCase) -> str:
        return f"{len(case.persons):,} persons into filters of 1,024 bits, one thread"

    def value(self, case: EncodingCase, seconds: float) -> float:
        return seconds / len(case.persons) * 1e6

    def rate(self, case: EncodingCase, seconds: float) -> float:
        return len(case.persons) / seconds / 1e3

    def musts(self, case: EncodingCase, rows: Rows, machine: Machine) -> list[Must]:
        ours = rows["prum_match"].rate
        return [
            Must.at_least(">= 100 k persons/s", ours, 100.0, "k persons/s"),
            Must.at_least(f"beside {CLKHASH}", rows[CLKHASH].times_ours, 1.0, "x"),
        ]
