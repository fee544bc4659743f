"""Storage of a gallery: what a gallery needs of memory and of a folder alike."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from prum_match import _native
from prum_match.engine.columns import Trace
from prum_match.engine.progress import begin_step, optional_work
from prum_match.engine.protocol import Category
from prum_match.engine.ragged import Columns
from prum_match.engine.segments import rows
from prum_match.engine.segments.labels import LabelTable
from prum_match.engine.segments.merging import merge_small, merged
from prum_match.engine.segments.sealing import seal
from prum_match.engine.store.receipts import Receipt
from prum_match.engine.store.verification import VerificationReport
from prum_match.errors import StorageError

# Segments, each with some of its rows.
Places = Sequence[tuple[_native.Segment, NDArray[np.uint32]]]


class Storage(ABC):
    """Storage of a gallery that is only read.

    The gallery holds its lock around every call but :meth:`is_behind`. The defaults are those of a
    storage that no other process changes.
    """

    labels: LabelTable
    # Whether items below the floor of the exchange are refused.
    exchangeable_only: bool = False

    @property
    @abstractmethod
    def generation(self) -> int:
        """Number of the state that is shown; on disk that of the catalogue and the journal."""

    def is_outdated(self) -> bool:
        """Tell whether another process has committed what this storage does not show."""
        return False

    def is_behind(self) -> bool:
        """Tell whether searches may still show what another process has erased."""
        return False

    def follow(self) -> None:
        """Apply the erasures of other processes."""
        return None

    def refresh(self) -> None:
        """Go on to the newest state that another process has written."""
        return None

    @abstractmethod
    def verify(self) -> VerificationReport:
        """Read all files again and check them."""

    @abstractmethod
    def receipts(self) -> list[Receipt]:
        """Return the receipts of all erasures."""

    @abstractmethod
    def close(self) -> None:
        """Release files, locks and references."""

    def before_fork(self) -> None:
        """Prepare for a fork."""
        return None

    def after_fork(self, *, in_child: bool) -> Storage | None:
        """Return the storage that this process has after a fork; None if it can have none."""
        return self


class WritableStorage(Storage):
    """Storage of a gallery that may be changed."""

    @abstractmethod
    def add(self, columns: Columns, n: int, labels: LabelTable) -> None:
        """Store new references, given as unsealed columns, and publish them."""

    @abstractmethod
    def erase(self, reference_ids: Sequence[str]) -> tuple[Receipt, ...]:
        """Bury references, overwrite them, and return their receipts if there are any."""

    @abstractmethod
    def replace(self, reference_ids: Sequence[str], columns: Columns, labels: LabelTable) -> None:
        """Erase references and add others, which may have the same ids, in one step."""

    @abstractmethod
    def compact(self) -> None:
        """Merge all segments into one and free the space of erased rows."""


class MemoryStorage(WritableStorage):
    """Storage in the memory of this process."""

    def __init__(
        self,
        category: Category[Any, Any],
        gallery: _native.Gallery,
        labels: LabelTable,
        exchangeable_only: bool = False,
    ) -> None:
        self._category, self._gallery, self.labels = category, gallery, labels
        self.exchangeable_only = exchangeable_only

    @property
    def generation(self) -> int:
        return self._gallery.generation

    def add(self, columns: Columns, n: int, labels: LabelTable) -> None:
        begin_step("seal", n)
        segment = seal(self._category, columns)
        self.labels = labels
        self._gallery.publish([*self._gallery.segments(), segment], self.generation + 1)
        self._merge()

    def erase(self, reference_ids: Sequence[str]) -> tuple[Receipt, ...]:
        places = self._gallery.find_everywhere(list(reference_ids))
        self._gallery.bury(places, self.generation + 1)
        with searches_paused(self._gallery):
            self._overwrite(places)
        return ()

    def replace(self, reference_ids: Sequence[str], columns: Columns, labels: LabelTable) -> None:
        segment = seal(self._category, columns)
        places = self._gallery.find_everywhere(list(reference_ids))
        with searches_paused(self._gallery):
            self._gallery.bury(places, self.generation + 1)
            self._overwrite(places)
            self._gallery.publish([*self._gallery.segments(), segment], self.generation)
        self.labels = labels
        self._merge()

    def compact(self) -> None:
        begin_step("merge")
        segments = self._gallery.segments()
        kept = [s for s in segments if s.live_rows and not self._category.layout.may_merge(s)]
        parts = [
            (s.columns, s.live_row_numbers())
            for s in segments
            if s.live_rows and self._category.layout.may_merge(s)
        ]
        new = [seal(self._category, merged(self._category, parts))] if parts else []
        self._gallery.publish([*kept, *new], self.generation)

    def close(self) -> None:
        self._gallery.publish([], self.generation + 1)

    def verify(self) -> VerificationReport:
        return VerificationReport((), int(self._gallery.size), 0, 0, 0)

    def receipts(self) -> list[Receipt]:
        return []

    def _merge(self) -> None:
        with optional_work():
            merge_small(self._category, self._gallery)

    def _overwrite(self, places: Places) -> None:
        for segment, dead in places:
            forget_in_memory(self._category, segment, dead)


@contextmanager
def naming_path(path: str | None) -> Iterator[None]:
    """Add the folder of a gallery to errors of its storage."""
    try:
        yield
    except StorageError as error:
        error.path = path
        raise


@contextmanager
def searches_paused(gallery: _native.Gallery) -> Iterator[None]:
    """Wait until the running searches of this process end, and hold back new ones.

    What is done meanwhile is not ended by the progress of the call, for it could not be undone.
    """
    gallery.close_gate()
    try:
        with _native.Muted():
            yield
    finally:
        gallery.open_gate()


def traces_of(
    category: Category[Any, Any], segment: _native.Segment, dead: NDArray[np.uint32]
) -> list[Trace]:
    """Return all places that hold something of dead rows; complete before any is overwritten."""
    return [*rows.traces(segment, dead), *category.layout.traces(segment, dead)]


def forget_in_memory(
    category: Category[Any, Any], segment: _native.Segment, dead: NDArray[np.uint32]
) -> None:
    """Overwrite everything that a segment in memory holds of dead rows."""
    rows.overwrite(segment.columns, traces_of(category, segment, dead))
