"""Consistent reading of a gallery's folder beside a writer at work."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import numpy as np

from prum_match import _native
from prum_match.engine.protocol import Category
from prum_match.engine.segments.merging import merged
from prum_match.engine.segments.sealing import seal
from prum_match.engine.store import disk
from prum_match.engine.store.catalogue import Manifest, read_manifest, recovery_needed
from prum_match.engine.store.folder import Folder
from prum_match.engine.store.journal import Record, from_payload, read_journal
from prum_match.engine.store.locks import LockFile
from prum_match.errors import StorageError

# Seconds after which a reader gives up on a writer that commits without a pause.
_PATIENCE = 30.0
# A record that is read while it is being written looks damaged, but not so often in a row.
_ATTEMPTS = 5


@dataclass(frozen=True)
class State:
    """A manifest, the records of its journal, and what the lock file said before."""

    manifest: Manifest
    records: tuple[Record, ...]
    erasures: int
    announced: int
    unfinished: bool

    @property
    def generation(self) -> int:
        """Number of the state: commits of the catalogue, and records of all its journals."""
        return self.manifest.generation + self.manifest.journal_first - 1 + len(self.records)


def read_state(folder: Folder, lock: LockFile) -> State:
    """Read a state, and refuse one that a dead writer left unfinished."""
    state = look(folder, lock)
    if state.unfinished:
        raise recovery_needed()
    return state


def look(folder: Folder, lock: LockFile) -> State:
    """Read manifest and journal as they were at one moment."""
    give_up, damaged = time.monotonic() + _PATIENCE, 0
    while True:
        erasures, announced, at_work = lock.erasures, lock.announced, lock.has_writer
        manifest = read_manifest(folder.catalogue)
        try:
            with disk.trouble("reading the journal"):
                records, _, cut = read_journal(folder.journal(manifest), manifest.journal_first)
        except StorageError:
            # The writer may have begun another journal meanwhile and wiped this one.
            damaged = damaged + 1 if _unchanged(folder, manifest) else 0
            if damaged == _ATTEMPTS or (damaged and not at_work):
                raise
            continue
        if _unchanged(folder, manifest):
            break
        if time.monotonic() > give_up:
            raise StorageError(
                "the gallery changes faster than it can be read", code="busy", field="path"
            )
    with disk.trouble("looking for what is unfinished"):
        unfinished = cut or bool(manifest.erasures) or bool(folder.leftovers(manifest))
    abandoned = unfinished and not at_work and not lock.has_writer
    return State(manifest, tuple(records), erasures, announced, abandoned)


def _unchanged(folder: Folder, manifest: Manifest) -> bool:
    return read_manifest(folder.catalogue).generation == manifest.generation


def tail_of(category: Category[Any, Any], records: tuple[Record, ...]) -> _native.Segment | None:
    """Return the records of a journal as one segment in memory; None if there are none."""
    parts = []
    for record in records:
        columns = from_payload(record.payload)
        parts.append((columns, np.arange(record.rows, dtype=np.uint32)))
    return seal(category, merged(category, parts)) if parts else None
