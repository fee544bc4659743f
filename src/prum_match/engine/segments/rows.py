"""The engine's own columns of a segment: ids, subjects, labels and expiry dates."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from typing import TypeGuard

import numpy as np
from numpy.typing import NDArray

from prum_match import _native
from prum_match.engine.columns import Trace
from prum_match.engine.damage import damaged
from prum_match.engine.ragged import Columns, Ragged
from prum_match.errors import DuplicateReference, InvalidInput, UnknownReference

# Position in the live counts of the version of the id index; odd while the index changes.
INDEX_VERSION = 257


def may_be_id(reference_id: object) -> TypeGuard[str]:
    """Tell whether a value is ASCII text, as all ids are and the native core expects."""
    return isinstance(reference_id, str) and reference_id.isascii()


def refuse_text(reference_ids: Sequence[str]) -> None:
    """Refuse one text where a sequence of ids is needed: its characters are no ids."""
    if isinstance(reference_ids, str):
        raise InvalidInput(
            "a sequence of reference ids is needed", code="bad_reference_id", field="reference_ids"
        )


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


def duplicate(index: int, reference_id: str) -> DuplicateReference:
    """Return the error for an id that an earlier item of the same call has."""
    return DuplicateReference(
        "reference id occurs twice in one call",
        code="duplicate_reference",
        index=index,
        field="reference_id",
        value=reference_id,
    )


@contextmanager
def naming(field: str, reference_ids: Sequence[str]) -> Iterator[None]:
    """Add field, index and value to the error for an unknown reference id."""
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


def strings(segment: _native.Segment, name: str, rows: NDArray[np.uint32]) -> list[str]:
    """Return the strings of a column in rows, all at once; empty ones without the column."""
    if f"{name}.offsets" not in segment.columns:
        return [""] * len(rows)
    stored = Ragged.from_columns(segment.columns, name)
    offsets, text = _native.take_strings(stored.offsets, stored.values, rows)
    data = text.tobytes()
    if not data.isascii():
        raise damaged()
    return [data[a:b].decode("ascii").rstrip("\0") for a, b in pairwise(offsets.tolist())]


def subject_of(segment: _native.Segment, row: int) -> str | None:
    """Return the subject id of a row, if one was given."""
    return _string(segment, "subjects", row) or None if _has_subjects(segment) else None


def all_live(found: _native.SearchResult) -> bool:
    """Tell whether all references that a search found are still live."""
    places = zip(found.segment.tolist(), found.row.tolist(), strict=True)
    return all(found.segments[segment].is_live(row) for segment, row in places)


def expiry_of(segment: _native.Segment, row: int) -> int:
    """Return the expiry of a row in seconds since 1970 UTC; 0 for never."""
    return int(segment.columns["expires"][row]) if "expires" in segment.columns else 0


def expired_ids(segment: _native.Segment, now: float) -> list[str]:
    """Return the ids of live rows that have expired."""
    if "expires" not in segment.columns:
        return []
    rows = segment.live_row_numbers()
    expires = segment.columns["expires"][rows]
    return ids_of(segment, rows[(expires > 0) & (expires <= now)].tolist())


def traces(segment: _native.Segment, rows: NDArray[np.uint32]) -> Iterator[Trace]:
    """Yield the places of the engine's columns that hold something of dead rows, and fillers.

    Index entries come first, because they are found by the ids.
    """
    slots, entries = segment.index_without(rows)
    yield "ids.index", (slots,), entries
    yield "ids.bytes", (_characters(segment, "ids", rows),), 0
    for name in ("labels", "expires"):
        if name in segment.columns:
            yield name, (rows,), 0
    if _has_subjects(segment):
        yield "subjects.bytes", (_characters(segment, "subjects", rows),), 0


def overwrite(columns: Columns, places: Iterable[Trace]) -> None:
    """Write fillers to places of columns, and tell lookups that the id index is changing.

    Read-only arrays belong to the caller and are left alone.
    """
    version = columns["live.counts"][INDEX_VERSION:]
    for name, index, value in places:
        if not columns[name].flags.writeable:
            continue
        changing = name == "ids.index"
        version += changing
        columns[name][index] = value
        version += changing


def _has_subjects(segment: _native.Segment) -> bool:
    return "subjects.offsets" in segment.columns


def _characters(segment: _native.Segment, name: str, rows: NDArray[np.uint32]) -> NDArray[np.int64]:
    """Return the places of all characters of the strings of rows."""
    return Ragged.from_columns(segment.columns, name).places(rows)


def _string(segment: _native.Segment, name: str, row: int) -> str:
    found = Ragged.from_columns(segment.columns, name)[row].tobytes().rstrip(b"\0")
    if not found.isascii():
        raise damaged()
    return found.decode("ascii")
