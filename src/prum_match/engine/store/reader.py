"""Storage of a gallery on disk that was opened for reading, beside a writer."""

from __future__ import annotations

import weakref
from typing import Any

import numpy as np

from prum_match import _native
from prum_match.engine.protocol import Category
from prum_match.engine.segments.labels import LabelTable
from prum_match.engine.segments.merging import same_rows
from prum_match.engine.segments.rows import ids_of
from prum_match.engine.store import disk
from prum_match.engine.store.catalogue import read_receipts
from prum_match.engine.store.columns import MappedColumns
from prum_match.engine.store.folder import Folder
from prum_match.engine.store.locks import LockFile
from prum_match.engine.store.reading import State, read_state, tail_of
from prum_match.engine.store.receipts import Receipt
from prum_match.engine.store.storage import Storage, forget_in_memory, searches_paused
from prum_match.engine.store.verification import VerificationReport
from prum_match.engine.store.verify import verify


class DiskStorage(Storage):
    """What a reader and the writer of a folder have in common."""

    _folder: Folder
    _lock: LockFile
    _category: Category[Any, Any]
    _gallery: _native.Gallery

    @property
    def category(self) -> Category[Any, Any]:
        """Category of the gallery."""
        return self._category

    def verify(self) -> VerificationReport:
        return verify(self._folder, self._category, self._lock)

    def receipts(self) -> list[Receipt]:
        return read_receipts(self._folder.catalogue)

    def close(self) -> None:
        self._gallery.publish([], self._gallery.generation)
        self._lock.close()


class DiskReader(DiskStorage):
    """Shows the state of the last opening or refresh, without the references erased since.

    Live bits are shared with the writer. References of the journal are copies in memory; after an
    erasure the journal is read again before the next search.
    """

    def __init__(
        self, folder: Folder, lock: LockFile, category: Category[Any, Any], gallery: _native.Gallery
    ) -> None:
        self._folder, self._lock = folder, lock
        self._category, self._gallery = category, gallery
        self.labels = LabelTable()
        self._generation = 0
        self._erasures = 0
        # The number of the state when it was read, and what the writer had announced by then.
        self._number = self._announced = 0
        # Earlier generations whose files candidate lists may still read, with those files.
        self._held: dict[int, list[weakref.ref[MappedColumns]]] = {}

    @classmethod
    def open(cls, folder: Folder, category_of: Any, gallery: _native.Gallery) -> DiskReader:
        """Open a folder; `category_of` returns the category for a manifest."""
        with disk.trouble("opening the gallery"):
            lock = LockFile(folder.lock, writable=False)
        try:
            lock.arrive()
            state = read_state(folder, lock)
            reader = cls(folder, lock, category_of(state.manifest), gallery)
            reader._take(state)
            lock.arrived()
        except BaseException:
            lock.close()
            raise
        return reader

    @classmethod
    def forked(
        cls,
        folder: Folder,
        lock: LockFile,
        category: Category[Any, Any],
        gallery: _native.Gallery,
        labels: LabelTable,
        generation: int,
        erasures: int,
        held: dict[int, list[weakref.ref[MappedColumns]]],
    ) -> DiskReader:
        """Return the reader of a forked process, which replaces the writer of its parent."""
        reader = cls(folder, lock, category, gallery)
        reader.labels, reader._generation, reader._erasures = labels, generation, erasures
        reader._held = held
        reader._number = reader._announced = gallery.generation
        return reader

    @property
    def generation(self) -> int:
        # Erasures show at once, without a refresh.
        return self._number + self._lock.erasures - self._erasures

    def is_outdated(self) -> bool:
        return self._lock.announced != self._announced

    def is_behind(self) -> bool:
        # Live bits are shared with the writer; only copies of the journal can be outdated.
        return self._lock.erasures != self._erasures and bool(self._copies())

    def follow(self) -> None:
        if self.is_behind():
            self.refresh()

    def refresh(self) -> None:
        self._lock.arrive()
        try:
            self._take(read_state(self._folder, self._lock))
        finally:
            self._lock.arrived()
        self._let_go()

    def _take(self, state: State) -> None:
        manifest = state.manifest
        before = self._gallery.segments()
        mapped = {s.columns.number: s for s in before if isinstance(s.columns, MappedColumns)}
        with disk.trouble("mapping a segment"):
            segments = [
                mapped.get(stored.number) or self._folder.map_segment(stored, writable=False)
                for stored in manifest.live
            ]
        tail = tail_of(self._category, state.records)
        self._lock.hold(manifest.generation)
        self._number, self._announced = state.generation, state.announced
        self._gallery.publish([*segments, *([tail] if tail else [])], self._number)
        self.labels = manifest.label_table
        self.exchangeable_only = manifest.exchangeable_only
        self._erasures = state.erasures
        kept = {s.columns.number for s in segments if isinstance(s.columns, MappedColumns)}
        gone = [
            weakref.ref(s.columns)
            for s in mapped.values()
            if isinstance(s.columns, MappedColumns) and s.columns.number not in kept
        ]
        if self._generation not in (0, manifest.generation):
            self._held[self._generation] = gone
        self._generation = manifest.generation
        self._forget_erased()

    def _let_go(self) -> None:
        """Release generations whose files no candidate list of this process reads any more."""
        for old, files in list(self._held.items()):
            if not any(file() is not None for file in files):
                self._lock.let_go(old)
                del self._held[old]

    def _forget_erased(self) -> None:
        """Overwrite copies of references that were erased or replaced since the journal was read.

        Ids alone do not tell, because another reference may have the same id by now.
        """
        current = self._gallery.segments()
        for segment in self._copies():
            if segment in current:
                continue
            rows = segment.live_row_numbers()
            ids, kept = ids_of(segment, rows.tolist()), np.zeros(len(rows), bool)
            for now in current:
                there = now.find_rows(ids)
                (found,) = np.nonzero(there >= 0)
                other = now.columns, there[found].astype(np.uint32)
                kept[found] = same_rows(self._category, (segment.columns, rows[found]), other)
            dead = rows[~kept]
            if len(dead):
                self._gallery.bury([(segment, dead)], self._number)
                with searches_paused(self._gallery):
                    forget_in_memory(self._category, segment, dead)

    def _copies(self) -> list[_native.Segment]:
        """Return the copies of journals, including former ones that candidate lists hold."""
        return [s for s in self._gallery.everywhere() if not isinstance(s.columns, MappedColumns)]

    def before_fork(self) -> None:
        # Locks in the name of the child on the files that it will read.
        self._of_child = self._lock.for_child([self._generation, *self._held])

    def after_fork(self, *, in_child: bool) -> DiskReader | None:
        of_child = self._of_child
        del self._of_child
        if in_child:
            self._lock.close()
            if of_child is None:
                self._gallery.publish([], self._number)
                return None
            self._lock = of_child
        elif of_child is not None:
            of_child.close()
        return self
