"""Transfer of audit entries from a store to the log, exactly once despite separate commits."""

from __future__ import annotations

import os
from collections import Counter, deque

from prum_match.exchange.audit import AuditLog, Entry
from prum_match.exchange.messages.records import write_record
from prum_match.exchange.store.stored import record_from
from prum_match.exchange.store.stores import Store, StoreTransaction


class AuditTrail:
    """Audit entries in a store, on their way to the log.

    An entry is noted in the transaction of the act that it records, so that neither exists without
    the other. `flush` moves it to the log. A crash in between leaves it in the store, or in both:
    the next start of any process on this store removes the entries that the log already has, and
    moves the others.

    Parameters
    ----------
    store : Store
        The store, which several processes may share.
    audit : AuditLog or None
        The log; None: nothing is noted.
    kind : str
        Kind of the entries in the store. Trails to different logs need different kinds.
    """

    def __init__(self, store: Store, audit: AuditLog | None, *, kind: str = "audit") -> None:
        self._store = store
        self._audit = audit
        self._kind, self._counter = kind, f"{kind}_counter"
        self._begin()
        if audit is not None:
            self._recover(audit)

    def _begin(self) -> None:
        # Keys of this process alone. Entries of others are theirs to move, or left to a start after
        # their crash: nobody else can tell whether the log already has them.
        self._process = os.getpid()
        self._token = os.urandom(4).hex()
        self._own: deque[str] = deque()
        self._moved: deque[str] = deque()

    def note(self, entries: StoreTransaction, entry: Entry) -> None:
        """Note an entry in a transaction of the store."""
        if self._audit is None:
            return
        if os.getpid() != self._process:
            self._begin()
        # Counted in the store: another process may use it too.
        number = int(entries.get(self._counter, "") or b"0")
        entries.put(self._counter, "", b"%d" % (number + 1))
        key = f"{number:020}{self._token}"
        entries.put(self._kind, key, write_record(entry))
        self._own.append(key)
        while self._moved:
            entries.delete(self._kind, self._moved.popleft())

    def flush(self) -> None:
        """Move the noted entries into the log, in their order.

        They leave the store with the next note, or with the next start: a commit of its own would
        cost as much as that of the log.
        """
        if self._audit is None or not self._own:
            return
        # In one transaction: two flushes at a time would append the same entries twice.
        with self._store.transaction() as entries:
            own = sorted({self._own.popleft() for _ in range(len(self._own))})
            try:
                # A transaction that was undone has left its key here alone.
                found = ((key, entries.get(self._kind, key)) for key in own)
                waiting = {key: self._entry(value) for key, value in found if value is not None}
                if waiting:
                    self._audit.append(waiting.values())
            except BaseException:
                self._own.extendleft(reversed(own))  # the next flush takes them along
                raise
            self._moved.extend(waiting)

    def _recover(self, audit: AuditLog) -> None:
        with self._store.transaction() as entries:
            waiting = {
                key: self._entry(entries.get(self._kind, key)) for key in entries.keys(self._kind)
            }
            if waiting:
                since = min(entry.time for entry in waiting.values())
                logged = Counter(audit.entries(since=since))
                new = []
                for key, entry in waiting.items():
                    if logged[entry] > 0:
                        logged[entry] -= 1
                    else:
                        new.append(entry)
                    entries.delete(self._kind, key)
                if new:
                    audit.append(new)

    def _entry(self, value: bytes | None) -> Entry:
        return record_from(Entry, self._kind, value)
