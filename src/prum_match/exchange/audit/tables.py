"""The tables of an audit log in SQLite: rows are appended, and blanked in place."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from prum_match.engine.store import disk
from prum_match.errors import StorageError
from prum_match.exchange.audit.chain import Anchor, Erasures, Row, seal
from prum_match.exchange.audit.entries import UNKNOWN, Act, Entry, content_of, time_bytes

_APPLICATION = 0x50724175  # "PrAu"
_FORMAT = 1
_SCHEMA = (
    "CREATE TABLE entries (sequence INTEGER PRIMARY KEY, time BLOB NOT NULL, salt BLOB NOT NULL,"
    " content BLOB NOT NULL, leaf BLOB NOT NULL, link BLOB NOT NULL)",
    "CREATE TABLE checkpoint (sequence INTEGER NOT NULL, link BLOB NOT NULL,"
    " erased INTEGER NOT NULL)",
    "INSERT INTO checkpoint VALUES (0, zeroblob(32), 0)",
    f"PRAGMA application_id = {_APPLICATION}",
    f"PRAGMA user_version = {_FORMAT}",
)
_PAGE = (
    "SELECT sequence, time, salt, content, leaf, link FROM entries WHERE sequence > ? AND "
    "sequence <= ? AND time >= ? AND time < ? ORDER BY sequence LIMIT 1000"
)
# As long as before, so that SQLite overwrites the bytes where they are. It must never move a row:
# it leaves copies where rows were, whatever secure_delete says (SQLite 3.46: 7 of 46,443 rows that
# were deleted, some at a time, from a table like this were still in the file).
_BLANK = (
    "UPDATE entries SET time = zeroblob(8), salt = zeroblob(16), "
    "content = zeroblob(length(content)) WHERE sequence = ? AND salt <> zeroblob(16)"
)
# Deleting the first rows moves rows of the two pages behind them. So many blank ones stay that no
# row with content is moved: a page of 4096 bytes holds 16 rows at most.
_MARGIN = 64


def open_log(path: Path, synchronous: str) -> sqlite3.Connection:
    """Open the file of a log; create it if missing."""
    # Only ever a new file is opened here: closing a second descriptor of one would free SQLite's
    # own locks on it.
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=rw",
        uri=True,
        timeout=10,
        isolation_level=None,
        check_same_thread=False,
    )
    try:
        connection.text_factory = bytes
        for setting in (
            "page_size = 4096",
            "secure_delete = ON",
            "temp_store = MEMORY",
            f"synchronous = {synchronous}",
            "trusted_schema = OFF",
            "cell_size_check = ON",
            # The journal holds what is erased until the erasure is committed.
            "journal_mode = TRUNCATE",
        ):
            connection.execute(f"PRAGMA {setting}")
        _check_format(connection)
    except BaseException as error:
        connection.close()
        if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_NOTADB:
            raise _foreign() from None
        raise
    return connection


def _check_format(connection: sqlite3.Connection) -> None:
    """Refuse a file that is not an audit log; turn an empty one into a log."""
    if _is_empty(connection):
        with transaction(connection):
            if _is_empty(connection):  # else another process was faster
                for statement in _SCHEMA:
                    connection.execute(statement)
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if application != _APPLICATION:
        raise _foreign()
    if version != _FORMAT:
        raise StorageError(
            f"format {version} of audit logs is not the one that this library reads ({_FORMAT})",
            code="newer_format",
            field="path",
        )


def _is_empty(connection: sqlite3.Connection) -> bool:
    (things,) = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    return bool(things == 0)


def _foreign() -> StorageError:
    return StorageError(
        "the file there is not an audit log of this library", code="not_an_audit_log", field="path"
    )


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Commit what is done inside, or undo it."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:  # SQLite itself rolls back after some errors
            connection.execute("ROLLBACK")
        raise


def head_of(connection: sqlite3.Connection) -> Anchor:
    """Return the state of the log."""
    last = connection.execute(
        "SELECT sequence, link FROM entries ORDER BY sequence DESC LIMIT 1"
    ).fetchone()
    return checkpoint_of(connection)[0] if last is None else _anchor(*last)


def checkpoint_of(connection: sqlite3.Connection) -> tuple[Anchor, int]:
    """Return the last folded row, and the number of erased entries."""
    row = connection.execute("SELECT sequence, link, erased FROM checkpoint").fetchone()
    if row is None or type(row[2]) is not int:
        raise disk.damaged("the audit log has no checkpoint", "path")
    return _anchor(*row[:2]), row[2]


def _anchor(sequence: object, link: object) -> Anchor:
    if type(sequence) is not int or type(link) is not bytes or len(link) != 32 or sequence < 0:
        raise disk.damaged("invalid digest in the audit log", "path")
    return Anchor(sequence, link.hex())


def page(
    connection: sqlite3.Connection, after: int, last: int, first: bytes, end: bytes
) -> list[Row]:
    """Return the next rows after `after`, up to `last`, with times from `first` before `end`."""
    found = connection.execute(_PAGE, (after, last, first, end))
    return [Row._make(values) for values in found]


def insert(connection: sqlite3.Connection, contents: Iterable[tuple[bytes, bytes]]) -> None:
    """Append entries, each given as time and content."""
    rows = seal(head_of(connection), contents)
    connection.executemany("INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?)", rows)


def blank(connection: sqlite3.Connection, sequences: Iterable[int]) -> int:
    """Overwrite the contents of rows, and return how many were not blank."""
    return connection.executemany(_BLANK, ((one,) for one in sequences)).rowcount


def record_erasure(
    connection: sqlite3.Connection, before: datetime, count: int, blanked: int
) -> None:
    """Append the entry that records which numbers are blank."""
    erasures = Erasures(checkpoint_of(connection)[0].sequence)
    for (sequence,) in connection.execute(
        "SELECT sequence FROM entries WHERE salt = zeroblob(16) ORDER BY sequence"
    ):
        erasures.add(sequence)
    record = Entry(
        act=Act.ERASED,
        time=before,
        party=UNKNOWN,
        category=UNKNOWN,
        number=erasures.digest(),
        candidates=count,
    )
    insert(connection, [(time_bytes(before), content_of(record))])
    connection.execute("UPDATE checkpoint SET erased = erased + ?", (blanked,))


def fold(connection: sqlite3.Connection) -> None:
    """Delete the first rows if they are blank: the link of the last of them represents all."""
    (live,) = connection.execute(
        "SELECT sequence FROM entries WHERE salt <> zeroblob(16) ORDER BY sequence LIMIT 1"
    ).fetchone()
    folded = connection.execute(
        "SELECT sequence, link FROM entries WHERE sequence = ?", (live - 1 - _MARGIN,)
    ).fetchone()
    if folded is not None:
        connection.execute("UPDATE checkpoint SET sequence = ?, link = ?", folded)
        connection.execute("DELETE FROM entries WHERE sequence <= ?", folded[:1])
