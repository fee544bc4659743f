"""The interface of an audit log, and the log in memory."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Protocol

from prum_match.exchange.audit.chain import START, Anchor, Row, opened, seal
from prum_match.exchange.audit.entries import Entry, time_bytes, to_be_kept


class AuditLog(Protocol):
    """Log of the acts of an exchange. Several threads may call all methods."""

    def append(self, entries: Iterable[Entry]) -> None:
        """Append all of `entries`, in their order; if that fails, append none and raise."""
        ...

    def __len__(self) -> int:
        """Return the number of entries."""
        ...

    def entries(
        self, *, since: datetime | None = None, until: datetime | None = None
    ) -> Iterator[Entry]:
        """Return the entries from `since` on and before `until`, in the order of appending."""
        ...


class MemoryAudit:
    """An `AuditLog` in memory, for tests and pilots.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> from prum_match.exchange.audit import Act, Entry
    >>> log = MemoryAudit()
    >>> log.append([Entry(act=Act.ASKED, time=datetime(2026, 3, 1, tzinfo=UTC), party="DE",
    ...                   category="face", number="7f3a")])
    >>> len(log), [entry.party for entry in log.entries()]
    (1, ['DE'])
    """

    def __init__(self) -> None:
        self._rows: list[Row] = []
        self._lock = threading.Lock()

    def append(self, entries: Iterable[Entry]) -> None:
        """Append all of `entries`, in their order; if that fails, append none and raise."""
        contents = to_be_kept(entries)
        with self._lock:
            self._rows += list(seal(self.head(), contents))

    def __len__(self) -> int:
        return len(self._rows)

    def entries(
        self, *, since: datetime | None = None, until: datetime | None = None
    ) -> Iterator[Entry]:
        """Return the entries from `since` on and before `until`, in the order of appending."""
        first, end = time_range(since, until)
        return (opened(row) for row in tuple(self._rows) if first <= row.time < end)

    def head(self) -> Anchor:
        """Return the state of the log."""
        if not self._rows:
            return START
        last = self._rows[-1]
        return Anchor(last.sequence, last.link.hex())


def time_range(since: datetime | None, until: datetime | None) -> tuple[bytes, bytes]:
    """Return the bounds of a range of time, as `time_bytes`."""
    return (
        b"" if since is None else time_bytes(since, name="since"),
        b"\xff" if until is None else time_bytes(until, name="until"),
    )
