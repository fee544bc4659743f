"""Storage for state that must survive a restart: a small interface, and the one in memory.

A host that keeps such state in its own database implements `Store` and `StoreTransaction`.
"""

from __future__ import annotations

import threading
from bisect import bisect_left, insort
from collections import defaultdict
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from typing import Protocol, TypeAlias

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


class Turns:
    """A lock that raises when a thread would wait for itself."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._holder: int | None = None

    @property
    def is_mine(self) -> bool:
        """Whether this thread holds the lock."""
        return self._holder == threading.get_ident()

    def __enter__(self) -> None:
        if self.is_mine:
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


_MemoryEntry: TypeAlias = tuple[bytes, datetime | None]


class _MemoryKind:
    """The entries of one kind, in the orders in which they are asked for."""

    __slots__ = ("due", "order", "values")

    def __init__(self) -> None:
        self.values: dict[str, _MemoryEntry] = {}
        self.order: list[str] = []
        self.due: list[tuple[datetime, str]] = []

    def set(self, key: str, new: _MemoryEntry | None) -> _MemoryEntry | None:
        """Write an entry, remove it for None, and return the one before."""
        old = self.values.get(key)
        if old is None and new is not None:
            insort(self.order, key)
        elif old is not None and new is None:
            del self.order[bisect_left(self.order, key)]
            del self.values[key]
        if old is not None and old[1] is not None:
            del self.due[bisect_left(self.due, (old[1], key))]
        if new is not None:
            self.values[key] = new
            if new[1] is not None:
                insort(self.due, (new[1], key))
        return old


class _MemoryTransaction:
    def __init__(self, turns: Turns) -> None:
        self._turns = turns
        self.kinds: dict[str, _MemoryKind] = defaultdict(_MemoryKind)
        self.undo: list[tuple[_MemoryKind, str, _MemoryEntry | None]] = []

    def __enter__(self) -> StoreTransaction:
        self._turns.__enter__()
        self.undo.clear()
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        try:
            if kind is not None:
                for entries, key, old in reversed(self.undo):
                    entries.set(key, old)
        finally:
            self._turns.__exit__()

    def get(self, kind: str, key: str) -> bytes | None:
        found = self.kinds[kind].values.get(key)
        return found[0] if found else None

    def put(self, kind: str, key: str, value: bytes, due: datetime | None = None) -> None:
        entries = self.kinds[kind]
        self.undo.append((entries, key, entries.set(key, (value, due))))

    def delete(self, kind: str, key: str) -> bool:
        entries = self.kinds[kind]
        old = entries.set(key, None)
        self.undo.append((entries, key, old))
        return old is not None

    def keys(self, kind: str, prefix: str = "") -> list[str]:
        order = self.kinds[kind].order
        places = range(bisect_left(order, prefix), len(order))
        return list(takewhile(lambda key: key.startswith(prefix), (order[at] for at in places)))

    def due_keys(self, kind: str, until: datetime, limit: int) -> list[str]:
        found: list[str] = []
        for due, key in self.kinds[kind].due:
            if due > until or len(found) == limit:
                break
            found.append(key)
        return found


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
        self._entries = _MemoryTransaction(Turns())

    def transaction(self) -> AbstractContextManager[StoreTransaction]:
        """Begin a transaction."""
        return self._entries

    def scrub(self) -> None:
        """Do nothing: memory keeps no copies."""

    def close(self) -> None:
        """Do nothing: the state lives with the object."""


def damaged(kind: str) -> StorageError:
    """Return the error for a damaged entry of a kind."""
    return StorageError(
        "an entry of the store is damaged: restore a backup", code="store_damaged", field=kind
    )


def microseconds(time: datetime) -> int:
    """Return a moment as a whole number."""
    return (time - _EPOCH) // timedelta(microseconds=1)
