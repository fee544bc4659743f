"""Folders of galleries: saving, opening and verifying them."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from prum_match import _native
from prum_match.engine.progress import Progress, reporting
from prum_match.engine.protocol import Category
from prum_match.engine.segments.merging import merged
from prum_match.engine.segments.sealing import seal
from prum_match.engine.store import disk
from prum_match.engine.store.catalogue import Catalogue, Manifest, read_manifest
from prum_match.engine.store.folder import Folder
from prum_match.engine.store.journal import make_journal
from prum_match.engine.store.locks import LockFile, make_lock_file
from prum_match.engine.store.reader import DiskReader
from prum_match.engine.store.storage import Storage, naming_path
from prum_match.engine.store.verification import VerificationReport
from prum_match.engine.store.verify import verify
from prum_match.engine.store.writer import DiskWriter
from prum_match.errors import StorageError
from prum_match.values.checks import file_path, one_of


def folder_at(path: str | os.PathLike[str]) -> Folder:
    """Return the folder of a gallery."""
    folder = Folder(Path(path))
    with disk.trouble("looking for the gallery"):
        if not folder.path.exists():
            raise StorageError("there is no such folder", code="no_such_gallery", field="path")
        missing = [p for p in (folder.catalogue, folder.lock, folder.segments) if not p.exists()]
    if missing:
        raise StorageError(
            f"not the folder of a gallery: {missing[0].name} is missing",
            code="not_a_gallery",
            field="path",
        )
    return folder


def manifest_at(path: str | os.PathLike[str]) -> Manifest:
    """Read the manifest of a gallery without opening it."""
    return read_manifest(folder_at(path).catalogue)


def open_storage(
    path: str | os.PathLike[str],
    mode: str,
    category_of: Callable[[Manifest], Category[Any, Any]],
    gallery: _native.Gallery,
) -> DiskReader | DiskWriter:
    """Open a folder for reading or writing, and publish its segments."""
    one_of(mode, "mode", ("r", "rw"), code="bad_option")
    folder = folder_at(path)
    kind = DiskWriter if mode == "rw" else DiskReader
    return kind.open(folder, category_of, gallery)


def verify_at(
    path: str | os.PathLike[str],
    category_of: Callable[[Manifest], Category[Any, Any]],
    progress: Progress | None = None,
) -> VerificationReport:
    """Verify a gallery that may be too damaged to be opened."""
    with naming_path(file_path(path)), disk.trouble("verifying the gallery"):
        folder = folder_at(path)
        lock = LockFile(folder.lock, writable=False)
        try:
            with reporting(progress):
                return verify(folder, category_of(read_manifest(folder.catalogue)), lock)
        finally:
            lock.close()


def save_as(
    path: str | os.PathLike[str],
    category: Category[Any, Any],
    storage: Storage,
    segments: Sequence[_native.Segment],
    mode: int,
) -> None:
    """Write a gallery to a new folder, completely or not at all."""
    target = Path(os.path.abspath(path))
    # Not after the target, whose name may be as long as a name can be.
    growing = target.with_name(f".growing-{secrets.token_hex(8)}")
    with disk.trouble("saving the gallery"), disk.spare(target.parent) as give_back:
        if target.exists() and not (target.is_dir() and not any(target.iterdir())):
            raise StorageError(
                "the path exists already; choose a new folder", code="exists", field="path"
            )
        disk.check_length(Folder(target).catalogue)
        try:
            disk.make_folder(growing, mode)
            _fill(Folder(growing), category, storage, segments)
            disk.sync_folder(growing)
        except BaseException:
            give_back()
            with suppress(OSError):
                disk.remove(growing)
            raise
        try:
            disk.rename(growing, target)
            disk.sync_folder(target.parent)
        except BaseException:
            give_back()
            with suppress(OSError):
                # The folder may have its final name already.
                disk.remove(growing if growing.exists() else target)
            raise


def _fill(
    folder: Folder,
    category: Category[Any, Any],
    storage: Storage,
    segments: Sequence[_native.Segment],
) -> None:
    disk.make_folder(folder.segments)
    living = [segment for segment in segments if segment.live_rows]
    written = []
    for number, segment in enumerate(living, 1):
        if segment.live_rows < segment.rows:
            # Leave out dead rows, though they hold filler alone.
            parts = [(segment.columns, segment.live_row_numbers())]
            segment = seal(category, merged(category, parts))
        written.append(folder.write_segment(number, segment))
    manifest = Manifest(
        category.name,
        category.layout.settings(),
        storage.labels.names,
        storage.labels.closed,
        storage.exchangeable_only,
        next_segment=len(written) + 1,
        segments=tuple(written),
    )
    make_journal(folder.journal(manifest))
    make_lock_file(folder.lock)
    Catalogue.create(folder.catalogue, manifest)
