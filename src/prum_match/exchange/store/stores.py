"""Storage for state that must survive a restart: a small interface with two implementations.

A host that keeps such state in its own database implements `Store` and `StoreTransaction`.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from bisect import bisect_left, insort
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from pathlib import Path
from typing import Protocol, Self

from prum_match.errors import StorageError

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class StoreTransaction(Protocol):
    """Entries by kind and key, seen and changed as if alone.

    Kinds are words chosen by the library; keys are text; values are opaque bytes, which may hold
    personal data.
    """

    def get(self, kind: str, key: str) -> bytes | None:
        """Return a value; None if there is none."""
        ...

    def put(self, kind: str, key: str, value: bytes, due: datetime | None = None) -> None:
        """Write a value; from `due` on `due_keys` lists its key."""
        ...

    def delete(self, kind: str, key: str) -> bool:
        """Remove an entry for good and return whether it existed."""
        ...

    def keys(self, kind: str, prefix: str = "") -> list[str]:
        """Return the keys that begin with `prefix`, sorted by code point.

        Called for each withdrawn or purged hit: the cost must not depend on other keys.
        """
        ...

    def due_keys(self, kind: str, until: datetime, limit: int) -> list[str]:
        """Return up to `limit` keys that are due by `until`, oldest first."""
        ...


class Store(Protocol):
    """Storage for the state of an exchange.

    ``with store.transaction() as entries:`` holds the store for one thread at a time. When the
    block ends, all of its changes are durable; when it raises, none is made.
    """

    def transaction(self) -> AbstractContextManager[StoreTransaction]:
        """Begin a transaction; transactions do not nest.

        Raises
        ------
        StorageError
            ``nested_transaction``: this thread already has one, for example in a callback of the
            host that runs inside a transaction.
        """
        ...

    def scrub(self) -> None:
        """Overwrite remaining copies of deleted or replaced values."""
        ...

    def close(self) -> None:
        """Release all resources; may be called again."""
        ...


class _Turns:
    """A lock that raises when a thread would wait for itself."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._holder: int | None = None

    def __enter__(self) -> None:
        if self._holder == threading.get_ident():
            raise StorageError(
                "transactions do not nest: end the open one first",
                code="nested_transaction",
                field="store",
            )
        self._lock.acquire()
        self._holder = threading.get_ident()

    def __exit__(self, *exc_info: object) -> None:
        self._holder = None
        self._lock.release()


class _MemoryTransaction:
    def __init__(self) -> None:
        self.values: dict[str, dict[str, tuple[bytes, datetime | None]]] = {}
        self.order: dict[str, list[str]] = {}
        self.due: dict[str, list[tuple[datetime, str]]] = {}
        self.undo: list[tuple[str, str, tuple[bytes, datetime | None] | None]] = []

    def get(self, kind: str, key: str) -> bytes | None:
        found = self.values.get(kind, {}).get(key)
        return found[0] if found else None

    def put(self, kind: str, key: str, value: bytes, due: datetime | None = None) -> None:
        self.undo.append((kind, key, self._set(kind, key, (value, due))))

    def delete(self, kind: str, key: str) -> bool:
        old = self._set(kind, key, None)
        self.undo.append((kind, key, old))
        return old is not None

    def keys(self, kind: str, prefix: str = "") -> list[str]:
        order = self.order.get(kind, [])
        places = range(bisect_left(order, prefix), len(order))
        return list(takewhile(lambda key: key.startswith(prefix), (order[at] for at in places)))

    def due_keys(self, kind: str, until: datetime, limit: int) -> list[str]:
        found: list[str] = []
        for due, key in self.due.get(kind, []):
            if due > until or len(found) == limit:
                break
            found.append(key)
        return found

    def roll_back(self) -> None:
        for kind, key, old in reversed(self.undo):
            self._set(kind, key, old)

    def _set(
        self, kind: str, key: str, new: tuple[bytes, datetime | None] | None
    ) -> tuple[bytes, datetime | None] | None:
        values = self.values.setdefault(kind, {})
        order = self.order.setdefault(kind, [])
        due = self.due.setdefault(kind, [])
        old = values.pop(key, None)
        if old is None and new is not None:
            insort(order, key)
        elif old is not None and new is None:
            del order[bisect_left(order, key)]
        if old is not None and old[1] is not None:
            del due[bisect_left(due, (old[1], key))]
        if new is not None:
            values[key] = new
            if new[1] is not None:
                insort(due, (new[1], key))
        return old


class MemoryStore:
    """A `Store` in memory, for tests and pilots: the state ends with the process.

    Examples
    --------
    >>> store = MemoryStore()
    >>> with store.transaction() as entries:
    ...     entries.put("hit", "1", b"...")
    ...     entries.keys("hit")
    ['1']
    """

    def __init__(self) -> None:
        self._entries = _MemoryTransaction()
        self._turns = _Turns()

    @contextmanager
    def transaction(self) -> Iterator[StoreTransaction]:
        """Begin a transaction."""
        with self._turns:
            self._entries.undo.clear()
            try:
                yield self._entries
            except BaseException:
                self._entries.roll_back()
                raise

    def scrub(self) -> None:
        """Do nothing: memory keeps no copies."""

    def close(self) -> None:
        """Do nothing: the state lives with the object."""


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
            (kind, key, value, None if due is None else _microseconds(due)),
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
            (kind, _microseconds(until), limit),
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
        self._path = Path(path)
        self._turns = _Turns()
        try:
            # Created here with its mode: SQLite would make it readable for the group.
            os.close(os.open(self._path, os.O_CREAT | os.O_RDWR, 0o600))
            self._connection = sqlite3.connect(
                self._path, timeout=patience, isolation_level=None, check_same_thread=False
            )
            try:
                self._prepare()
            except BaseException:
                self._connection.close()
                raise
        except (OSError, sqlite3.Error) as error:
            raise _unusable(error) from error

    def _prepare(self) -> None:
        # VACUUM must not leave a copy in a temporary file.
        for pragma in (
            "secure_delete = ON",
            "synchronous = FULL",
            "journal_mode = DELETE",
            "temp_store = MEMORY",
        ):
            self._connection.execute(f"PRAGMA {pragma}")
        # Values under an integer key: b-trees of text keep stale cells even with secure_delete, so
        # they may hold kinds, numbers and reference numbers, and no content.
        self._connection.execute(
            "CREATE TABLE IF NOT EXISTS entries (id INTEGER PRIMARY KEY, kind TEXT NOT NULL,"
            " key TEXT NOT NULL, value BLOB NOT NULL, due INTEGER, UNIQUE (kind, key))"
        )
        self._connection.execute(
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
                self._connection.execute("BEGIN IMMEDIATE")
                try:
                    yield _SqliteTransaction(self._connection)
                    self._connection.execute("COMMIT")
                except BaseException:
                    if self._connection.in_transaction:
                        self._connection.execute("ROLLBACK")
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
                self._connection.execute("VACUUM")
            except sqlite3.Error as error:
                raise _unusable(error) from error

    def close(self) -> None:
        """Close the file; may be called again."""
        with self._turns:
            self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()


def damaged(kind: str) -> StorageError:
    """Return the error for a damaged entry of a kind."""
    return StorageError(
        "an entry of the store is damaged: restore a backup", code="store_damaged", field=kind
    )


def _unusable(error: Exception) -> StorageError:
    return StorageError(
        f"the store cannot be used: {type(error).__name__}", code="store_unusable", field="path"
    )


def _microseconds(time: datetime) -> int:
    return (time - _EPOCH) // timedelta(microseconds=1)
