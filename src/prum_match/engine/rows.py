"""What the engine itself keeps of each row: id, subject, expiry."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeGuard

import numpy as np
from numpy.typing import NDArray

from prum_match import _native
from prum_match.errors import UnknownReference

__all__ = [
    "expired_ids",
    "expiry_of",
    "ids_of",
    "may_be_id",
    "naming",
    "overwrite",
    "subject_of",
    "unknown",
]


def may_be_id(reference_id: object) -> TypeGuard[str]:
    """Tell whether the native core can be asked for it; all ids are ASCII text."""
    return isinstance(reference_id, str) and reference_id.isascii()


def unknown(
    reference_id: object, index: int | None, field: str = "reference_id"
) -> UnknownReference:
    """Return the error for an id that a gallery does not hold."""
    return UnknownReference(
        "the gallery does not hold this reference",
        code="unknown_reference",
        index=index,
        field=field,
        value=reference_id,
    )


@contextmanager
def naming(field: str, reference_ids: Sequence[str]) -> Iterator[None]:
    """Say of an unknown reference id which one it is."""
    for index, reference_id in enumerate(reference_ids):
        if not may_be_id(reference_id):
            raise unknown(reference_id, index, field)
    try:
        yield
    except UnknownReference as error:
        if error.index is None:
            raise
        raise unknown(reference_ids[error.index], error.index, field) from None


def ids_of(segment: _native.Segment, rows: Iterable[int]) -> list[str]:
    """Return the reference ids of rows."""
    return [_string(segment, "ids", row) for row in rows]


def subject_of(segment: _native.Segment, row: int) -> str | None:
    """Return the subject id of a row, where it was given."""
    return _string(segment, "subjects", row) or None if _has_subjects(segment) else None


def expiry_of(segment: _native.Segment, row: int) -> int:
    """Return when a row is to be purged, in seconds since 1970 UTC; 0 for never."""
    return int(segment.columns["expires"][row]) if "expires" in segment.columns else 0


def expired_ids(segment: _native.Segment, now: float) -> list[str]:
    """Return the ids of live rows that were to be purged by now."""
    if "expires" not in segment.columns:
        return []
    rows = segment.live_row_numbers()
    expires = segment.columns["expires"][rows]
    return ids_of(segment, rows[(expires > 0) & (expires <= now)].tolist())


def overwrite(segment: _native.Segment, rows: NDArray[np.uint32]) -> None:
    """Overwrite what the engine keeps of dead rows, ids and their index entries included."""
    segment.forget_ids(rows)
    for name in ("labels", "expires"):
        if name in segment.columns:
            segment.columns[name][rows] = 0
    if _has_subjects(segment):
        offsets = segment.columns["subjects.offsets"]
        for row in rows.tolist():
            segment.columns["subjects.bytes"][int(offsets[row]) : int(offsets[row + 1])] = 0


def _has_subjects(segment: _native.Segment) -> bool:
    return "subjects.offsets" in segment.columns


def _string(segment: _native.Segment, name: str, row: int) -> str:
    begin, end = segment.columns[f"{name}.offsets"][row : row + 2].tolist()
    return segment.columns[f"{name}.bytes"][begin:end].tobytes().rstrip(b"\0").decode("ascii")
