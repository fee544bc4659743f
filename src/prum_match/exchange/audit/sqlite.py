"""The audit log in a file."""

from __future__ import annotations

import os
import sqlite3
import threading
from array import array
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal, Self

from prum_match.engine.store import disk
from prum_match.errors import InvalidInput, StorageError
from prum_match.exchange.audit import tables
from prum_match.exchange.audit.chain import NO_SALT, Anchor, Row, check, opened
from prum_match.exchange.audit.entries import Act, Entry, time_bytes, to_be_kept
from prum_match.exchange.audit.log import time_range
from prum_match.exchange.store import forking
from prum_match.values.checks import file_path

# Numbers begin at 1; a forged row below that is found too.
_BELOW_ALL = -(2**63)


class SqliteAudit:
    """An `AuditLog` in a file.

    Parameters
    ----------
    path : path
        The file; created with mode 0600 if missing.
    synchronous : {"full", "normal"}
        ``"full"``: appended entries survive a power cut. ``"normal"``: they survive the death of
        the process, but a power cut may lose the last ones. Reading and verifying is the same.

    Raises
    ------
    InvalidInput
        ``bad_option``.
    StorageError
        ``not_an_audit_log``, ``newer_format``, or a code of the system. Every method can raise
        these, and ``closed``.

    Notes
    -----
    Sources: Regulation (EU) 2024/982, Arts. 18, 33, 40 and 45. Several threads, which then share
    commits, and several processes may use it; a forked child opens the file anew. Keep an `Anchor`
    of it elsewhere: see there why.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> from prum_match.exchange.audit import Act, Entry, erase_before
    >>> asked = Entry(act=Act.ASKED, time=datetime(2026, 3, 1, 12, tzinfo=UTC), party="DE",
    ...               category="dna", number="7f3a")
    >>> with SqliteAudit("exchange.audit") as log:
    ...     log.append([asked])
    ...     log.verify(log.head())
    ...     erased = log.erase(erase_before(datetime(2029, 3, 1, 13, tzinfo=UTC)))
    ...     log.verify()
    ...     erased, [entry.act.value for entry in log.entries()]
    (1, ['erased'])
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        synchronous: Literal["full", "normal"] = "full",
    ) -> None:
        if synchronous not in ("full", "normal"):
            raise InvalidInput("choose full or normal", code="bad_option", field="synchronous")
        self._lock = threading.Lock()
        self._waiting: deque[_Batch] = deque()
        # A child of a fork opens it again, perhaps in another working directory.
        self._path, self._synchronous = Path(file_path(path)).absolute(), synchronous
        self._is_closed = False
        with disk.trouble("opening the audit log"):
            self._connection: sqlite3.Connection | None = self._opened()
        # A trail writes to the log while it holds a store.
        forking.register(self, turn=1)

    def _opened(self) -> sqlite3.Connection:
        return tables.open_log(self._path, self._synchronous)

    def append(self, entries: Iterable[Entry]) -> None:
        """Append all of `entries`, in their order; if that fails, append none and raise.

        Raises
        ------
        ExchangeError
            ``invalid_field``: an `Act.ERASED`, which only the log writes.
        StorageError
            See `SqliteAudit`.
        """
        batch = _Batch(to_be_kept(entries))
        if not batch.contents:
            return
        self._waiting.append(batch)
        with self._using("writing the audit log") as connection:
            # The holder of the lock writes for all that wait: one commit, one wait for the disk.
            if not batch.written:
                self._write_waiting(connection, batch)

    def __len__(self) -> int:
        with self._using("reading the audit log") as connection:
            return tables.head_of(connection).sequence - tables.checkpoint_of(connection)[1]

    def entries(
        self, *, since: datetime | None = None, until: datetime | None = None
    ) -> Iterator[Entry]:
        """Return the entries that are not erased, from `since` on and before `until`, in order.

        Each is compared with its own digest; only `verify` proves that none is missing. Entries
        appended meanwhile are left out.

        Raises
        ------
        InvalidInput
            ``bad_moment``.
        StorageError
            ``audit_broken``, or see `SqliteAudit`.
        """
        first, end = time_range(since, until)
        rows = self._rows(self.head().sequence, first, end)
        return (opened(row) for row in rows if row.salt != NO_SALT)

    def head(self) -> Anchor:
        """Return the state of the log, to be kept elsewhere."""
        with self._using("reading the audit log") as connection:
            return tables.head_of(connection)

    def verify(self, anchor: Anchor | None = None) -> None:
        """Verify the log: recompute every digest, follow the chain, account for erased entries.

        Parameters
        ----------
        anchor : Anchor, optional
            An earlier `head` that was kept elsewhere. Without one, a log that was truncated or
            completely rewritten passes.

        Raises
        ------
        StorageError
            ``audit_broken``, whose ``index`` is the number of the first wrong entry;
            ``anchor_erased``; or see `SqliteAudit`.

        Notes
        -----
        Appending continues meanwhile; an erasure restarts the verification.
        """
        while True:
            with self._using("reading the audit log") as connection:
                head = tables.head_of(connection)
                checkpoint, erased = tables.checkpoint_of(connection)
            found = None
            try:
                check(self._rows(head.sequence), checkpoint, erased, anchor)
            except StorageError as error:
                found = error
            with self._using("reading the audit log") as connection:
                unchanged = tables.checkpoint_of(connection) == (checkpoint, erased)
            if unchanged and found:
                raise found
            if unchanged:
                return

    def erase(self, before: datetime, *, keep: Callable[[Entry], bool] | None = None) -> int:
        """Erase entries that are older than three years: see `erase_before`.

        Time, content and salt are overwritten; the chain can still be verified. The erasure itself
        becomes an entry: `Act.ERASED`, with `before` as its time, the number of erased entries as
        ``candidates``, and as ``number`` a digest of the numbers of all blank ones, so that
        blanking another entry is noticed.

        Parameters
        ----------
        before : datetime
            Entries of an earlier time are erased.
        keep : callable, optional
            Tells whether an entry has to stay because ongoing monitoring needs it.

        Returns
        -------
        int
            Number of erased entries, without the records of earlier erasures, which go too.

        Raises
        ------
        InvalidInput
            ``bad_moment``.
        StorageError
            ``audit_broken``: an entry was changed, and nothing was erased; or see `SqliteAudit`.

        Notes
        -----
        Earlier versions of the file that a file system or disk keeps are out of reach.
        """
        end = time_bytes(before, name="before")
        erased, records = array("q"), array("q")
        for row in self._rows(self.head().sequence, end=end):
            if row.salt != NO_SALT:
                entry = opened(row)
                if entry.act is Act.ERASED:
                    records.append(row.sequence)
                elif keep is None or not keep(entry):
                    erased.append(row.sequence)
        with (
            self._using("erasing from the audit log") as connection,
            tables.transaction(connection),
        ):
            count = tables.blank(connection, erased)
            if count:
                superseded = tables.blank(connection, records)
                tables.record_erasure(connection, before, count, count + superseded)
                tables.fold(connection)
            return count

    def close(self) -> None:
        """Close the file; may be called again."""
        with self._lock:
            self._is_closed = True
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def before_fork(self) -> None:
        """Wait until nothing is being written."""
        self._lock.acquire()

    def after_fork(self, *, in_child: bool) -> None:
        """Go on in the parent; let the child open the file anew."""
        if in_child:
            self._lock = threading.Lock()
            self._waiting.clear()  # their callers are threads of the parent
            forking.abandon(self._connection)
            self._connection = None
        else:
            self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    @contextmanager
    def _using(self, doing: str) -> Iterator[sqlite3.Connection]:
        with self._lock, disk.trouble(doing):
            if self._is_closed:
                raise StorageError("the audit log was closed", code="closed")
            if self._connection is None:
                self._connection = self._opened()
            yield self._connection

    def _write_waiting(self, connection: sqlite3.Connection, own: _Batch) -> None:
        batches = [self._waiting.popleft() for _ in range(len(self._waiting))]
        try:
            with tables.transaction(connection):
                contents = (content for batch in batches for content in batch.contents)
                tables.insert(connection, contents)
        except BaseException:
            # The others try themselves: their callers need the error in their own threads.
            self._waiting.extendleft(batch for batch in reversed(batches) if batch is not own)
            raise
        for batch in batches:
            batch.written = True

    def _rows(self, last: int, first: bytes = b"", end: bytes = b"\xff") -> Iterator[Row]:
        """Yield the rows up to `last`, page by page: others may append in between."""
        after = _BELOW_ALL
        while True:
            with self._using("reading the audit log") as connection:
                page = tables.page(connection, after, last, first, end)
            if not page:
                return
            yield from page
            after = page[-1].sequence


@dataclass(slots=True, eq=False)
class _Batch:
    """The entries of one call, each as time and content."""

    contents: Sequence[tuple[bytes, bytes]]
    written: bool = False
