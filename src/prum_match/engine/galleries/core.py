"""What a gallery holds, read reference by reference; the part that candidate lists need."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Generic, TypeVar

from prum_match import _native
from prum_match.engine.galleries import forking
from prum_match.engine.protocol import Category
from prum_match.engine.segments import rows
from prum_match.engine.store.storage import Storage
from prum_match.errors import StorageError, UnknownReference

Item = TypeVar("Item")


class GalleryCore(Generic[Item]):
    """References by their id, and rows that candidates point to."""

    category: Category[Item]

    def _begin(self, category: Category[Item], core: _native.Gallery, home: Storage) -> None:
        self.category = category
        self._core = core
        self._kept_at: Storage | None = home
        # Held by whoever changes the gallery; searches never take it.
        self._writer = threading.RLock()
        forking.register(self)

    @property
    def _home(self) -> Storage:
        if self._kept_at is None:
            raise StorageError("the gallery is closed", code="closed", field="gallery")
        return self._kept_at

    def _catch_up(self) -> bool:
        """Take over what another process has erased; return whether there was anything."""
        behind = self._home.is_behind()
        if behind:
            with self._writer:
                self._home.follow()
        return behind

    def _place(self, reference_id: str, index: int | None = None) -> tuple[_native.Segment, int]:
        self._catch_up()
        found = self._core.locate(reference_id) if rows.may_be_id(reference_id) else None
        if found is None:
            raise rows.unknown(reference_id, index)
        return found

    def item_at(self, segment: _native.Segment, row: int) -> Item:
        """Return the item in a row that is still live."""
        with self._reading(segment, row):
            return self.category.decode(segment, row)

    def label_of(self, segment: _native.Segment, row: int) -> str | None:
        """Return the label of a row that is still live."""
        with self._reading(segment, row):
            labels = segment.columns.get("labels")
            return None if labels is None else self._home.labels.name(int(labels[row]))

    def subject_of(self, segment: _native.Segment, row: int) -> str | None:
        """Return the subject id of a row that is still live."""
        with self._reading(segment, row):
            return rows.subject_of(segment, row)

    @contextmanager
    def _reading(self, segment: _native.Segment, row: int) -> Iterator[None]:
        """Hold off the overwriting of a row, if it is still live."""
        self._catch_up()
        self._core.enter_gate()
        try:
            _check_live(segment, row)
            try:
                yield
            finally:
                # Another process may have overwritten it; what was read then means nothing.
                _check_live(segment, row)
        finally:
            self._core.leave_gate()

    def __getitem__(self, reference_id: str) -> Item:
        """Return the enrolled item, as far as the gallery keeps it."""
        return self.item_at(*self._place(reference_id))

    def __contains__(self, reference_id: object) -> bool:
        self._catch_up()
        return rows.may_be_id(reference_id) and self._core.contains(reference_id)

    def __iter__(self) -> Iterator[str]:
        """Iterate over the reference ids that are enrolled now, in no particular order."""
        self._catch_up()
        for segment in self._core.segments():
            yield from rows.ids_of(segment, segment.live_row_numbers().tolist())

    def __len__(self) -> int:
        self._catch_up()
        return self._core.size

    @property
    def generation(self) -> int:
        """Number of changes so far; equal numbers mean equal contents."""
        return self._core.generation

    def segments(self) -> list[_native.Segment]:
        """Return the segments in their order; for category packages and tools."""
        return self._core.segments()


def _check_live(segment: _native.Segment, row: int) -> None:
    if not segment.is_live(row):
        raise UnknownReference(
            "the reference was erased or replaced after the search",
            code="erased",
            field="reference_id",
        )
