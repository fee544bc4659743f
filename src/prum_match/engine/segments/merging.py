"""Merging of segments, so that searches stay fast after many small enrolments."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from prum_match import _native
from prum_match.engine.protocol import Category
from prum_match.engine.ragged import Columns, Ragged
from prum_match.engine.segments.sealing import seal

# Rows of the largest merged segment; a larger merge costs seconds and saves microseconds.
_LARGEST_MERGED = 1 << 22


def merge_small(category: Category[Any, Any], gallery: _native.Gallery) -> None:
    """Merge the newest segments while they have similar sizes, like the digits of a counter.

    Both the number of segments and the number of merges of a reference stay logarithmic.
    """
    segments = gallery.segments()
    take = 1
    rows = segments[-1].live_rows
    if not category.layout.may_merge(segments[-1]):
        return
    while (
        take < len(segments)
        and category.layout.may_merge(segments[-take - 1])
        and segments[-take - 1].live_rows <= 2 * rows
        and rows + segments[-take - 1].live_rows <= _LARGEST_MERGED
    ):
        rows += segments[-take - 1].live_rows
        take += 1
    if take > 1:
        merge_newest(category, gallery, take)


def merge_newest(category: Category[Any, Any], gallery: _native.Gallery, take: int) -> None:
    """Merge the `take` newest segments in memory."""
    segments = gallery.segments()
    parts = [(s.columns, s.live_row_numbers()) for s in segments[-take:]]
    parts = [part for part in parts if len(part[1])]
    new = [seal(category, merged(category, parts))] if parts else []
    gallery.publish([*segments[:-take], *new], gallery.generation)


def due(rows: Sequence[int], fan_in: int) -> int:
    """Return how many of the newest segments are to be merged; 0 for none.

    `rows` are the sizes of all segments. Segments whose sizes lie between the same powers of the
    fan-in are merged when there are `fan_in` of them. A larger fan-in means fewer merges and more
    segments.
    """
    if not rows:
        return 0
    tier = _tier(rows[-1], fan_in)
    take = 0
    while take < len(rows) and _tier(rows[-1 - take], fan_in) <= tier:
        take += 1
    small_enough = sum(rows[len(rows) - take :]) <= _LARGEST_MERGED
    return take if take >= fan_in and small_enough else 0


def _tier(rows: int, fan_in: int) -> int:
    tier = 0
    while rows >= fan_in:
        rows //= fan_in
        tier += 1
    return tier


def merged(
    category: Category[Any, Any], parts: Sequence[tuple[Columns, NDArray[np.uint32]]]
) -> Columns:
    """Return the unsealed columns of rows of several segments or unsealed columns."""
    columns = category.layout.merge([category.layout.unseal(c, rows) for c, rows in parts])
    for name in ("ids", "subjects"):
        if any(f"{name}.offsets" in c for c, _ in parts):
            columns |= _strings(name, parts)
    for name in ("labels", "expires"):
        having = [c[name] for c, _ in parts if name in c]
        if having:
            columns[name] = np.concatenate(
                [
                    c[name][rows] if name in c else np.zeros(len(rows), having[0].dtype)
                    for c, rows in parts
                ]
            )
    return columns


def same_rows(
    category: Category[Any, Any],
    one: tuple[Columns, NDArray[np.uint32]],
    other: tuple[Columns, NDArray[np.uint32]],
) -> NDArray[np.bool_]:
    """Tell for each pair of rows whether both hold the same reference, with equal items.

    Merging brings both rows into one form that does not depend on the rest of their segments.
    """
    n = len(one[1])
    if not n:
        return np.zeros(0, bool)
    both = merged(category, [one, other])
    first, second = (
        merged(category, [(both, np.arange(begin, begin + n, dtype=np.uint32))]) for begin in (0, n)
    )
    if all(first[name].tobytes() == second[name].tobytes() for name in first):
        return np.ones(n, bool)
    if n == 1:
        return np.zeros(1, bool)
    parts = np.array_split(np.arange(n, dtype=np.uint32), 2)
    return np.concatenate([same_rows(category, (first, k), (second, k)) for k in parts])


def _strings(name: str, parts: Sequence[tuple[Columns, NDArray[np.uint32]]]) -> Columns:
    """Return string columns, one behind the other; a part without the column has empty strings."""
    taken = [
        Ragged(*_native.take_strings(columns[f"{name}.offsets"], columns[f"{name}.bytes"], rows))
        if f"{name}.offsets" in columns
        else Ragged.from_rows([b""] * len(rows))
        for columns, rows in parts
    ]
    return Ragged.concatenate(taken).columns(name)
