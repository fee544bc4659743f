"""Verification of a gallery on disk: every file is read again and checked."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from typing import Any

import numpy as np
from numpy.typing import NDArray

from prum_match import _native
from prum_match.engine.progress import begin_step
from prum_match.engine.protocol import Category
from prum_match.engine.store import disk
from prum_match.engine.store.catalogue import (
    Manifest,
    StoredSegment,
    check_catalogue,
    read_manifest,
    read_receipts,
)
from prum_match.engine.store.columns import BLOCK, ColumnFile, read_checksums
from prum_match.engine.store.erasing import live_counts
from prum_match.engine.store.folder import Folder
from prum_match.engine.store.journal import read_journal
from prum_match.engine.store.locks import LockFile
from prum_match.engine.store.receipts import chain_breaks
from prum_match.engine.store.storage import traces_of
from prum_match.engine.store.verification import Damage, VerificationReport
from prum_match.errors import PrumError, StorageError

# A writer at work is in the middle of some change at every look, but never of the same one.
_LOOKS, _PATIENCE = 5, 5.0


def verify(folder: Folder, category: Category[Any, Any], lock: LockFile) -> VerificationReport:
    """Check a gallery: catalogue, files, checksums, fillers, index, counts, receipts, journal.

    Beside a writer, only damages that last from look to look are reported.
    """
    give_up = time.monotonic() + _PATIENCE
    lasting: list[Damage] | None = None
    # An arriving reader keeps the writer from removing listed files.
    lock.arrive()
    try:
        for look in count(1):
            at_work = lock.has_writer
            found = _look(folder, category, read_manifest(folder.catalogue), lock)
            before = None if lasting is None else {(d, d.seen) for d in lasting}
            lasting = [d for d in found.damages if before is None or (d, d.seen) in before]
            without_writer = not at_work and not lock.has_writer
            if not lasting or without_writer or (look >= _LOOKS and time.monotonic() > give_up):
                break
    finally:
        lock.arrived()
    return replace(found, damages=tuple(lasting or ()))


def _look(
    folder: Folder,
    category: Category[Any, Any],
    manifest: Manifest,
    lock: LockFile,
) -> VerificationReport:
    damages: list[Damage] = []
    unfinished: list[Damage] = []
    references = erased = bytes_read = 0
    at_work = lock.has_writer
    bytes_in_all = sum(file.data_bytes for stored in manifest.segments for file in stored.files)
    begin_step("verify", bytes_in_all)
    damages += [
        Damage("damaged_file", "catalogue", what) for what in check_catalogue(folder.catalogue)
    ]
    for stored in manifest.segments:
        in_files: list[Damage] = []
        for file in stored.files:
            in_files += _file_damages(folder, stored, file)
            bytes_read += file.data_bytes
        in_files += _unlisted(folder, stored)
        damages += in_files
        if in_files:
            continue
        try:
            with disk.trouble("mapping a segment"):
                segment = folder.map_segment(stored, writable=False)
        except StorageError as error:
            damages.append(Damage(error.code, f"segment {stored.number}", _why(error)))
            continue
        damages += _row_damages(category, segment, f"segment {stored.number}")
        erased += stored.rows - segment.live_rows
        references += segment.live_rows if stored.retired is None else 0
    try:
        records, _, cut = read_journal(folder.journal(manifest), manifest.journal_first)
        references += sum(record.rows for record in records)
        if cut:
            what = "a record was cut short"
            unfinished.append(Damage("unfinished", manifest.journal_name, what))
    except (OSError, StorageError) as error:
        damages.append(Damage("damaged_file", manifest.journal_name, _why(error)))
    unfinished += [
        Damage("unfinished", path.name, "the catalogue does not list it")
        for path in folder.leftovers(manifest)
    ]
    unfinished += [
        Damage("unfinished", f"segment {erasure.segment}", "an erasure is not completed")
        for erasure in manifest.erasures
    ]
    # A living writer will finish its change; after a dead one the next writer has to.
    if not (at_work or lock.has_writer):
        damages += unfinished
    receipts = read_receipts(folder.catalogue)
    for number in chain_breaks(receipts, manifest.receipts, manifest.last_receipt):
        damages.append(Damage("broken_chain", f"receipt {number}", "the chain breaks here"))
    with disk.trouble("looking at the permissions"):
        readable = tuple(disk.readable_by_others(folder.path))
    return VerificationReport(
        tuple(damages), references, erased, len(receipts), bytes_read, readable
    )


def _why(error: Exception) -> str:
    return str(error.args[0] if isinstance(error, PrumError) else error)


def _file_damages(folder: Folder, stored: StoredSegment, file: ColumnFile) -> Iterator[Damage]:
    where = f"{stored.number}/{file.file_name}"
    try:
        with disk.trouble("reading a column"):
            found = read_checksums(folder.segment(stored.number), file)
    except StorageError as error:
        yield Damage(error.code, where, _why(error))
        return
    wanted = stored.checksums[file.name]
    for block in np.flatnonzero(found != wanted).tolist():
        what = f"the block of {BLOCK} bytes at {block * BLOCK} is changed"
        yield Damage("damaged_file", where, what, (int(found[block]), int(wanted[block])))


def _unlisted(folder: Folder, stored: StoredSegment) -> Iterator[Damage]:
    listed = {file.file_name for file in stored.files}
    try:
        with disk.trouble("reading a segment's folder"):
            names = sorted(os.listdir(folder.segment(stored.number)))
    except StorageError as error:
        yield Damage(error.code, f"segment {stored.number}", _why(error))
        return
    for name in names:
        if name not in listed:
            yield Damage("unknown_file", f"{stored.number}/{name}", "no column has this file")


def _row_damages(
    category: Category[Any, Any], segment: _native.Segment, where: str
) -> Iterator[Damage]:
    columns = segment.columns
    counts = live_counts(segment)
    if not np.array_equal(columns["live.counts"][: len(counts)], counts):
        yield Damage("wrong_count", where, "live rows are counted wrong")
    live = segment.live_row_numbers()
    erased = np.ones(segment.rows, np.bool_)
    erased[live] = False
    dead = np.flatnonzero(erased).astype(np.uint32)
    if not _indexes(columns["ids.index"], live, segment.rows):
        yield Damage("wrong_index", where, "the index of ids is not that of the live rows")
    for name in sorted({name for name, held in _held(category, segment, dead) if held}):
        yield Damage("not_erased", f"{where}, {name}", "a dead row holds something")


def _indexes(entries: NDArray[np.uint32], live: NDArray[np.uint32], rows: int) -> bool:
    """Tell whether an index of ids names each live row once, and nothing else."""
    named = entries[entries != 0] - 1
    if len(named) != len(live) or (len(named) and named.max() >= rows):
        return False
    found = np.zeros(rows, np.bool_)
    found[named] = True
    return bool(found[live].all())


def _held(
    category: Category[Any, Any], segment: _native.Segment, dead: NDArray[np.uint32]
) -> Iterator[tuple[str, bool]]:
    """Tell for each trace of dead rows whether it holds anything but filler."""
    if not len(dead):
        return
    for name, index, value in traces_of(category, segment, dead):
        column = segment.columns[name]
        there = column[index]
        filler = np.broadcast_to(np.asarray(value, column.dtype), there.shape)
        yield name, not np.array_equal(there, filler)
