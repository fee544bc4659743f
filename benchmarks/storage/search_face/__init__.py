"""The 20 best of a million vectors on disk, mapped, and of the same in memory."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from benchmarks.face.search import SearchCase
from benchmarks.face.search.tasks import FaceSearch
from benchmarks.machine import Machine
from benchmarks.storage import mapped
from benchmarks.storage.base import Stored
from benchmarks.storage.room import Room
from benchmarks.task import Must, Options, Rows
from prum_match import face


@dataclass(frozen=True)
class MappedCase(SearchCase):
    """Vectors in memory and on disk."""

    room: Room

    @cached_property
    def mapped(self) -> face.Gallery:
        path = self.room.path / "gallery"
        self.gallery.save(path)
        return self.room.keep(face.Gallery.open(path))


class StorageSearchFace(Stored, FaceSearch):
    """The rival is our own search in memory."""

    name = "storage_search_face"

    def case(self, size: int, options: Options) -> MappedCase:
        return MappedCase(**vars(super().case(size, options)), room=Room())

    def title(self, case: SearchCase) -> str:
        return mapped.title(super().title(case))

    def musts(self, case: MappedCase, rows: Rows, machine: Machine) -> list[Must]:
        return [mapped.must(rows, mapped.pages_now(case.room.path))]
