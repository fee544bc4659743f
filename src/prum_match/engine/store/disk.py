"""Calls of the operating system, each in one place, so that tests can make each of them fail."""

from __future__ import annotations

import errno
import os
import sqlite3
import stat
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TypeAlias

from prum_match import _native
from prum_match.errors import PrumError, StorageError

_CODES = {
    errno.ENOSPC: "disk_full",
    errno.EDQUOT: "disk_full",
    errno.EFBIG: "disk_full",
    errno.EACCES: "not_permitted",
    errno.EPERM: "not_permitted",
    errno.EROFS: "not_permitted",
    errno.ENOENT: "file_missing",
    errno.ENAMETOOLONG: "path_too_long",
    errno.EMFILE: "too_many_files",
    errno.ENFILE: "too_many_files",
}
_SQLITE_CODES = {
    sqlite3.SQLITE_FULL: "disk_full",
    sqlite3.SQLITE_READONLY: "not_permitted",
    sqlite3.SQLITE_PERM: "not_permitted",
    sqlite3.SQLITE_CANTOPEN: "not_permitted",
    sqlite3.SQLITE_BUSY: "busy",
    sqlite3.SQLITE_LOCKED: "busy",
    sqlite3.SQLITE_IOERR: "io_error",
}

# SQLite takes no longer path, with the ending of its journal: MAX_PATHNAME of its os_unix.c.
_LONGEST_PATH = 512 - len("-journal")
# A catalogue, its journal and their folder.
_FILES_OF_SQLITE = 3

Buffer: TypeAlias = bytes | memoryview

_SYNCS_AT_ONCE = 8
# Seconds between two looks at the progress of a call while the disk is busy.
_PATIENCE = 0.1

# The kernel writes at most 2 GiB at a time.
_MOST_AT_ONCE = 1 << 30


@contextmanager
def trouble(doing: str) -> Iterator[None]:
    """Turn errors of the system and of SQLite into `StorageError`, naming the activity."""
    try:
        yield
    except PrumError:
        raise
    except OSError as error:
        code = _CODES.get(error.errno or 0, "io_error")
        raise _storage_error(f"{doing}: {error.strerror}", code, error.errno) from error
    except sqlite3.Error as error:
        primary = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
        code = _SQLITE_CODES.get(primary, "damaged_file")
        if primary == sqlite3.SQLITE_CANTOPEN and not _files_left():
            code = "too_many_files"
        raise _storage_error(f"{doing}: SQLite says {error}", code, None) from error
    except UnicodeDecodeError as error:
        # SQLite's message about a damaged schema quotes the schema.
        raise damaged(f"{doing}: SQLite finds the schema damaged", "catalogue") from error


def _storage_error(message: str, code: str, number: int | None) -> StorageError:
    error = StorageError(message, code=code, field="path")
    error.errno = number
    return error


def _files_left() -> bool:
    """Tell whether this process may open as many files as SQLite needs."""
    with ExitStack() as opened:
        try:
            for _ in range(_FILES_OF_SQLITE):
                opened.callback(os.close, os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC))
        except OSError:
            return False
    return True


def check_length(catalogue: Path) -> None:
    """Refuse a catalogue whose path SQLite could not open."""
    if len(os.fsencode(catalogue.absolute())) > _LONGEST_PATH:
        raise OSError(errno.ENAMETOOLONG, os.strerror(errno.ENAMETOOLONG))


def damaged(what: str, field: str) -> StorageError:
    """Return the error for a file that differs from its description in the catalogue."""
    return StorageError(what, code="damaged_file", field=field)


@contextmanager
def create(path: Path) -> Iterator[int]:
    """Open a new file for writing, with the permissions of its folder."""
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        # Not by the mode above, from which the umask would take some.
        os.fchmod(fd, path.parent.stat().st_mode & 0o666)
        yield fd
    finally:
        os.close(fd)


def write(fd: int, data: Buffer) -> None:
    """Write all bytes."""
    rest = memoryview(data)
    while len(rest):
        rest = rest[os.write(fd, rest[:_MOST_AT_ONCE]) :]


def overwrite(fd: int, data: Buffer, offset: int) -> None:
    """Write all bytes at an offset of a file."""
    rest = memoryview(data)
    while len(rest):
        done = os.pwrite(fd, rest[:_MOST_AT_ONCE], offset)
        rest, offset = rest[done:], offset + done


def sync(fd: int) -> None:
    """Wait until the data of a file is on the disk."""
    os.fdatasync(fd)


def sync_all(fds: Sequence[int]) -> None:
    """Synchronise several files at once: the disk then flushes once or twice, not per file."""
    with ThreadPoolExecutor(_SYNCS_AT_ONCE) as waiting:
        for done in [waiting.submit(sync, fd) for fd in fds]:
            while wait([done], timeout=_PATIENCE).not_done:
                _native.advance()
            done.result()


def make_folder(path: Path, mode: int | None = None) -> None:
    """Make a folder, by default with the mode of the folder that it is in."""
    path.mkdir(0o700)
    path.chmod(path.parent.stat().st_mode & 0o777 if mode is None else mode)


def readable_by_others(path: Path) -> list[str]:
    """Return the files of a folder that its group, or everybody, can read."""
    found: set[str] = set()
    for reads, enters in ((stat.S_IRGRP, stat.S_IXGRP), (stat.S_IROTH, stat.S_IXOTH)):
        for folder, folders, files in os.walk(path):
            if not os.stat(folder).st_mode & enters:
                folders.clear()
                continue
            for name in files:
                file = os.path.join(folder, name)
                if os.stat(file).st_mode & reads:
                    found.add(os.path.relpath(file, path))
    return sorted(found)


@contextmanager
def spare(folder: Path) -> Iterator[Callable[[], None]]:
    """Hold a descriptor, to give back to what cleans up after the others ran out."""
    with ExitStack() as held:
        held.callback(os.close, os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC))
        yield held.close


def rename(old: Path, new: Path) -> None:
    """Rename a file or folder."""
    os.rename(old, new)


def sync_folder(path: Path) -> None:
    """Wait until the entries of a folder are on the disk."""
    fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def remove(path: Path) -> None:
    """Remove a file, or a folder with its files, if it exists."""
    with suppress(FileNotFoundError):
        if path.is_dir() and not path.is_symlink():
            for inside in path.iterdir():
                remove(inside)
            path.rmdir()
        else:
            path.unlink()


def commit(connection: sqlite3.Connection) -> None:
    """Commit a transaction of the catalogue."""
    connection.execute("COMMIT")
