"""One probe against a database on disk, mapped, and against the same in memory."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from benchmarks.dna.search import Search, SearchCase
from benchmarks.machine import Machine
from benchmarks.storage import mapped
from benchmarks.storage.base import Stored
from benchmarks.storage.room import Room
from benchmarks.task import Must, Options, Rows
from prum_match import dna


@dataclass(frozen=True)
class MappedCase(SearchCase):
    """A database in memory and on disk."""

    room: Room

    @cached_property
    def mapped(self) -> dna.Gallery:
        path = self.room.path / "gallery"
        self.gallery.save(path)
        return self.room.keep(dna.Gallery.open(path))


class StorageSearch(Stored, Search):
    """The rival is our own search in memory."""

    name = "storage_search"
    size = 1_000_000

    def case(self, size: int, options: Options) -> MappedCase:
        made = super().case(size, options)
        return MappedCase(made.database, made.probes, Room())

    def title(self, case: SearchCase) -> str:
        return mapped.title(super().title(case))

    def musts(self, case: MappedCase, rows: Rows, machine: Machine) -> list[Must]:
        return [mapped.must(rows, mapped.pages_now(case.room.path))]
