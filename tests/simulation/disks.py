"""State that outlives a process, and processes that end while using it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from prum_match.exchange import Store, WithdrawalReason
from prum_match.exchange.audit import AuditLog, Entry
from prum_match.exchange.store import StoreTransaction


class Crash(BaseException):
    """The process has ended; only the code that restarts it catches this."""


@dataclass
class Disk:
    """State that outlives the process: store, audit log, and open tasks of the host."""

    store: Store
    audit: AuditLog
    withdrawals: list[tuple[str, str, WithdrawalReason]] = field(default_factory=list)


class Fuse:
    """Ends the process at a chosen one of the places where it touches its disk.

    Parameters
    ----------
    draw : callable
        Returns after how many places it ends next; None: it does not end.
    seen : Counter
        Counts the places where processes ended.
    """

    def __init__(self, draw: Callable[[], int | None], seen: Counter[str]) -> None:
        self._draw = draw
        self._seen = seen
        self._left = draw()

    def burn(self, place: str) -> None:
        """Go on, or end here."""
        if self._left is None:
            return
        self._left -= 1
        if self._left < 0:
            self._left = self._draw()
            self._seen[f"crash {place}"] += 1
            raise Crash

    def put_out(self) -> None:
        """End no more process."""
        self._left = None


class CrashingStore:
    """A store whose process can end just before a commit, or just after it."""

    def __init__(self, inner: Store, fuse: Fuse) -> None:
        self._inner = inner
        self._fuse = fuse

    @contextmanager
    def transaction(self) -> Iterator[StoreTransaction]:
        with self._inner.transaction() as entries:
            yield entries
            self._fuse.burn("before a commit")
        self._fuse.burn("after a commit")

    def scrub(self) -> None:
        self._inner.scrub()

    def close(self) -> None:
        self._inner.close()


class CrashingAudit:
    """An audit log whose process can end just before entries are in it, or just after.

    Parameters
    ----------
    inner, fuse
        The log, and what ends the process.
    tell : callable
        Gets every entry that was written.
    """

    def __init__(
        self,
        inner: AuditLog,
        fuse: Fuse,
        tell: Callable[[Entry], None],
    ) -> None:
        self._inner = inner
        self._fuse = fuse
        self._tell = tell

    def append(self, entries: Iterable[Entry]) -> None:
        written = list(entries)
        self._fuse.burn("before an entry")
        self._inner.append(written)
        for entry in written:
            self._tell(entry)
        self._fuse.burn("after an entry")

    def __len__(self) -> int:
        return len(self._inner)

    def entries(
        self, *, since: datetime | None = None, until: datetime | None = None
    ) -> Iterator[Entry]:
        return self._inner.entries(since=since, until=until)
