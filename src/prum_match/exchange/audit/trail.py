"""Transfer of audit entries from a store to the log, exactly once despite separate commits."""

from __future__ import annotations

from collections import Counter

from prum_match.exchange.audit import AuditLog, Entry
from prum_match.exchange.messages.records import write_record
from prum_match.exchange.store.stored import record_from
from prum_match.exchange.store.stores import Store, StoreTransaction

_KIND, _COUNTER = "audit", "audit_counter"


class AuditTrail:
    """Audit entries in a store, on their way to the log.

    An entry is noted in the transaction of the act that it records, so that neither exists without
    the other. `flush` moves it to the log. A crash in between leaves it in the store, or in both:
    the next start removes from the store the entries that the log already has.
    """

    def __init__(self, store: Store, audit: AuditLog | None) -> None:
        self._store = store
        self._audit = audit
        self._waiting = False
        if audit is not None:
            self._recover(audit)

    def note(self, entries: StoreTransaction, entry: Entry) -> None:
        """Note an entry in a transaction of the store."""
        if self._audit is not None:
            # Counted in the store: another process may use it too.
            number = int(entries.get(_COUNTER, "") or b"0")
            entries.put(_COUNTER, "", b"%d" % (number + 1))
            entries.put(_KIND, f"{number:020}", write_record(entry))
            self._waiting = True

    def flush(self) -> None:
        """Move the noted entries into the log, in their order."""
        if self._audit is None or not self._waiting:
            return
        self._waiting = False
        try:
            # In one transaction: two flushes at a time would append the same entries twice.
            with self._store.transaction() as entries:
                waiting = _waiting(entries)
                if waiting:
                    self._audit.append(waiting.values())
                for key in waiting:
                    entries.delete(_KIND, key)
        except BaseException:
            self._waiting = True  # the next flush takes them along
            raise

    def _recover(self, audit: AuditLog) -> None:
        with self._store.transaction() as entries:
            waiting = _waiting(entries)
            if waiting:
                since = min(entry.time for entry in waiting.values())
                logged = Counter(audit.entries(since=since))
                for key, entry in waiting.items():
                    if logged[entry] > 0:
                        logged[entry] -= 1
                        entries.delete(_KIND, key)
        self._waiting = True
        self.flush()


def _waiting(entries: StoreTransaction) -> dict[str, Entry]:
    return {key: record_from(Entry, _KIND, entries.get(_KIND, key)) for key in entries.keys(_KIND)}
