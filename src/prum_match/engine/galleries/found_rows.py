"""What a candidate list knows of its candidates beyond their ids: in a gallery, or detached."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NoReturn, Protocol, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from prum_match import _native
from prum_match.engine.galleries.core import GalleryCore
from prum_match.engine.policy import Policy
from prum_match.engine.protocol import Comparison
from prum_match.engine.ragged import Columns
from prum_match.errors import PrumError

T = TypeVar("T")


class FoundRows(Protocol):
    """The rows of candidates, best first."""

    @property
    def category(self) -> str:
        """Name of the category."""
        ...

    def part(self, part: slice) -> Self:
        """Return some of the rows."""
        ...

    def columns(self, policy: Policy) -> Columns:
        """Return the result columns."""
        ...

    def subject_id(self, position: int) -> str | None:
        """Return the subject of a reference."""
        ...

    def label(self, position: int) -> str | None:
        """Return the label of a reference."""
        ...

    def readings(self, position: int, policy: Policy) -> frozenset[str]:
        """Return the readings of the rule that a reference satisfies."""
        ...

    def item(self, position: int) -> Any:
        """Return the enrolled item."""
        ...

    def explain(self, position: int, probe: Any, policy: Policy) -> Comparison:
        """Compare the probe with a reference, feature by feature."""
        ...

    def detached(self, policy: Policy) -> DetachedRows:
        """Return what remains of the rows without their gallery."""
        ...


class GalleryRows:
    """Rows of segments of a gallery."""

    __slots__ = ("core", "detail", "rank", "row", "segment", "segments")

    def __init__(
        self,
        core: GalleryCore[Any],
        segments: list[_native.Segment],
        segment: NDArray[np.uint32],
        row: NDArray[np.uint32],
        rank: NDArray[np.uint64],
        detail: NDArray[np.uint64],
    ) -> None:
        self.core = core
        self.segments = segments
        self.segment = segment
        self.row = row
        self.rank = rank
        self.detail = detail

    @property
    def category(self) -> str:
        return self.core.category.name

    def part(self, part: slice) -> GalleryRows:
        return GalleryRows(
            self.core,
            self.segments,
            self.segment[part],
            self.row[part],
            self.rank[part],
            self.detail[part],
        )

    def columns(self, policy: Policy) -> Columns:
        return self.core.category.matching.results(self.rank, self.detail, policy)

    def subject_id(self, position: int) -> str | None:
        return self.core.subject_of(*self._place(position))

    def label(self, position: int) -> str | None:
        return self.core.label_of(*self._place(position))

    def readings(self, position: int, policy: Policy) -> frozenset[str]:
        return self.core.category.matching.readings(int(self.detail[position]), policy)

    def item(self, position: int) -> Any:
        return self.core.item_at(*self._place(position))

    def explain(self, position: int, probe: Any, policy: Policy) -> Comparison:
        return self.core.category.matching.explain(probe, self.item(position), policy)

    def detached(self, policy: Policy) -> DetachedRows:
        positions = range(len(self.row))
        return DetachedRows(
            self.category,
            self.columns(policy),
            [_read(self.subject_id, i) for i in positions],
            [_read(self.label, i) for i in positions],
            [self.readings(i, policy) for i in positions],
        )

    def _place(self, position: int) -> tuple[_native.Segment, int]:
        return self.segments[self.segment[position]], int(self.row[position])


class DetachedRows:
    """What was known of the rows when their list was pickled; they have no gallery.

    A subject or label that could not be read, because the reference was erased or the gallery
    closed, is kept as the error.
    """

    __slots__ = ("_columns", "_labels", "_readings", "_subject_ids", "category")

    def __init__(
        self,
        category: str,
        columns: Columns,
        subject_ids: Sequence[str | PrumError | None],
        labels: Sequence[str | PrumError | None],
        readings: Sequence[frozenset[str]],
    ) -> None:
        self.category = category
        self._columns = columns
        self._subject_ids = subject_ids
        self._labels = labels
        self._readings = readings

    def part(self, part: slice) -> DetachedRows:
        return DetachedRows(
            self.category,
            {name: column[part] for name, column in self._columns.items()},
            self._subject_ids[part],
            self._labels[part],
            self._readings[part],
        )

    def columns(self, policy: Policy) -> Columns:
        return self._columns

    def subject_id(self, position: int) -> str | None:
        return _known(self._subject_ids[position])

    def label(self, position: int) -> str | None:
        return _known(self._labels[position])

    def readings(self, position: int, policy: Policy) -> frozenset[str]:
        return self._readings[position]

    def item(self, position: int) -> NoReturn:
        raise detached_list()

    def explain(self, position: int, probe: Any, policy: Policy) -> NoReturn:
        self.item(position)

    def detached(self, policy: Policy) -> DetachedRows:
        return self


def detached_list() -> PrumError:
    """Return the error for an item of a list that was pickled."""
    return PrumError(
        "the list was pickled, and a pickled list has no gallery; look the item up by its "
        "reference id",
        code="detached",
        field="item",
    )


def _read(read: Callable[[int], T], position: int) -> T | PrumError:
    try:
        return read(position)
    except PrumError as error:
        return error.with_traceback(None)


def _known(value: str | PrumError | None) -> str | None:
    if isinstance(value, PrumError):
        raise value.with_traceback(None)
    return value
