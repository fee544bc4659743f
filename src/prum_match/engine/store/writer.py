"""Storage of a gallery on disk that was opened for writing; every change is durable."""

from __future__ import annotations

import logging
import weakref
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from prum_match import _native
from prum_match.engine.progress import begin_step, optional_work
from prum_match.engine.protocol import Category
from prum_match.engine.ragged import Columns
from prum_match.engine.segments.labels import LabelTable
from prum_match.engine.segments.merging import due, merge_newest, merged
from prum_match.engine.segments.sealing import seal
from prum_match.engine.store import disk
from prum_match.engine.store.catalogue import (
    Catalogue,
    Erasure,
    Manifest,
    StoredSegment,
)
from prum_match.engine.store.columns import MappedColumns
from prum_match.engine.store.erasing import (
    Touched,
    begun,
    finished,
    overwrite_rows,
    repair,
    sync_touched,
)
from prum_match.engine.store.folder import Folder
from prum_match.engine.store.journal import Journal, make_journal, to_payload, wipe
from prum_match.engine.store.locks import LockFile
from prum_match.engine.store.reader import DiskReader, DiskStorage
from prum_match.engine.store.reading import tail_of
from prum_match.engine.store.receipts import Receipt, digest_of, new_salt
from prum_match.engine.store.storage import (
    Places,
    WritableStorage,
    forget_in_memory,
    searches_paused,
)
from prum_match.errors import StorageError

_log = logging.getLogger(__name__)

# Enrolments up to this size go to the journal, larger ones become segments of their own.
_JOURNAL_BYTES = 1 << 16

# Number of similar segments that are merged into one; a merge on disk writes all of them again.
FAN_IN = 8

# Catalogues of the parent's writers: a child must not even close a connection of SQLite.
_left_behind: list[Catalogue] = []


