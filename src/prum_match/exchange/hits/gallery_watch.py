"""Withdrawal of hits whose references are gone from the galleries, or have other items now."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import TypeAlias

from prum_match.exchange.hits.galleries import Galleries, HoldsReferences
from prum_match.exchange.hits.hit import Hit
from prum_match.exchange.hits.hit_book import HitBook
from prum_match.exchange.messages.follow_up import HitKey, WithdrawalReason
from prum_match.exchange.store.stores import Store, StoreTransaction

Withdraw: TypeAlias = Callable[[StoreTransaction, Hit, WithdrawalReason], Hit]

_BATCH = 200
# A lookup takes up to a millisecond, so lookups take a tenth of the time at most, however often a
# gallery changes. So few that nobody notices are made after every change.
_FEW = 100
_PAUSE = timedelta(milliseconds=10)


class GalleryWatch:
    """Watch over the references that the hits of a requested party point to."""

    def __init__(
        self,
        galleries: Mapping[str, HoldsReferences],
        store: Store,
        book: HitBook,
        withdraw: Withdraw,
    ) -> None:
        self.galleries = Galleries(galleries)
        self._store = store
        self._book = book
        self._withdraw = withdraw
        self._turns = threading.Lock()
        # By category: the generation that the hits agree with; when they were compared, and the
        # pause after it.
        self._agreed: dict[str, int] = {}
        self._rests: dict[str, tuple[datetime, timedelta]] = {}

    def all(self, now: datetime) -> list[Hit]:
        """Withdraw every hit whose reference is gone or changed, and return them."""
        with self._turns:
            return [hit for name in self.galleries.names() for hit in self._compare(name, now)]

    def where_moved(self, categories: Iterable[str], now: datetime) -> list[Hit]:
        """Do so in the categories whose galleries have changed since the last time."""
        done: list[Hit] = []
        for category in set(categories).intersection(self.galleries.names()):
            if self.galleries.generation(category) == self._agreed.get(category):
                continue
            if self._rests_still(category, now) or not self._turns.acquire(blocking=False):
                continue  # another thread is at it
            try:
                done += self._compare(category, now)
            finally:
                self._turns.release()
        return done

    def one(self, key: HitKey) -> list[Hit]:
        """Withdraw a single hit if its reference is gone or changed."""
        with self._store.transaction() as entries:
            hit = self._book.get(entries, key)
            content = self._book.content_given(entries, hit)
            if content is None:  # of the requesting side, or withdrawn
                return []
            reason = self.galleries.reason(key.category, key.reference, content)
            return [] if reason is None else [self._withdraw(entries, hit, reason)]

    def _rests_still(self, category: str, now: datetime) -> bool:
        began, pause = self._rests.get(category, (now, timedelta(0)))
        return timedelta(0) <= now - began < pause  # a clock that was set back ends the pause

    def _compare(self, category: str, now: datetime) -> list[Hit]:
        # Before the hits are read: a hit that is opened later is about the gallery as it is then.
        generation = self.galleries.generation(category)
        with self._store.transaction() as entries:
            given = self._book.given(entries, category)
        done: list[Hit] = []
        for start in range(0, len(given), _BATCH):
            with self._store.transaction() as entries:
                for reference, place in given[start : start + _BATCH]:
                    content = self._book.content_at(entries, place)
                    if content is None:  # withdrawn or purged meanwhile
                        continue
                    reason = self.galleries.reason(category, reference, content)
                    if reason is not None:
                        hit = self._book.hit_at(entries, place)
                        done.append(self._withdraw(entries, hit, reason))
        self._agreed[category] = generation
        self._rests[category] = (now, len(given) * _PAUSE if len(given) > _FEW else timedelta(0))
        return done
