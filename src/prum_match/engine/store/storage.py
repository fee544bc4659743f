"""Where a gallery's references are kept: in memory, or on disk by the same verbs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from prum_match import _native
from prum_match.engine.protocol import Category, Columns, Trace
from prum_match.engine.segments import rows
from prum_match.engine.segments.enrolment import LabelTable, seal
from prum_match.engine.segments.merging import merge_small, merged
from prum_match.engine.store.receipts import Receipt
from prum_match.engine.store.verification import Progress, VerificationReport

# Segments, and rows of them.
Places = Sequence[tuple[_native.Segment, NDArray[np.uint32]]]


class Storage(Protocol):
    """What changes a gallery; the gallery holds its writer's lock around every call."""

    labels: LabelTable

    def add(self, columns: Columns, n: int, labels: LabelTable) -> None:
        """Keep new references, given as unsealed columns, and publish them."""

    def erase(self, reference_ids: Sequence[str]) -> tuple[Receipt, ...]:
        """Forget references."""

    def replace(
        self, reference_ids: Sequence[str], columns: Columns, labels: LabelTable
    ) -> tuple[Receipt, ...]:
        """Forget references and keep others, theirs among them, in one step."""

    def compact(self) -> None:
        """Merge what can be merged, and give the room of erased rows back."""

    def is_behind(self) -> bool:
        """Whether another process has erased something that this one may still show."""

    def follow(self) -> None:
        """Catch up with that."""

    def refresh(self) -> None:
        """Go on to the newest state of what others write."""

    def close(self) -> None:
        """Let go of everything."""

    def verify(self, progress: Progress) -> VerificationReport:
        """Read everything again and prove it."""

    def receipts(self) -> list[Receipt]:
        """Return the receipts of all erasures."""

    def before_fork(self) -> None:
        """Get ready for a fork."""

    def after_fork(self, *, in_child: bool) -> Storage | None:
        """Go on after a fork; return where the references are kept from now on, if anywhere."""


class MemoryStorage:
    """References of this process alone."""

    def __init__(self, category: Category[Any], core: _native.Gallery, labels: LabelTable) -> None:
        self._category, self._core, self.labels = category, core, labels

    def add(self, columns: Columns, n: int, labels: LabelTable) -> None:
        """Publish a new segment, and merge small ones."""
        segment = seal(self._category, columns)
        self.labels = labels
        self._core.publish([*self._core.segments(), segment])
        merge_small(self._category, self._core)

    def erase(self, reference_ids: Sequence[str]) -> tuple[Receipt, ...]:
        """Bury and overwrite; there are no receipts of what ends with the process."""
        places = self._core.find_everywhere(list(reference_ids))
        self._core.bury(places)
        with alone(self._core):
            self._overwrite(places)
        return ()

    def replace(
        self, reference_ids: Sequence[str], columns: Columns, labels: LabelTable
    ) -> tuple[Receipt, ...]:
        """Do both while no search runs."""
        segment = seal(self._category, columns)
        places = self._core.find_everywhere(list(reference_ids))
        with alone(self._core):
            self._core.bury(places)
            self._overwrite(places)
            self._core.publish([*self._core.segments(), segment])
        self.labels = labels
        merge_small(self._category, self._core)
        return ()

    def compact(self) -> None:
        """Merge all segments but those that read a caller's array."""
        segments = self._core.segments()
        kept = [s for s in segments if s.live_rows and not self._category.may_merge(s)]
        parts = [
            (s.columns, s.live_row_numbers())
            for s in segments
            if s.live_rows and self._category.may_merge(s)
        ]
        new = [seal(self._category, merged(self._category, parts))] if parts else []
        self._core.publish([*kept, *new])

    def is_behind(self) -> bool:
        """There are no other processes."""
        return False

    def follow(self) -> None:
        """There are no other processes."""

    def refresh(self) -> None:
        """Nobody else writes it."""

    def close(self) -> None:
        """Let go of everything."""
        self._core.publish([])

    def verify(self, progress: Progress) -> VerificationReport:
        """Nothing is on disk."""
        return VerificationReport((), int(self._core.size), 0, 0, 0)

    def receipts(self) -> list[Receipt]:
        """There are none."""
        return []

    def before_fork(self) -> None:
        """There is nothing to do."""

    def after_fork(self, *, in_child: bool) -> MemoryStorage:
        """There is nothing to do: the child has a copy."""
        return self

    def _overwrite(self, places: Places) -> None:
        for segment, dead in places:
            forget_in_memory(self._category, segment, dead)


@contextmanager
def alone(core: _native.Gallery) -> Iterator[None]:
    """Wait out running searches of this process and hold off new ones."""
    core.close_gate()
    try:
        yield
    finally:
        core.open_gate()


def places_of(
    category: Category[Any], segment: _native.Segment, dead: NDArray[np.uint32]
) -> list[Trace]:
    """Return all that is kept of dead rows, and what goes there, before any of it is written."""
    return [*rows.traces(segment, dead), *category.traces(segment, dead)]


def forget_in_memory(
    category: Category[Any], segment: _native.Segment, dead: NDArray[np.uint32]
) -> None:
    """Overwrite everything that is kept of dead rows."""
    rows.overwrite(segment.columns, places_of(category, segment, dead))
