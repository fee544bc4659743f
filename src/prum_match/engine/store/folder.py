"""The folder of a gallery: paths of its files; segments are written to and mapped from it."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path

from prum_match import _native
from prum_match.engine.store import disk
from prum_match.engine.store.catalogue import Manifest, StoredSegment
from prum_match.engine.store.columns import (
    SHARED,
    MappedColumns,
    map_column,
    write_columns,
)

# Names that a writer gives; desktops and file systems leave files of their own.
_OUR_SEGMENT = re.compile(r"(new-)?[0-9]+")
_OUR_JOURNAL = re.compile(r"journal-[0-9]+")


class Folder:
    """Paths of the files of a gallery.

    ``catalogue.sqlite``, ``lock``, ``journal-<n>``, and ``segments/<n>/<column>.npy``.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.catalogue = path / "catalogue.sqlite"
        self.lock = path / "lock"
        self.segments = path / "segments"

    def journal(self, manifest: Manifest) -> Path:
        """Return the path of the journal."""
        return self.path / manifest.journal_name

    def segment(self, number: int) -> Path:
        """Return the folder of a segment."""
        return self.segments / str(number)

    def write_segment(self, number: int, segment: _native.Segment) -> StoredSegment:
        """Write the files of a new segment; its folder gets its name when they are on the disk."""
        growing = self.segments / f"new-{number}"
        try:
            # A failed change may have left these folders behind.
            disk.remove(growing)
            disk.remove(self.segment(number))
            disk.make_folder(growing)
            files, checksums = write_columns(growing, segment.columns)
            disk.sync_folder(growing)
            disk.rename(growing, self.segment(number))
            disk.sync_folder(self.segments)
        except BaseException:
            with suppress(OSError):
                disk.remove(growing)
                disk.remove(self.segment(number))
            raise
        return StoredSegment(number, segment.rows, files, checksums)

    def map_segment(self, stored: StoredSegment, *, writable: bool) -> _native.Segment:
        """Map a segment; `writable` concerns the shared columns alone."""
        columns = MappedColumns(stored.number, self.segment(stored.number))
        for file in stored.files:
            columns[file.name] = map_column(
                columns.folder, file, writable=writable and file.name in SHARED
            )
        return _native.Segment(stored.rows, columns)

    def leftovers(self, manifest: Manifest) -> list[Path]:
        """Return the files of unfinished changes: those that the catalogue does not list."""
        listed = {str(segment.number) for segment in manifest.segments}
        found = [
            path
            for path in self.segments.iterdir()
            if _OUR_SEGMENT.fullmatch(path.name) and path.name not in listed
        ]
        found += [
            path
            for path in self.path.iterdir()
            if _OUR_JOURNAL.fullmatch(path.name) and path.name != manifest.journal_name
        ]
        return found
