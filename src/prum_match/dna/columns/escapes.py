"""The side table of a segment: genotypes that two codes cannot hold, by row and locus.

Entries are sorted by their key, row * loci + locus.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from prum_match import _native
from prum_match.engine import Columns, Trace


def of_rows(
    columns: Columns, rows: NDArray[np.uint32]
) -> tuple[NDArray[np.uint64], NDArray[np.uint16]]:
    """Return keys and values of some rows, numbered anew in this order."""
    owner, locus = _owner_and_locus(columns)
    values = columns["escapes.value"]
    new_row = np.full(len(columns["meta"]), -1, np.int64)
    new_row[rows] = np.arange(len(rows))
    # What an erasure left behind has no values, and a key that may be another's.
    used = np.flatnonzero(values.any(axis=1) & (owner < len(new_row)))
    moved = new_row[owner[used]]
    kept = used[moved >= 0]
    keys = moved[moved >= 0] * len(columns["loci"]) + locus[kept]
    by_key = np.argsort(keys)
    return keys[by_key].astype(np.uint64), values[kept[by_key]]


def traces(segment: _native.Segment, rows: NDArray[np.uint32]) -> Iterator[Trace]:
    """Yield the entries of dead rows, and what overwrites them.

    A dead entry takes the key of the nearest live one before it, so that keys stay ascending and
    a search for that key still finds the live one first.
    """
    keys = segment.columns["escapes.key"]
    owner, _ = _owner_and_locus(segment.columns)
    erased = np.isin(owner, rows)
    gone = np.flatnonzero(erased)
    left = np.flatnonzero(_live(segment, owner) & ~erased)
    heirs = np.append(np.uint64(0), keys[left])[np.searchsorted(left, gone)]
    yield "escapes.value", (gone,), 0
    yield "escapes.key", (gone,), heirs


def _live(segment: _native.Segment, rows: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Tell which of these rows are live; a number that is no row is not."""
    live: NDArray[np.bool_] = rows < segment.rows
    words = segment.columns["live"][rows[live] // 64]
    live[live] = words >> (rows[live] % 64).astype(np.uint64) & np.uint64(1) != 0
    return live


def _owner_and_locus(columns: Columns) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    owner, locus = np.divmod(columns["escapes.key"], np.uint64(max(len(columns["loci"]), 1)))
    # A key that is damaged may be larger than any row, but not less than none.
    return np.minimum(owner, np.uint64(2**63 - 1)).astype(np.int64), locus.astype(np.int64)
