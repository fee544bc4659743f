"""Contents of a gallery, and the one way to search them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from prum_match import _native
from prum_match.engine.galleries import forking
from prum_match.engine.galleries.eligible import Eligible, native_filter
from prum_match.engine.policy import Policy, list_cap
from prum_match.engine.progress import refuse_changes_from_within
from prum_match.engine.protocol import Category
from prum_match.engine.runtime import check_threads
from prum_match.engine.segments import rows
from prum_match.engine.store.storage import Storage, WritableStorage, naming_path
from prum_match.errors import StorageError, UnknownReference

Item = TypeVar("Item")

_NO_LIMIT = 2**64 - 1


class GalleryCore(Generic[Item]):
    """Category, native gallery, storage and lock of one gallery.

    Everything that searches a gallery or reads from it needs this part of it alone.
    """

    def __init__(
        self,
        category: Category[Item, Any],
        native: _native.Gallery,
        storage: Storage,
        path: str | None = None,
    ) -> None:
        self.category = category
        # Folder of a gallery on disk, as it was opened.
        self.path = path
        self.native = native
        # None after `close`, and in a forked process that could not get locks of its own.
        self._storage: Storage | None = storage
        self._forked_from_writer = False
        # Held during every change of the gallery; searches never take it.
        self.lock = threading.RLock()
        forking.register(self)

    @property
    def storage(self) -> Storage:
        """Storage of a gallery that is open."""
        if self._storage is None:
            with naming_path(self.path):
                raise StorageError("the gallery is closed", code="closed", field="gallery")
        return self._storage

    def writable(self) -> WritableStorage:
        """Return the storage of a gallery that may be changed."""
        refuse_changes_from_within()
        storage = self.storage
        if isinstance(storage, WritableStorage):
            return storage
        if self._forked_from_writer:
            raise StorageError(
                "only the parent of this forked process may change the gallery",
                code="forked",
                field="mode",
            )
        raise StorageError(
            "the gallery was opened for reading; open it with mode 'rw' to change it",
            code="read_only",
            field="mode",
        )

    def close(self) -> None:
        """Release files, locks and references."""
        with self.lock:
            if self._storage is not None:
                self._storage.close()
                self._storage = None

    def before_fork(self) -> None:
        """Prepare the storage for a fork."""
        if self._storage is not None:
            self._storage.before_fork()

    def after_fork(self, *, in_child: bool) -> None:
        """Take the storage that this process has after a fork."""
        if self._storage is not None:
            before = self._storage
            self._storage = before.after_fork(in_child=in_child)
            if isinstance(before, WritableStorage) and self._storage is not before:
                self._forked_from_writer = True

    @contextmanager
    def held(self) -> Iterator[Storage]:
        """Keep all others from changing the gallery; errors of the storage name its folder."""
        with self.lock, naming_path(self.path):
            yield self.storage

    def catch_up(self) -> bool:
        """Apply the erasures of other processes; return whether there were any."""
        behind = self.storage.is_behind()
        if behind:
            with self.held() as storage:
                storage.follow()
        return behind

    def segments(self) -> list[_native.Segment]:
        """Return the segments in their order."""
        return self.native.segments()

    def digest(self) -> str:
        """Return a digest of the references, column by column.

        A generation alone cannot tell after a restart whether a gallery has changed: in memory it
        begins anew, and a folder may have been restored.
        """
        digest = sha256()
        primary = [column.name for column in self.category.layout.columns if column.primary]
        for segment in self.segments():
            # Sizes tell the segments apart, and fillers which rows are dead.
            for name in ("ids.offsets", "ids.bytes", *primary):
                column = segment.columns.get(name)
                if column is not None:
                    digest.update(b"%s %d;" % (name.encode(), column.nbytes))
                    digest.update(np.ascontiguousarray(column).data)
        return digest.hexdigest()

    def place(self, reference_id: str, index: int | None = None) -> tuple[_native.Segment, int]:
        """Return segment and row of a reference."""
        self.catch_up()
        found = self.native.locate(reference_id) if rows.may_be_id(reference_id) else None
        if found is None:
            raise rows.unknown(reference_id, index)
        return found

    def item_at(self, segment: _native.Segment, row: int) -> Item:
        """Return the item in a live row."""
        with self.reading(segment, row):
            return self.category.layout.decode(segment, row)

    def label_of(self, segment: _native.Segment, row: int) -> str | None:
        """Return the label of a live row."""
        with self.reading(segment, row):
            return self.label_in(segment, row)

    def label_in(self, segment: _native.Segment, row: int) -> str | None:
        """Return the label of a row that the caller keeps from being overwritten."""
        codes = segment.columns.get("labels")
        return None if codes is None else self.storage.labels.name(int(codes[row]))

    def labels_in(self, codes: NDArray[np.uint8]) -> list[str | None]:
        """Return the labels of codes."""
        names = {code: self.storage.labels.name(code) for code in np.unique(codes).tolist()}
        return [names[code] for code in codes.tolist()]

    def subject_of(self, segment: _native.Segment, row: int) -> str | None:
        """Return the subject id of a live row."""
        with self.reading(segment, row):
            return rows.subject_of(segment, row)

    @contextmanager
    def reading(self, segment: _native.Segment, row: int) -> Iterator[None]:
        """Keep this process from overwriting a row while it is read."""
        self.catch_up()
        self.native.enter_gate()
        try:
            _check_live(segment, row)
            try:
                yield
            finally:
                # Another process may have overwritten the row meanwhile: then nothing that was
                # read counts.
                _check_live(segment, row)
        finally:
            self.native.leave_gate()

    def run(
        self,
        matcher: _native.Matcher,
        policy: Policy,
        limit: int | None = None,
        eligible: Eligible | None = None,
        threads: int | None = None,
        origin: tuple[int, NDArray[np.uint32]] | None = None,
        count_all: bool = False,
        fuse_subjects: bool = False,
    ) -> _native.SearchResult:
        """Search with prepared probes; `origin` names their own rows in a join with itself."""
        cap = list_cap(policy, limit)
        self.category.matching.check_bounds(policy, cap)
        workers = 0 if threads is None else check_threads(threads)
        self.catch_up()
        labels, ids, ranges = native_filter(eligible, self.storage.labels, self.category)
        while True:
            with rows.naming("eligible", ids or []):
                found = self.native.search(
                    matcher,
                    _NO_LIMIT if cap is None else cap,
                    workers,
                    labels,
                    ids,
                    ranges,
                    origin,
                    bool(count_all),
                    bool(fuse_subjects),
                )
            if not self.catch_up() or rows.all_live(found):
                return found


def _check_live(segment: _native.Segment, row: int) -> None:
    if not segment.is_live(row):
        raise UnknownReference(
            "the reference was erased or replaced after the search",
            code="erased",
            field="reference_id",
        )
