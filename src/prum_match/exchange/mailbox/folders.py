"""File operations of a mailbox: folders without links, and files that are written as a whole.

Two parties write into one tree and do not trust each other. A link that one of them places there
could make the other read, send or remove files elsewhere. So every folder below the root is opened
from its parent by its own name, and no link is followed.
"""

from __future__ import annotations

import errno
import os
import stat
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from prum_match.errors import ExchangeError
from prum_match.exchange.transport import (
    TransportBusy,
    TransportError,
    TransportRefused,
    TransportUnreachable,
)

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_DRAFT = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
# Without O_NONBLOCK, opening a named pipe would wait for somebody to write into it.
_MESSAGE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_FOLDER_MODE, _FILE_MODE = 0o770, 0o640  # the other party reads through its group or an ACL
# Shortages of the reading process, which are not about the file.
_WANTS = {errno.EMFILE, errno.ENFILE, errno.ENOMEM}
_GONE = {errno.ENOENT, errno.ESTALE}
_FULL = {errno.ENOSPC, errno.EDQUOT}
_FORBIDDEN = {errno.EACCES, errno.EPERM, errno.EROFS}


class Entry(NamedTuple):
    """A listed file; time and inode distinguish it from a later one of the same name."""

    modified_ns: int
    inode: int
    folder: str
    name: str


class Unfit(Exception):
    """A file that cannot be a message, with the reason."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@contextmanager
def told_as_transport_errors() -> Iterator[None]:
    """Turn errors of the system into transport errors, without paths in their texts."""
    try:
        yield
    except OSError as error:
        raise _transport_error(error.errno or 0) from None


def _transport_error(number: int) -> TransportError:
    name = errno.errorcode.get(number, "unknown")
    if number in _FULL:
        return TransportBusy(
            f"the disk of the mailbox is full ({name}): send again later", code="disk_full"
        )
    if number in _FORBIDDEN:
        return TransportRefused(
            f"no permission for the mailbox ({name}): check its rights", code="not_permitted"
        )
    return TransportUnreachable(
        f"the mailbox cannot be used ({name}): check the disk", code="io_error"
    )


@contextmanager
def folder(root: Path, *names: str) -> Iterator[int]:
    """Open the folder `names` below `root`; none of the names may be a link."""
    fd = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for name in names:
            inner = os.open(name, _FOLDER, dir_fd=fd)
            os.close(fd)
            fd = inner
        yield fd
    finally:
        os.close(fd)


def make_folder(root: Path, *names: str) -> None:
    """Create the folder `names` below `root` if missing, and wait until the disk has its name."""
    *above, name = names
    with folder(root, *above) as parent:
        with suppress(FileExistsError):
            os.mkdir(name, _FOLDER_MODE, dir_fd=parent)
        # Even if it exists: its creator may have lost power before waiting.
        os.fsync(parent)


def entries(fd: int, name_of_folder: str) -> list[Entry]:
    """List a folder, without hidden names, which begin with a dot."""
    found = []
    with os.scandir(fd) as listing:
        for one in listing:
            if not one.name.startswith("."):
                with suppress(FileNotFoundError):
                    about = one.stat(follow_symlinks=False)
                    found.append(Entry(about.st_mtime_ns, about.st_ino, name_of_folder, one.name))
    return found


def put(drafts: int, messages: int, name: str, data: bytes) -> None:
    """Place a complete file under `name`, or nothing; repeating the same bytes has no effect."""
    draft = uuid.uuid4().hex
    try:
        _write(drafts, draft, data)
        # A hard link instead of renaming, which would replace a message of the same name.
        while not _link(drafts, draft, messages, name):
            same = _is_same(messages, name, data)
            if same:
                break
            if same is not None:
                raise ExchangeError(
                    "another waiting message has this number", code="number_in_use", field="number"
                )
        os.fsync(messages)
    finally:
        # An error in the block matters more; `drop_drafts` removes leftover drafts.
        with suppress(OSError):
            os.unlink(draft, dir_fd=drafts)


def _write(fd: int, name: str, data: bytes) -> None:
    file = os.open(name, _DRAFT, _FILE_MODE, dir_fd=fd)
    try:
        rest = memoryview(data)
        while len(rest):
            rest = rest[os.write(file, rest) :]
        os.fsync(file)
    finally:
        os.close(file)


def _link(drafts: int, draft: str, messages: int, name: str) -> bool:
    try:
        os.link(draft, name, src_dir_fd=drafts, dst_dir_fd=messages, follow_symlinks=False)
    except FileExistsError:
        return False
    return True


def _is_same(fd: int, name: str, data: bytes) -> bool | None:
    """Tell whether the file of this name has these bytes; None if it is gone by now."""
    try:
        held = read(fd, name, len(data))
    except Unfit:
        return False
    return None if held is None else held == data


def read(fd: int, name: str, most: int) -> bytes | None:
    """Return the bytes of a file; None if it is gone."""
    try:
        file = os.open(name, _MESSAGE, dir_fd=fd)
        try:
            about = os.fstat(file)
            if not stat.S_ISREG(about.st_mode):
                raise Unfit("not_a_file")
            if about.st_size > most:
                raise Unfit("too_large")
            return _read_all(file, about.st_size)
        finally:
            os.close(file)
    except OSError as error:
        if error.errno in _GONE:
            return None
        if error.errno in _WANTS:
            raise
        reason = "not_a_file" if error.errno in (errno.ELOOP, errno.ENXIO) else "unreadable"
        raise Unfit(reason) from None


def _read_all(file: int, size: int) -> bytes:
    parts = []
    while size and (part := os.read(file, size)):
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def discard(fd: int, entry: Entry) -> None:
    """Remove the listed file, and wait for the disk; a later file of its name stays."""
    with suppress(FileNotFoundError):
        about = os.stat(entry.name, dir_fd=fd, follow_symlinks=False)
        if (about.st_mtime_ns, about.st_ino) == (entry.modified_ns, entry.inode):
            os.unlink(entry.name, dir_fd=fd)
    # Even if it was gone: whoever removed it may not have waited.
    os.fsync(fd)


def set_aside(root: Path, box: Sequence[str], entry: Entry, reason: str) -> None:
    """Move a file to ``refused``, into its own folder, so that it replaces no other."""
    make_folder(root, *box, "refused")
    place = f"{reason}-{uuid.uuid4().hex[:12]}"
    with folder(root, *box, "refused") as refused, folder(root, *box, entry.folder) as source:
        os.mkdir(place, _FOLDER_MODE, dir_fd=refused)
        with folder(root, *box, "refused", place) as target:
            try:
                os.rename(entry.name, entry.name, src_dir_fd=source, dst_dir_fd=target)
            except OSError:
                os.rmdir(place, dir_fd=refused)
                raise
            os.fsync(target)
        os.fsync(refused)
        os.fsync(source)


def drop_drafts(fd: int, before_ns: int) -> None:
    """Remove drafts last written before a time: their writers have died."""
    for entry in entries(fd, "tmp"):
        if entry.modified_ns < before_ns:
            with suppress(FileNotFoundError):
                os.unlink(entry.name, dir_fd=fd)
