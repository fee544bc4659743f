"""A disk that fails at one chosen call."""

from __future__ import annotations

import errno
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from typing import Any, NoReturn
from unittest import mock

from prum_match.engine.store import disk

# How each call can fail, as far as it matters to the process afterwards.
FAILURES: dict[str, tuple[str, ...]] = {
    "make_folder": ("before", "after"),
    "create": ("before", "after"),
    "write": ("half",),
    "overwrite": ("before", "first half", "second half", "after"),
    "sync": ("before",),
    "sync_folder": ("before",),
    "rename": ("before", "after"),
    "remove": ("before", "after"),
    "commit": ("before", "after"),
}
# Where a process can end: the end of a call is the beginning of the next.
ENDS: dict[str, tuple[str, ...]] = {name: ("before",) for name in FAILURES} | {
    "overwrite": ("before", "first half", "second half"),
    "commit": ("before", "half"),
}
# What a disk without room says at once, and what a broken one says of the rest.
_NEED_ROOM = ("make_folder", "create", "write", "overwrite")
CODES = {"disk_full", "io_error"}
_SECTOR = 512


def fail(name: str) -> NoReturn:
    """Raise the error of a full or broken disk."""
    if name == "commit":
        error = sqlite3.OperationalError("disk I/O error")
        error.sqlite_errorcode = sqlite3.SQLITE_IOERR_FSYNC
        raise error
    number = errno.ENOSPC if name in _NEED_ROOM else errno.EIO
    raise OSError(number, os.strerror(number))


@contextmanager
def failing(
    at: int | None = None,
    how: str = "before",
    *,
    lasting: bool = False,
    stop: Callable[[str], NoReturn] = fail,
    after_each: Callable[..., object] = lambda name, *given: None,
) -> Iterator[list[str]]:
    """Let call number `at` fail, and all later ones if `lasting`; yield the names of calls."""
    seen: list[str] = []

    def stands_for(name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*given: Any) -> Any:
            number = len(seen)
            seen.append(name)
            if at is None or number < at or (number > at and not lasting):
                result = real(*given)
                after_each(name, *given)
                return result
            if number == at and how != "before":
                _do_some(how, name, real, *given)
            stop(name)

        return call

    calls = {n: stands_for(n, getattr(disk, n)) for n in FAILURES}
    # One wait at a time, so that the calls have an order.
    with mock.patch.dict(vars(disk), calls | {"_SYNCS_AT_ONCE": 1}):
        yield seen


def _do_some(how: str, name: str, real: Callable[..., Any], *given: Any) -> None:
    halves: dict[str, Callable[..., object]] = {
        "write": _half_a_write,
        "overwrite": partial(_some_sectors, how),
        "commit": _spill,
    }
    result = real(*given) if how == "after" else halves[name](real, *given)
    if isinstance(result, AbstractContextManager):
        with result:  # now only is the file made
            pass


def _half_a_write(write: Callable[..., None], fd: int, data: disk.Buffer) -> None:
    write(fd, data[: len(data) // 2])


def _some_sectors(
    how: str, overwrite: Callable[..., None], fd: int, data: disk.Buffer, offset: int
) -> None:
    """Write the part on one side of a border: a sector is written whole or not at all."""
    cut = max((offset + len(data) // 2) // _SECTOR * _SECTOR - offset, 0)
    if how == "first half":
        overwrite(fd, data[:cut], offset)
    else:
        overwrite(fd, data[cut:], offset + cut)


def _spill(commit: Callable[..., None], connection: sqlite3.Connection) -> None:
    """Make SQLite write pages of the transaction, as in the middle of a commit."""
    connection.execute("PRAGMA cache_size=1")
    connection.execute("CREATE TABLE room (taken BLOB)")
    connection.execute("INSERT INTO room VALUES (zeroblob(100000))")
