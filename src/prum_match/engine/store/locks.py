"""Who is at a gallery: one writer, and readers that may still hold what was merged away.

Locks of open file descriptions (``F_OFD_SETLK``): they end with the process that holds them, a
second handle of the same process is refused like any other, and closing one handle leaves the
locks of another alone, unlike POSIX's older record locks.
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
# Bytes of the file that stand for somebody: the writer, readers that are just arriving, and from
# there on readers by the generation that they hold.
_WRITER, _ARRIVING, _FIRST_GENERATION = 0, 1, 2


def make_lock_file(path: Path) -> None:
    """Make the file that the locks are on."""
    with disk.create(path) as fd:
        disk.write(fd, bytes(_SIZE))
        disk.sync(fd)


class LockFile:
    """One handle on a gallery's locks, and on the count of erasures that all processes share."""

    def __init__(self, path: Path, *, writable: bool) -> None:
        flags = (os.O_RDWR if writable else os.O_RDONLY) | os.O_CLOEXEC
        self._fd = os.open(path, flags)
        self._close = weakref.finalize(self, os.close, self._fd)
        if os.fstat(self._fd).st_size != _SIZE:
            self._close()
            raise disk.damaged("the lock file has another size", path.name)
        # A map keeps its file open, and the locks with it: so it has one of its own.
        mapped = os.open(path, flags)
        try:
            self._words = _native.map_file(mapped, _SIZE, writable).view(np.uint64)
        finally:
            os.close(mapped)

    def become_writer(self) -> None:
        """Take the writer's lock."""
        if not self._set(fcntl.F_WRLCK, _WRITER):
            raise StorageError("the gallery has a writer already", code="locked", field="path")

    @property
    def has_writer(self) -> bool:
        """Whether a living process writes."""
        return self._taken(_WRITER, 1)

    def arrive(self) -> None:
        """Hold back the removal of files until :meth:`hold` has said which are needed."""
        self._set(fcntl.F_RDLCK, _ARRIVING)

    def hold(self, generation: int) -> None:
        """Keep what belongs to a generation from being removed."""
        self._set(fcntl.F_RDLCK, _FIRST_GENERATION + generation)

    def arrived(self) -> None:
        """End :meth:`arrive`."""
        self._set(fcntl.F_UNLCK, _ARRIVING)

    def let_go(self, generation: int) -> None:
        """End :meth:`hold`."""
        self._set(fcntl.F_UNLCK, _FIRST_GENERATION + generation)

    def held_between(self, since: int, retired: int) -> bool:
        """Tell whether a reader may hold what was there from one generation to another."""
        return self._taken(_ARRIVING, 1) or self._taken(_FIRST_GENERATION + since, retired - since)

    @property
    def erasures(self) -> int:
        """How many erasures there were since the file was made."""
        return int(self._words[0])

    def count_erasure(self) -> None:
        """Tell all processes that something was erased."""
        self._words[0] += 1

    def for_child(self, generations: Iterable[int]) -> LockFile | None:
        """Return a handle for a forked process that holds generations; None if there is none.

        There is none for a process with too many files open: no reason not to fork.
        """
        try:
            # Not by its path: the folder may have been renamed meanwhile, or removed.
            lock = LockFile(Path(f"/proc/self/fd/{self._fd}"), writable=False)
        except (OSError, StorageError):
            return None
        for generation in generations:
            lock.hold(generation)
        return lock

    def close(self) -> None:
        """Give all locks of this handle back, unless a forked process has the handle too."""
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
