"""A gallery on disk read again in full and proved."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from numpy.typing import NDArray

from benchmarks.dna.data import LOCI
from benchmarks.machine import Machine
from benchmarks.storage.base import Stored
from benchmarks.storage.profiles import ProfilesCase
from benchmarks.task import Must, Options, Rows
from prum_match import dna

BYTES = "bytes"


@dataclass(frozen=True)
class VerificationCase(ProfilesCase):
    """A database as the columns of one segment, in memory."""

    @cached_property
    def gallery(self) -> dna.Gallery:
        gallery = dna.Gallery()
        table = dna.ProfileTable(LOCI, self.alleles)
        gallery.enrol(self.database.reference_ids, table)
        return gallery

    @property
    def columns(self) -> list[NDArray[Any]]:
        (segment,) = self.gallery._core.segments()
        return list(segment.columns.values())

    @property
    def nbytes(self) -> int:
        return sum(column.nbytes for column in self.columns)


class Verification(Stored):
    """The rival is the bare checksum, which bounds ours."""

    name = "storage_verify"
    value_unit = "ms"
    rate_unit = "GB/s"
    size = 1_000_000
    quick_size = 20_000

    def case(self, size: int, options: Options) -> VerificationCase:
        return VerificationCase.of(size)

    def title(self, case: VerificationCase) -> str:
        return (
            f"dna.Gallery.verify of {len(case):,} profiles in one segment of "
            f"{case.nbytes / 1e6:,.4g} MB, files in the page cache: checksums, fillers, index and "
            "counts, receipts, journal, catalogue"
        )

    def value(self, case: VerificationCase, seconds: float) -> float:
        return seconds * 1e3

    def rate(self, case: VerificationCase, seconds: float) -> float:
        return case.nbytes / seconds / 1e9

    def musts(self, case: VerificationCase, rows: Rows, machine: Machine) -> list[Must]:
        return []
