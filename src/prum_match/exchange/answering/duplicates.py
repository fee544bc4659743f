"""Duplicates of a request get the earlier reply, as long as it agrees with the gallery."""

from __future__ import annotations

import threading
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from prum_match.exchange.answering.cases import Case, was_final
from prum_match.exchange.answering.holdings import Holding
from prum_match.exchange.answering.replay import Kept, Key, ReplayWindow
from prum_match.exchange.answering.stops import Stop, refused
from prum_match.exchange.audit import Entry
from prum_match.exchange.messages.envelope import SKEW
from prum_match.exchange.messages.search import Result, SearchRequest
from prum_match.exchange.store.stores import Store, StoreTransaction

_SWEEP_EVERY = timedelta(seconds=1)


class Duplicates:
    """The requests in work in this process, and the replies that the party has sent."""

    def __init__(
        self, store: Store, holdings: Mapping[str, Holding], window: timedelta, max_bytes: int
    ) -> None:
        self._store = store
        self._holdings = holdings
        self._window = window
        self._replay = ReplayWindow(window, max_bytes)
        self._in_work: dict[Key, bytes] = {}
        self._lock = threading.Lock()
        self._swept: dict[str, tuple[int, datetime]] = {}

    def recall(self, entries: StoreTransaction, entry: Entry, now: datetime) -> None:
        """Take over an earlier answer from the audit log."""
        if was_final(entry):
            # The log has the time of arrival, not that of the request.
            expires = entry.time + SKEW + self._window
            self._replay.answered_earlier(entries, (entry.party, entry.number), expires, now)

    def enter(self, key: Key, digest: bytes) -> None:
        """Take a request in work, unless this process works on it already."""
        with self._lock:
            known = self._in_work.setdefault(key, digest)
        if known is digest:
            return
        raise Stop(Result.BUSY) if known == digest else refused(code="number_in_use")

    def leave(self, key: Key) -> None:
        """End the work on a request."""
        with self._lock:
            del self._in_work[key]

    def find(self, entries: StoreTransaction, case: Case, request: SearchRequest) -> Kept | None:
        """Return the reply to a request that was answered, perhaps by another process."""
        assert case.key is not None
        return self._replay.find(entries, case.key, case.digest, request.time, case.time)

    def keep(
        self, entries: StoreTransaction, case: Case, request: SearchRequest, reply: bytes
    ) -> None:
        """Keep the reply to a request for its duplicates."""
        assert case.key is not None
        named = tuple(one.reference for one in case.candidates)
        kept = Kept(reply, request.category, named)
        self._replay.keep(entries, case.key, case.digest, request.time, case.time, kept)

    def forget(self, entries: StoreTransaction, key: Key) -> None:
        """Forget an answer that did not leave."""
        self._replay.forget(entries, key)

    def drop(self, key: Key) -> None:
        """Drop a reply; its number stays known."""
        with self._store.transaction() as entries:
            self._replay.drop(entries, key)

    def drop_naming(self, category: str, references: Collection[str]) -> None:
        """Drop every reply that names one of these references."""
        with self._store.transaction() as entries:
            self._replay.drop_naming(entries, category, references)

    def check_age(self, request: SearchRequest, now: datetime) -> None:
        """Refuse a request from the future, or too old to be told from a replay."""
        if self._replay.is_stale(request.time, now):
            raise refused(code="stale_request")

    def sweep(self, category: str, now: datetime) -> None:
        """Drop replies that name erased references, in case nobody called `withdraw`."""
        holding = self._holdings.get(category)
        if holding is None:
            return
        generation = holding.gallery.generation
        swept, when = self._swept.setdefault(category, (generation, now))
        # Once a second at most: it goes over all kept replies, whatever the rate of enrolments.
        if generation != swept and abs(now - when) >= _SWEEP_EVERY:
            self._swept[category] = (generation, now)
            with self._store.transaction() as entries:
                named = self._replay.references(entries, category)
                gone = [one for one in named if one not in holding.gallery]
                self._replay.drop_naming(entries, category, gone)
