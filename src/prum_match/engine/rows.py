"""What the engine itself keeps of each row: id, subject, expiry."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from prum_match import _native

__all__ = ["expired_ids", "expiry_of", "id_of", "ids_of", "overwrite", "subject_of"]


def id_of(segment: _native.Segment, row: int) -> str:
    """Return the reference id of a row."""
    return _string(segment, "ids", row)


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
