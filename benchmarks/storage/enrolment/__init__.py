"""A new database enrolled into an empty gallery on disk, in ten batches, each durable."""

from __future__ import annotations

from benchmarks.machine import Machine
from benchmarks.storage.base import OURS, Stored
from benchmarks.storage.profiles import ProfilesCase
from benchmarks.task import Must, Options, Rows

BATCHES = 10
FLOOR = 1.0


def batches(case: ProfilesCase) -> list[slice]:
    """Return the rows of each batch."""
    size = -(-len(case) // BATCHES)
    return [slice(begin, begin + size) for begin in range(0, len(case), size)]


class StorageEnrolment(Stored):
    name = "storage_enrolment"
    value_unit = "s"
    rate_unit = "M profiles/s"
    size = 1_000_000
    quick_size = 20_000

    def case(self, size: int, options: Options) -> ProfilesCase:
        return ProfilesCase.of(size)

    def title(self, case: ProfilesCase) -> str:
        return (
            f"{len(case):,} rows of an int16 array with their ids, {BATCHES} calls, each durable "
            "when it returns, merges of segments included; making and opening the empty gallery, "
            "and closing it, not timed"
        )

    def value(self, case: ProfilesCase, seconds: float) -> float:
        return seconds

    def rate(self, case: ProfilesCase, seconds: float) -> float:
        return len(case) / seconds / 1e6

    def musts(self, case: ProfilesCase, rows: Rows, machine: Machine) -> list[Must]:
        text = f">= {FLOOR:g} M profiles/s"
        return [Must.at_least(text, rows[OURS].rate, FLOOR, "M profiles/s")]
