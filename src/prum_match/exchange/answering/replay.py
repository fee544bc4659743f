"""Each request is answered once: duplicates from memory, and forgotten ones with a refusal."""

from __future__ import annotations

import threading
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeAlias

from prum_match.exchange.answering.holdings import Holding
from prum_match.exchange.answering.stops import Stop, refused
from prum_match.exchange.messages.envelope import SKEW
from prum_match.exchange.messages.search import Result

Key: TypeAlias = tuple[str, str]
"""Sender of a request, according to the channel, and its number."""

# Memory of a number with its digest and times in CPython 3.11: measured, rounded up.
_NUMBER_BYTES = 512


@dataclass(frozen=True, slots=True)
class Kept:
    """A reply as it was sent."""

    reply: bytes = field(repr=False)
    category: str
    references: tuple[str, ...] = ()
    generation: int = 0
    holding: Holding | None = None


@dataclass(slots=True)
class _Known:
    digest: bytes | None  # None: known from an audit log, which holds no content
    expires: datetime
    is_open: bool


class ReplayWindow:
    """Recent requests, by sender and number."""

    def __init__(self, window: timedelta, max_bytes: int) -> None:
        self._window = window
        self._max_bytes = max_bytes
        self._numbers: dict[Key, _Known] = {}
        self._replies: dict[Key, Kept] = {}
        self._reply_bytes = 0
        # Unknown requests made until then are refused: they may have been answered.
        self._horizon: datetime | None = None
        self._lock = threading.Lock()

    def is_stale(self, time: datetime, now: datetime) -> bool:
        """Tell whether a request is too old to be told from a replay, or from the future.

        Two clocks may differ by `SKEW`.
        """
        return not -SKEW <= now - time <= self._window

    def begin(self, key: Key, digest: bytes, time: datetime, now: datetime) -> Kept | None:
        """Register the number of a request; `keep` or `release` it after the answer."""
        with self._lock:
            self._expire(now)
            known = self._numbers.get(key)
            if known is not None and (known.is_open or known.expires >= now):
                return self._again(key, known, digest)
            if self._horizon is not None and time <= self._horizon:
                raise refused(code="already_answered")
            self._forget_number(key)
            # A time far in the future is refused later, and must not overflow the calendar.
            expires = min(time, now + SKEW) + self._window
            self._numbers[key] = _Known(digest, expires, is_open=True)
            return None

    def keep(self, key: Key, kept: Kept) -> None:
        """Remember the reply to a request for its duplicates."""
        with self._lock:
            self._numbers[key].is_open = False
            self._replies[key] = kept
            self._reply_bytes += len(kept.reply)
            self._make_room()

    def release(self, key: Key) -> None:
        """Forget a request without a final answer: it may come again."""
        with self._lock:
            self._forget_number(key)

    def answered_earlier(self, key: Key, expires: datetime) -> None:
        """Register a request that was answered according to the audit log."""
        self._numbers[key] = _Known(None, expires, is_open=False)
        self._make_room()

    def renew(self, key: Key, kept: Kept) -> None:
        """Replace a kept reply, if it is still kept."""
        with self._lock:
            if key in self._replies:
                self._replies[key] = kept

    def drop(self, key: Key) -> None:
        """Drop a reply; its number stays known."""
        with self._lock:
            self._drop(key)

    def drop_naming(self, category: str, references: Collection[str]) -> None:
        """Drop every reply that names one of these references."""
        wanted = frozenset(references)
        with self._lock:
            for key, kept in list(self._replies.items()):
                if kept.category == category and not wanted.isdisjoint(kept.references):
                    self._drop(key)

    def references(self, category: str) -> set[str]:
        """Return the references of a category in kept replies."""
        with self._lock:
            replies = [kept for kept in self._replies.values() if kept.category == category]
        return {reference for kept in replies for reference in kept.references}

    def _again(self, key: Key, known: _Known, digest: bytes) -> Kept:
        if known.digest not in (None, digest):
            raise refused(code="number_in_use")
        if known.is_open:
            raise Stop(Result.BUSY)
        kept = self._replies.get(key)
        if kept is None:
            raise refused(code="already_answered")
        return kept

    def _expire(self, now: datetime) -> None:
        while self._numbers:
            key, known = next(iter(self._numbers.items()))
            if known.is_open or known.expires >= now:
                break
            self._forget_number(key)

    def _make_room(self) -> None:
        while self._reply_bytes > self._max_bytes:
            self._drop(next(iter(self._replies)))
        while _NUMBER_BYTES * len(self._numbers) > self._max_bytes:
            oldest = next((key for key, one in self._numbers.items() if not one.is_open), None)
            if oldest is None:
                break
            made = self._numbers[oldest].expires - self._window
            self._horizon = made if self._horizon is None else max(made, self._horizon)
            self._forget_number(oldest)

    def _forget_number(self, key: Key) -> None:
        self._drop(key)
        self._numbers.pop(key, None)

    def _drop(self, key: Key) -> None:
        kept = self._replies.pop(key, None)
        if kept is not None:
            self._reply_bytes -= len(kept.reply)
