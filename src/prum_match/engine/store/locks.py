"""Locks of a gallery: one writer, and readers that may still use files that were merged away.

They are locks of open file descriptions (``F_OFD_SETLK``). Such locks end with the process that
holds them, a second handle of the same process is refused like any other, and closing one handle
does not release the locks of another, as it would with the older record locks of POSIX.
"""

from __future__ import annotations

import fcntl
import os
import struct
import weakref
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from prum_match import _native
from prum_match.engine.store import disk
from prum_match.errors import StorageError

_FLOCK = struct.Struct("hhqqi4x")
_SIZE = 4096
# Bytes of the file that are locked: by the writer, by arriving readers, and from there on by the
# readers of each generation.
_WRITER, _ARRIVING, _FIRST_GENERATION = 0, 1, 2


def make_lock_file(path: Path) -> None:
    """Make the file whose bytes are locked."""
    with disk.create(path) as fd:
        disk.write(fd, bytes(_SIZE))
        disk.sync(fd)


class LockFile:
    """A handle on a gallery's locks and on the count of erasures that all processes share."""

    def __init__(self, path: Path, *, writable: bool) -> None:
        flags = (os.O_RDWR if writable else os.O_RDONLY) | os.O_CLOEXEC
        self._fd = os.open(path, flags)
        self._close = weakref.finalize(self, os.close, self._fd)
        if os.fstat(self._fd).st_size != _SIZE:
            self._close()
            raise disk.damaged("the lock file has another size", path.name)
        # A map keeps its descriptor open, which would keep the locks: so it gets its own.
        mapped = os.open(path, flags)
        try:
            self._words = _native.map_file(mapped, _SIZE, writable).view(np.uint64)
        finally:
            os.close(mapped)

    def become_writer(self) -> None:
        """Take the lock of the writer."""
        if not self._set(fcntl.F_WRLCK, _WRITER):
            raise StorageError("another writer has the gallery open", code="locked", field="path")

    @property
    def has_writer(self) -> bool:
        """Whether a living process has the gallery open for writing."""
        return self._taken(_WRITER, 1)

    def arrive(self) -> None:
        """Keep all files from being removed until :meth:`hold` names a generation."""
        self._set(fcntl.F_RDLCK, _ARRIVING)

    def hold(self, generation: int) -> None:
        """Keep the files of a generation from being removed."""
        self._set(fcntl.F_RDLCK, _FIRST_GENERATION + generation)

    def arrived(self) -> None:
        """End :meth:`arrive`."""
        self._set(fcntl.F_UNLCK, _ARRIVING)

    def let_go(self, generation: int) -> None:
        """End :meth:`hold`."""
        self._set(fcntl.F_UNLCK, _FIRST_GENERATION + generation)

    def held_between(self, since: int, retired: int) -> bool:
        """Tell whether a reader may use files that lasted from one generation to another."""
        return self._taken(_ARRIVING, 1) or self._taken(_FIRST_GENERATION + since, retired - since)

    @property
    def erasures(self) -> int:
        """Number of erasures since the file was made."""
        return int(self._words[0])

    def count_erasure(self) -> None:
        """Tell all processes about an erasure."""
        self._words[0] += 1

    @property
    def announced(self) -> int:
        """Generation that a writer announced last; 0 before the first one."""
        return int(self._words[1])

    def announce(self, generation: int) -> None:
        """Tell all processes the generation that is committed."""
        self._words[1] = generation

    def for_child(self, generations: Iterable[int]) -> LockFile | None:
        """Return a handle that holds generations for a forked process.

        None if the process has too many files open: that is no reason to refuse a fork.
        """
        try:
            # The path would not do: the folder may have been renamed or removed.
            lock = LockFile(Path(f"/proc/self/fd/{self._fd}"), writable=False)
        except (OSError, StorageError):
            return None
        for generation in generations:
            lock.hold(generation)
        return lock

    def close(self) -> None:
        """Release all locks of this handle, unless a forked process shares it."""
        self._close()

    def _set(self, kind: int, byte: int) -> bool:
        try:
            fcntl.fcntl(self._fd, fcntl.F_OFD_SETLK, _FLOCK.pack(kind, os.SEEK_SET, byte, 1, 0))
        except (BlockingIOError, PermissionError):
            return False
        return True

    def _taken(self, first: int, n: int) -> bool:
        asked = _FLOCK.pack(fcntl.F_WRLCK, os.SEEK_SET, first, n, 0)
        answer = fcntl.fcntl(self._fd, fcntl.F_OFD_GETLK, asked)
        return bool(_FLOCK.unpack(answer)[0] != fcntl.F_UNLCK)
