"""When a store is scrubbed: once a day, whatever happens in it and however often a process starts.

A scrub writes a `SqliteStore` anew: 23 s, and as much memory, for 1.3 GB (100,000 queries with a
hit each). What is removed was overwritten where it stood by then; only stray copies wait.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from prum_match.exchange.store.stores import Store

__all__ = ["scrub_daily"]

_KIND = "scrub"
_PAUSE = timedelta(days=1)


def scrub_daily(store: Store, now: datetime) -> None:
    """Scrub a store, unless that was done less than a day ago.

    Parameters
    ----------
    store : Store
        What to scrub; it remembers when.
    now : datetime
        The time in UTC.

    Raises
    ------
    StorageError
        As for `Store.scrub`; it is due at the next call again.

    Examples
    --------
    >>> from datetime import UTC
    >>> from prum_match.exchange import MemoryStore
    >>> store, noon = MemoryStore(), datetime(2026, 3, 1, 12, tzinfo=UTC)
    >>> scrub_daily(store, noon)
    >>> with store.transaction() as entries:
    ...     entries.due_keys("scrub", noon, 1), entries.due_keys("scrub", noon + _PAUSE, 1)
    ([], [''])
    """
    with store.transaction() as entries:
        known = entries.get(_KIND, "") is not None
        if known and not entries.due_keys(_KIND, now, 1):
            return
    store.scrub()
    with store.transaction() as entries:
        entries.put(_KIND, "", b"", due=now + _PAUSE)
