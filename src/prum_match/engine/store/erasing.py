"""Overwriting rows of segments on disk, and their receipts."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Mapping
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from prum_match import _native
from prum_match.engine.protocol import Category
from prum_match.engine.segments.rows import INDEX_VERSION, ids_of
from prum_match.engine.store import disk, receipts
from prum_match.engine.store.catalogue import Erasure, Manifest, StoredSegment
from prum_match.engine.store.columns import (
    BLOCK,
    SHARED,
    MappedColumns,
    checksums_of,
    overwrite_places,
)
from prum_match.engine.store.receipts import Receipt
from prum_match.engine.store.storage import Places, traces_of

# For each column of a segment, the blocks that an erasure wrote to.
Touched = Mapping[str, NDArray[np.int64]]


def begun(places: Places, salts: Mapping[str, bytes], retired: Collection[int]) -> list[Erasure]:
    """Return the erasures of rows on disk; a retired segment repeats ids, and has no receipts."""
    found = []
    for segment, rows in places:
        columns = segment.columns
        if not isinstance(columns, MappedColumns):
            continue
        ids = [] if columns.number in retired else ids_of(segment, rows.tolist())
        digests = b"".join(receipts.digest_of(i.encode(), salts[i]) for i in ids)
        found.append(Erasure(columns.number, rows, digests))
    return found


def overwrite_rows(
    category: Category[Any, Any], segment: _native.Segment, dead: NDArray[np.uint32]
) -> Touched:
    """Overwrite everything that a segment holds of buried rows; their live bits are clear."""
    columns = segment.columns
    assert isinstance(columns, MappedColumns)
    places = traces_of(category, segment, dead)
    counts = columns["live.counts"]
    touched = {
        "live": np.unique(dead.astype(np.int64) // 64 * 8 // BLOCK),
        "live.counts": np.zeros(1, np.int64),
    }
    # The odd version tells lookups in other processes that entries are moving.
    counts[INDEX_VERSION] |= 1
    for name, index, value in places:
        blocks = overwrite_places(columns.folder, name, columns[name], index, value)
        touched[name] = np.union1d(touched.get(name, blocks), blocks)
    counts[INDEX_VERSION] += 1
    return touched


def repair(
    category: Category[Any, Any], segment: _native.Segment, dead: NDArray[np.uint32]
) -> Touched:
    """Complete an :func:`overwrite_rows` that a crash may have left half done.

    Counts and index are computed again from the live bits. Columns that are derived from several
    rows keep their values, and all their blocks count as changed.
    """
    segment.bury(dead)
    columns = segment.columns
    assert isinstance(columns, MappedColumns)
    counts = columns["live.counts"]
    counts[:INDEX_VERSION] = live_counts(segment)
    index = columns["ids.index"]
    fresh = _native.make_id_index(columns["ids.offsets"], columns["ids.bytes"], columns["live"])
    changed = np.flatnonzero(fresh != index)
    counts[INDEX_VERSION] |= 1
    overwrite_places(columns.folder, "ids.index", index, (changed,), fresh[changed])
    touched = dict(overwrite_rows(category, segment, dead))
    for name in columns.keys() - _by_row(category):
        touched[name] = np.arange(-(-columns[name].nbytes // BLOCK))
    return touched


def _by_row(category: Category[Any, Any]) -> set[str]:
    """Return the columns whose changed blocks follow from the erased rows."""
    own = {"ids.offsets", "ids.bytes", "labels", "expires", "subjects.offsets", "subjects.bytes"}
    return own | {c.name for c in category.layout.columns if c.row_axis is not None}


def live_counts(segment: _native.Segment) -> NDArray[np.uint64]:
    """Count the live rows of every label, and all live rows, by the live bits."""
    columns = segment.columns
    bits = np.unpackbits(columns["live"].view(np.uint8), count=segment.rows, bitorder="little")
    counts = np.zeros(INDEX_VERSION, np.uint64)
    labels = columns.get("labels", np.zeros(segment.rows, np.uint8))
    counts[:256] = np.bincount(labels[bits != 0], minlength=256)
    counts[256] = np.count_nonzero(bits)
    return counts


def sync_touched(segment: _native.Segment, touched: Touched) -> None:
    """Wait until the overwritten columns and the live bits are on the disk."""
    columns = segment.columns
    assert isinstance(columns, MappedColumns)
    with ExitStack() as opened:
        fds = []
        for name in sorted({*touched, *SHARED}):
            fds.append(os.open(columns.folder / f"{name}.npy", os.O_RDWR | os.O_CLOEXEC))
            opened.callback(os.close, fds[-1])
        disk.sync_all(fds)


def _new_checksums(
    stored: StoredSegment, segment: _native.Segment, touched: Touched
) -> StoredSegment:
    checksums = dict(stored.checksums)
    for name, blocks in touched.items():
        array = segment.columns[name]
        if not array.size:
            continue
        data, crcs = array.reshape(-1).view(np.uint8), checksums[name].copy()
        for block in blocks.tolist():
            crcs[block] = checksums_of(data[block * BLOCK : (block + 1) * BLOCK])[0]
        checksums[name] = crcs
    return replace(stored, checksums=checksums)


def finished(
    manifest: Manifest, done: Iterable[tuple[Erasure, _native.Segment, Touched]]
) -> tuple[Manifest, list[Receipt]]:
    """Return the manifest after erasures, with new checksums, and the receipts of the erasures."""
    segments = {segment.number: segment for segment in manifest.segments}
    taken = list(done)
    for erasure, segment, touched in taken:
        number = erasure.segment
        segments[number] = _new_checksums(segments[number], segment, touched)
    moment = receipts.now()
    made: list[Receipt] = []
    sequence, last = manifest.receipts, manifest.last_receipt
    for erasure, _, _ in taken:
        for at in range(0, len(erasure.ids), 32):
            sequence += 1
            digest = erasure.ids[at : at + 32].hex()
            made.append(Receipt(sequence, moment, erasure.segment, digest, last))
            last = made[-1].link
    return (
        replace(
            manifest,
            segments=tuple(segments.values()),
            erasures=(),
            receipts=sequence,
            last_receipt=last,
        ),
        made,
    )
