"""Description of a gallery on disk, made without opening it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from prum_match.engine.store import disk
from prum_match.engine.store.catalogue import StoredSegment, read_format
from prum_match.engine.store.folder import Folder
from prum_match.engine.store.locks import LockFile
from prum_match.engine.store.opening import folder_at
from prum_match.engine.store.reading import look
from prum_match.engine.store.storage import naming_path
from prum_match.values.checks import file_path


@dataclass(frozen=True)
class SegmentDescription:
    """A segment: its number, all its rows, its live rows, and the bytes of its columns."""

    number: int
    rows: int
    live: int
    bytes: int


@dataclass(frozen=True)
class Description:
    """A gallery's folder in numbers, without any data of a reference."""

    category: str
    format: int
    generation: int
    references: int
    segments: tuple[SegmentDescription, ...]
    retired: tuple[int, ...]
    journal: int
    receipts: int
    labels: tuple[str, ...]
    settings: Mapping[str, Any]
    writer: bool
    unfinished: bool


def describe(path: str | os.PathLike[str]) -> Description:
    """Describe a gallery on disk by its catalogue, its journal and its live counts."""
    with naming_path(file_path(path)), disk.trouble("looking at the gallery"):
        folder = folder_at(path)
        lock = LockFile(folder.lock, writable=False)
        try:
            lock.arrive()
            state = look(folder, lock)
            manifest = state.manifest
            segments = tuple(_described(folder, stored) for stored in manifest.live)
            version, writer = read_format(folder.catalogue), lock.has_writer
        finally:
            lock.close()
    journal = sum(record.rows for record in state.records)
    return Description(
        manifest.category,
        version,
        manifest.generation,
        sum(segment.live for segment in segments) + journal,
        segments,
        tuple(stored.number for stored in manifest.retired),
        journal,
        manifest.receipts,
        manifest.labels,
        manifest.settings,
        writer,
        state.unfinished,
    )


def _described(folder: Folder, stored: StoredSegment) -> SegmentDescription:
    live = folder.map_segment(stored, writable=False).live_rows
    size = sum(file.data_bytes for file in stored.files)
    return SegmentDescription(stored.number, stored.rows, live, size)
