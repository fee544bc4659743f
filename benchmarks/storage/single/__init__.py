"""Profiles enrolled one a call, each durable when its call returns."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from benchmarks.dna.data import LOCI
from benchmarks.machine import Machine
from benchmarks.rows import reference_id
from benchmarks.storage.base import Stored
from benchmarks.storage.profiles import ProfilesCase
from benchmarks.task import Must, Options, Rows
from prum_match import dna

BARE = "bare fsync"
FLOOR = 0.5


@dataclass(frozen=True)
class SingleCase(ProfilesCase):
    """Profiles as objects, and what one of them takes in a file."""

    @cached_property
    def profiles(self) -> list[dna.Profile]:
        return list(dna.ProfileTable(LOCI, self.alleles))

    @cached_property
    def record(self) -> bytes:
        """What the enrolment of one profile leaves in the journal, which ends in zeros."""
        path = self.room.path / "one"
        dna.Gallery().save(path)
        (journal,) = path.glob("journal-*")
        before = journal.read_bytes().rstrip(b"\0")
        with dna.Gallery.open(path, mode="rw") as gallery:
            gallery.enrol([reference_id(0)], self.profiles[:1])
        return journal.read_bytes().rstrip(b"\0")[len(before) :]


class Single(Stored):
    """As many as fill the journal once, so that a segment is made of it."""

    name = "storage_single"
    value_unit = "ms a profile"
    rate_unit = "profiles/s"
    size = 4_000
    quick_size = 50

    def case(self, size: int, options: Options) -> SingleCase:
        return SingleCase.of(size)

    def title(self, case: SingleCase) -> str:
        return (
            f"{len(case):,} dna.Profile objects, made before, enrolled one a call into a gallery "
            "on disk that is empty at first, each durable when its call returns"
        )

    def value(self, case: SingleCase, seconds: float) -> float:
        return seconds / len(case) * 1e3

    def rate(self, case: SingleCase, seconds: float) -> float:
        return len(case) / seconds

    def musts(self, case: SingleCase, rows: Rows, machine: Machine) -> list[Must]:
        text = f">= {FLOOR:g}x the rate of {BARE}"
        return [Must.at_least(text, rows[BARE].times_ours, FLOOR, "x")]
