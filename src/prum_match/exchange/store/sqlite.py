"""The store in a file."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Self

from prum_match.errors import StorageError
from prum_match.exchange.store import forking
from prum_match.exchange.store.stores import StoreTransaction, Turns, damaged, microseconds
from prum_match.values.checks import file_path


class _SqliteTransaction:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def get(self, kind: str, key: str) -> bytes | None:
        row = self._connection.execute(
            "SELECT value FROM entries WHERE kind = ? AND key = ?", (kind, key)
        ).fetchone()
        if row is not None and not isinstance(row[0], bytes):
            raise damaged(kind)  # a flipped bit in the file can turn bytes into text
        return row[0] if row else None

    def put(self, kind: str, key: str, value: bytes, due: datetime | None = None) -> None:
        self._connection.execute(
            "INSERT INTO entries (kind, key, value, due) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (kind, key) DO UPDATE SET value = excluded.value, due = excluded.due",
            (kind, key, value, None if due is None else microseconds(due)),
        )

    def delete(self, kind: str, key: str) -> bool:
        done = self._connection.execute(
            "DELETE FROM entries WHERE kind = ? AND key = ?", (kind, key)
        )
        return done.rowcount > 0

    def keys(self, kind: str, prefix: str = "") -> list[str]:
        # A range of the index: byte FF sorts after every character of UTF-8.
        rows = self._connection.execute(
            "SELECT key FROM entries WHERE kind = ? AND key >= ?"
            " AND key < ? || CAST(x'FF' AS TEXT) ORDER BY key",
            (kind, prefix, prefix),
        )
        return [key for (key,) in rows]

    def due_keys(self, kind: str, until: datetime, limit: int) -> list[str]:
        rows = self._connection.execute(
            "SELECT key FROM entries WHERE kind = ? AND due <= ? ORDER BY due, key LIMIT ?",
            (kind, microseconds(until), limit),
        )
        return [key for (key,) in rows]


class SqliteStore:
    """A `Store` in one SQLite file that only its owner can read.

    A commit is on disk when it returns (``synchronous=FULL``). Deleted and replaced values are
    overwritten in place at once (``secure_delete``). `scrub` also reaches the copies that SQLite
    made elsewhere: `FollowUp.tick` calls it once a day; without a follow-up, the host does.

    Parameters
    ----------
    path : path-like
        The file; created if missing.
    patience : float
        Seconds to wait while another process writes.

    Raises
    ------
    InvalidInput
        ``bad_path``.
    StorageError
        ``store_unusable``: the file cannot be opened or is not a store.

    Examples
    --------
    >>> import tempfile
    >>> folder = tempfile.TemporaryDirectory()
    >>> with SqliteStore(f"{folder.name}/exchange.db") as store:
    ...     with store.transaction() as entries:
    ...         entries.put("hit", "1", b"...")
    ...         entries.get("hit", "1")
    b'...'
    >>> folder.cleanup()
    """

    def __init__(self, path: str | os.PathLike[str], *, patience: float = 5.0) -> None:
        # A child of a fork opens it again, perhaps in another working directory.
        self._path = Path(file_path(path)).absolute()
        self._patience = patience
        self._turns = Turns()
        try:
            # Created here with its mode: SQLite would make it readable for the group. Only ever a
            # new file: closing a second descriptor would free the locks of SQLite on it.
            with suppress(FileExistsError):
                os.close(os.open(self._path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
            self._connection: sqlite3.Connection | None = self._opened()
        except (OSError, sqlite3.Error) as error:
            raise _unusable(error) from error
        self._is_closed = self._forked_inside = False
        forking.register(self, turn=0)

    def _opened(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self._path, timeout=self._patience, isolation_level=None, check_same_thread=False
        )
        try:
            self._prepare(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _prepare(self, connection: sqlite3.Connection) -> None:
        # VACUUM must not leave a copy in a temporary file, nor a transaction one in its journal.
        for pragma in (
            "secure_delete = ON",
            "synchronous = FULL",
            "journal_mode = TRUNCATE",
            "temp_store = MEMORY",
        ):
            connection.execute(f"PRAGMA {pragma}")
        # Values under an integer key: b-trees of text keep stale cells even with secure_delete, so
        # they may hold kinds, numbers and reference numbers, and no content.
        connection.execute(
            "CREATE TABLE IF NOT EXISTS entries (id INTEGER PRIMARY KEY, kind TEXT NOT NULL,"
            " key TEXT NOT NULL, value BLOB NOT NULL, due INTEGER, UNIQUE (kind, key))"
        )
        connection.execute(
            "CREATE INDEX IF NOT EXISTS entries_due ON entries (kind, due, key)"
            " WHERE due IS NOT NULL"
        )

    @contextmanager
    def transaction(self) -> Iterator[StoreTransaction]:
        """Begin a transaction.

        Raises
        ------
        StorageError
            ``store_unusable``: the disk is full, the file is damaged, or the store is closed.
            ``store_damaged``: an entry has changed since it was written. ``nested_transaction``.
        """
        with self._turns:
            try:
                connection = self._current()
                connection.execute("BEGIN IMMEDIATE")
                try:
                    yield _SqliteTransaction(connection)
                    connection.execute("COMMIT")
                except BaseException:
                    if connection.in_transaction:
                        connection.execute("ROLLBACK")
                    raise
            except sqlite3.Error as error:
                raise _unusable(error) from error

    def scrub(self) -> None:
        """Rewrite the file without leftover copies of moved or replaced values.

        Pages that SQLite splits or merges keep copies of cells despite ``secure_delete``. During a
        scrub no other process can write, and the new file takes its full size in memory.

        Raises
        ------
        StorageError
            As for `transaction`; also if another process holds the file for too long.
        """
        with self._turns:
            try:
                self._current().execute("VACUUM")
            except sqlite3.Error as error:
                raise _unusable(error) from error

    def close(self) -> None:
        """Close the file; may be called again."""
        with self._turns:
            self._is_closed = True
            if self._connection is not None:
                self._connection.close()

    def before_fork(self) -> None:
        """Wait for the end of a transaction, so that a child finds none open."""
        self._forked_inside = self._turns.is_mine
        if not self._forked_inside:
            self._turns.__enter__()

    def after_fork(self, *, in_child: bool) -> None:
        """Go on in the parent; let the child open the file anew."""
        if in_child:
            self._turns = Turns()
            forking.abandon(self._connection)
            self._connection = None
        elif not self._forked_inside:
            self._turns.__exit__()

    def _current(self) -> sqlite3.Connection:
        """Return the connection of this process."""
        if self._connection is None:
            if self._forked_inside:
                # SQLite takes the locks of the parent for its own.
                raise StorageError(
                    "this process was forked inside a transaction: open the store again in it",
                    code="forked",
                    field="store",
                )
            if self._is_closed:
                raise sqlite3.ProgrammingError("closed")
            self._connection = self._opened()
        return self._connection

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()


def _unusable(error: Exception) -> StorageError:
    return StorageError(
        f"the store cannot be used: {type(error).__name__}", code="store_unusable", field="path"
    )
