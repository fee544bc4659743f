"""Galleries on disk: helpers that make, read and compare them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

from prum_match.engine import Gallery
from prum_match.engine.segments import rows
from prum_match.engine.store import journal, writer
from support.galleries.kits import Kit

# Everything that can be seen of each reference.
Contents = dict[str, tuple[Any, str | None, str | None, int]]


def opened(kit: Kit, path: Path, mode: str = "r") -> Gallery[Any]:
    """Open a folder as a gallery of the kit."""
    return type(kit.gallery()).open(path, mode)


@contextmanager
def limits(
    *, capacity: int = 1 << 13, in_journal: int = 1 << 12, fan_in: int = 8
) -> Iterator[None]:
    """Make journals small, and set their limits and the number of segments to merge."""
    with ExitStack() as changed:
        changed.enter_context(mock.patch.object(journal, "CAPACITY", capacity))
        changed.enter_context(mock.patch.object(writer, "_JOURNAL_BYTES", in_journal))
        changed.enter_context(mock.patch.object(writer, "FAN_IN", fan_in))
        yield


@dataclass(frozen=True)
class State:
    """The content of a gallery, and its number of receipts."""

    contents: Contents
    receipts: int


def contents(gallery: Gallery[Any]) -> Contents:
    """Read the whole content, and check that it is complete."""
    found: Contents = {}
    for name in gallery:
        segment, row = gallery._core.place(name)
        about = gallery._core.label_of(segment, row), gallery._core.subject_of(segment, row)
        found[name] = (gallery[name], *about, rows.expiry_of(segment, row))
    assert len(gallery) == len(found)
    return found


def state(gallery: Gallery[Any]) -> State:
    return State(contents(gallery), len(gallery.receipts()))


def recovered(kit: Kit, path: Path) -> State:
    """Open a folder for writing, which completes unfinished changes, and verify all of it."""
    with opened(kit, path, "rw") as gallery:
        found = gallery.verify()
        assert found.passed, str(found)
        return state(gallery)


def files_in(path: Path) -> Iterator[Path]:
    for folder, _, names in os.walk(path):
        for name in sorted(names):
            yield Path(folder, name)


def holding(path: Path, text: str) -> list[str]:
    """Return the files under a folder that contain some bytes."""
    return [file.name for file in files_in(path) if text.encode() in file.read_bytes()]