class DiskWriter(DiskStorage, WritableStorage):
    """The one writer of a folder.

    The segments in memory hold the references of the journal. They become a segment on disk when
    the journal is full, and before one of them is erased, so that every erasure is one on disk.
    """

    def __init__(
        self,
        folder: Folder,
        lock: LockFile,
        catalogue: Catalogue,
        category_of: Any,
        gallery: _native.Gallery,
    ) -> None:
        self._folder, self._lock, self._gallery = folder, lock, gallery
        self._catalogue = catalogue
        self._category: Category[Any, Any] = category_of(self._manifest)
        self.labels = self._manifest.label_table
        self.exchangeable_only = self._manifest.exchangeable_only
        self._mapped: weakref.WeakValueDictionary[int, MappedColumns] = (
            weakref.WeakValueDictionary()
        )
        # Set when files and memory may differ, because mapping or a clean-up failed.
        self._in_doubt = False
        self._to_wipe: list[Path] = []

    @classmethod
    def open(cls, folder: Folder, category_of: Any, gallery: _native.Gallery) -> DiskWriter:
        """Open a folder, and complete the unfinished change of its last writer."""
        with ExitStack() as undo, disk.trouble("opening the gallery"):
            lock = LockFile(folder.lock, writable=True)
            undo.callback(lock.close)
            lock.become_writer()
            catalogue = Catalogue(folder.catalogue)
            undo.callback(catalogue.close)
            writer = cls(folder, lock, catalogue, category_of, gallery)
            writer._load()
            undo.pop_all()
        return writer

    @property
    def _manifest(self) -> Manifest:
        return self._catalogue.manifest

    @property
    def generation(self) -> int:
        return self._manifest.generation + self._journal.next - 1

    def _load(self) -> None:
        self._journal = Journal(self._folder.journal(self._manifest), self._manifest.journal_first)
        tail = tail_of(self._category, tuple(self._journal.records))
        self._journal.records.clear()
        segments = [self._map(stored) for stored in self._manifest.live]
        self._gallery.publish([*segments, *([tail] if tail else [])], self.generation)
        for path in self._folder.leftovers(self._manifest):
            wipe(path) if path.name.startswith("journal-") else disk.remove(path)
        self._complete()
        self._drop_retired()
        self._announce()

    @contextmanager
    def _changing(self, doing: str) -> Iterator[None]:
        self._make_ready()
        try:
            with disk.trouble(doing):
                yield
        finally:
            self._announce()

    def _announce(self) -> None:
        """Tell this process and all others the generation that is committed."""
        self._gallery.renumber(self.generation)
        self._lock.announce(self.generation)

    def _map(self, stored: StoredSegment) -> _native.Segment:
        segment = self._folder.map_segment(stored, writable=True)
        columns = segment.columns
        assert isinstance(columns, MappedColumns)
        self._mapped[stored.number] = columns
        return segment

    def add(self, columns: Columns, n: int, labels: LabelTable) -> None:
        with self._changing("enrolling"):
            begin_step("seal", n)
            segment = seal(self._category, columns)
            if sum(column.nbytes for column in columns.values()) <= _JOURNAL_BYTES:
                self._to_journal(segment, n, to_payload(columns), labels)
            else:
                self._publish(self._commit([segment], labels=labels))
                self._merge_segments()

    def _to_journal(
        self, segment: _native.Segment, n: int, payload: bytes, labels: LabelTable
    ) -> None:
        if not self._journal.has_room(payload):
            self._seal_tail()
        # The catalogue has to know the labels before a record uses their codes.
        if labels.names != self._manifest.labels or not self._knows_settings():
            self._commit([], labels=labels)
        try:
            self._journal.append(n, payload)
        except BaseException:
            self._in_doubt = self._journal.in_doubt
            raise
        self.labels = labels
        self._gallery.publish([*self._gallery.segments(), segment], self.generation)
        with optional_work():
            while take := due([s.live_rows for s in self._tail()], FAN_IN):
                merge_newest(self._category, self._gallery, take)

    def _knows_settings(self) -> bool:
        return dict(self._manifest.settings) == self._category.layout.settings()

    def _stored(self) -> list[_native.Segment]:
        return [s for s in self._gallery.segments() if isinstance(s.columns, MappedColumns)]

    def _tail(self) -> list[_native.Segment]:
        return [s for s in self._gallery.segments() if not isinstance(s.columns, MappedColumns)]

    def _publish(self, new: list[_native.Segment], *, tail: bool = True) -> None:
        shown = [*self._stored(), *new, *(self._tail() if tail else [])]
        self._gallery.publish(shown, self.generation)

    def _seal_tail(self) -> None:
        """Move the references of the journal to a segment on disk."""
        parts = [(s.columns, s.live_row_numbers()) for s in self._tail()]
        if parts:
            segment = seal(self._category, merged(self._category, parts))
            self._publish(self._commit([segment], new_journal=True), tail=False)
            self._merge_segments()

    def _commit(
        self,
        add: Sequence[_native.Segment],
        *,
        retire: Sequence[int] = (),
        erasures: Sequence[Erasure] = (),
        labels: LabelTable | None = None,
        new_journal: bool = False,
    ) -> list[_native.Segment]:
        """Write segments, and commit them together with the rest of a change."""
        old = self._manifest
        written: list[StoredSegment] = []
        journal = old.journal
        try:
            for number, segment in enumerate(add, old.next_segment):
                stored = self._folder.write_segment(number, segment)
                written.append(replace(stored, since=old.generation + 1))
            if new_journal:
                journal += 1
                make_journal(self._folder.journal(replace(old, journal=journal)))
                disk.sync_folder(self._folder.path)
            kept = [
                replace(s, retired=old.generation + 1) if s.number in retire else s
                for s in old.segments
            ]
            new = replace(
                old,
                segments=(*kept, *written),
                erasures=tuple(erasures),
                labels=(labels or self.labels).names,
                settings=self._category.layout.settings(),
                journal=journal,
                journal_first=self._journal.next if new_journal else old.journal_first,
                next_segment=old.next_segment + len(add),
            )
            self._catalogue.commit(new)
        except BaseException:
            self._undo(written, journal)
            raise
        self.labels = labels or self.labels
        self._in_doubt = True
        mapped = [self._map(stored) for stored in written]
        if new_journal:
            self._to_wipe.append(self._journal.path)
            self._journal = Journal(self._folder.journal(new), new.journal_first)
            with suppress(StorageError, OSError):
                self._wipe_old_journals()
        self._in_doubt = False
        return mapped

    def _undo(self, written: list[StoredSegment], journal: int) -> None:
        """Remove the files of a failed change; recovery removes those that stay."""
        listed = {segment.number for segment in self._manifest.segments}
        if self._catalogue.in_doubt or any(stored.number in listed for stored in written):
            self._in_doubt = True
            return
        with suppress(OSError):
            for stored in written:
                disk.remove(self._folder.segment(stored.number))
            if journal != self._manifest.journal:
                disk.remove(self._folder.journal(replace(self._manifest, journal=journal)))

    def _wipe_old_journals(self) -> None:
        while self._to_wipe:
            wipe(self._to_wipe[-1])
            self._to_wipe.pop()

    def _make_ready(self) -> None:
        """Complete an earlier change that failed, before the next one begins."""
        if self._in_doubt or self._catalogue.in_doubt:
            raise StorageError(
                "an earlier change failed half-way; open the gallery again to complete it",
                code="reopen_needed",
                field="path",
            )
        with disk.trouble("completing an earlier change"):
            self._wipe_old_journals()
            self._complete()

    def erase(self, reference_ids: Sequence[str]) -> tuple[Receipt, ...]:
        with self._changing("erasing"):
            return self._forget(reference_ids, None, self.labels)

    def replace(self, reference_ids: Sequence[str], columns: Columns, labels: LabelTable) -> None:
        with self._changing("replacing"):
            self._forget(reference_ids, seal(self._category, columns), labels)

    def _forget(
        self, reference_ids: Sequence[str], successor: _native.Segment | None, labels: LabelTable
    ) -> tuple[Receipt, ...]:
        ids = list(reference_ids)
        places = self._find(ids)
        tail = {id(s.columns) for s in self._tail()}
        if any(id(segment.columns) in tail for segment, _ in places):
            self._seal_tail()
            self._wipe_old_journals()
            places = self._find(ids)
        salts = {reference_id: new_salt() for reference_id in ids}
        retired = {stored.number for stored in self._manifest.retired}
        erasures = begun(places, salts, retired)
        added = self._commit([successor] if successor else [], erasures=erasures, labels=labels)
        if successor is None:
            self._gallery.bury(places, self.generation)
        touched: dict[int, Touched] = {}
        with searches_paused(self._gallery):
            if successor is not None:
                self._gallery.bury(places, self.generation)
                self._publish(added)
            for segment, rows in places:
                if isinstance(segment.columns, MappedColumns):
                    number = segment.columns.number
                    touched[number] = overwrite_rows(self._category, segment, rows)
                else:
                    forget_in_memory(self._category, segment, rows)
        segments = {s.columns.number: s for s, _ in places if isinstance(s.columns, MappedColumns)}
        receipts = self._sign_off([(e, segments[e.segment], touched[e.segment]) for e in erasures])
        self._merge_segments()
        by_digest = {receipt.digest: receipt for receipt in receipts}
        return tuple(
            by_digest[digest_of(reference_id.encode(), salt).hex()].with_salt(salt)
            for reference_id, salt in salts.items()
        )

    def _find(self, ids: list[str]) -> Places:
        """Find references everywhere, also in merged files that only other processes still read."""
        places = list(self._gallery.find_everywhere(ids))
        for stored in self._manifest.retired:
            if stored.number in {getattr(s.columns, "number", None) for s, _ in places}:
                continue
            segment = self._segment(stored)
            rows = segment.find_rows(ids)
            if (rows >= 0).any():
                places.append((segment, rows[rows >= 0].astype(np.uint32)))
        return places

    def _segment(self, stored: StoredSegment) -> _native.Segment:
        for segment in self._stored():
            if getattr(segment.columns, "number", None) == stored.number:
                return segment
        columns = self._mapped.get(stored.number)
        return self._map(stored) if columns is None else _native.Segment(stored.rows, columns)

    def _sign_off(self, done: list[tuple[Erasure, _native.Segment, Touched]]) -> list[Receipt]:
        """Commit the new checksums and the receipts of erasures."""
        with _native.Muted():
            for _, segment, touched in done:
                sync_touched(segment, touched)
            manifest, receipts = finished(self._manifest, done)
            self._catalogue.commit(manifest, receipts)
        self._lock.count_erasure()
        return receipts

    def _complete(self) -> None:
        """Complete the erasures that a crash or a failing disk has cut short."""
        if not self._manifest.erasures:
            return
        stored = {s.number: s for s in self._manifest.segments}
        done = []
        with searches_paused(self._gallery):
            for erasure in self._manifest.erasures:
                segment = self._segment(stored[erasure.segment])
                done.append((erasure, segment, repair(self._category, segment, erasure.rows)))
        self._sign_off(done)

    def compact(self) -> None:
        with self._changing("compacting"):
            self._merge(len(self._stored()), with_tail=True)
            self._drop_retired()

    def _merge_segments(self) -> None:
        """Merge the newest segments if many have a similar size; a failing disk only delays it."""
        try:
            with optional_work(), disk.trouble("merging segments"):
                while take := due([s.live_rows for s in self._stored()], FAN_IN):
                    self._merge(take)
                self._drop_retired()
        except (OSError, MemoryError) as error:
            _log.warning("merging segments failed (%s); it is tried again later", type(error))

    def _merge(self, take: int, *, with_tail: bool = False) -> None:
        begin_step("merge")
        stored = self._stored()
        old = stored[len(stored) - take :]
        parts = [(s.columns, s.live_row_numbers()) for s in old]
        if with_tail:
            parts += [(s.columns, s.live_row_numbers()) for s in self._tail()]
        parts = [part for part in parts if len(part[1])]
        new = [seal(self._category, merged(self._category, parts))] if parts else []
        retire = [s.columns.number for s in old if isinstance(s.columns, MappedColumns)]
        added = self._commit(new, retire=retire, new_journal=with_tail)
        tail = [] if with_tail else self._tail()
        self._gallery.publish([*stored[: len(stored) - take], *added, *tail], self.generation)

    def _drop_retired(self) -> None:
        """Remove merged files that no process can be reading any more."""
        unread = [
            stored
            for stored in self._manifest.retired
            if stored.number not in self._mapped
            and not self._lock.held_between(stored.since, stored.retired or 0)
        ]
        if unread:
            numbers = {stored.number for stored in unread}
            kept = tuple(s for s in self._manifest.segments if s.number not in numbers)
            self._catalogue.commit(replace(self._manifest, segments=kept))
            for stored in unread:
                disk.remove(self._folder.segment(stored.number))

    def close(self) -> None:
        super().close()
        self._journal.close()
        self._catalogue.close()

    def before_fork(self) -> None:
        # Locks in the name of the child on the files that it will read.
        self._held_by_child: dict[int, list[weakref.ref[MappedColumns]]] = {}
        for stored in self._manifest.retired:
            # A candidate list may read it, and its copy in the child too.
            columns = self._mapped.get(stored.number)
            if columns is not None and stored.retired is not None:
                self._held_by_child.setdefault(stored.retired - 1, []).append(weakref.ref(columns))
        generations = [self._manifest.generation, *self._held_by_child]
        self._of_child = self._lock.for_child(generations)
        self._erased_before = self._lock.erasures

    def after_fork(self, *, in_child: bool) -> DiskWriter | DiskReader | None:
        # The parent stays the writer; the child gets a reader.
        of_child = self._of_child
        del self._of_child
        if not in_child:
            if of_child is not None:
                of_child.close()
            return self
        _left_behind.append(self._catalogue)
        self._lock.close()
        if of_child is None:
            self._gallery.publish([], 0)
            return None
        return DiskReader.forked(
            self._folder,
            of_child,
            self._category,
            self._gallery,
            self.labels,
            self._manifest.generation,
            self._erased_before,
            self._held_by_child,
        )
