"""Duplicates of a request get the earlier reply, as long as it agrees with the gallery."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256

from prum_match.exchange.answering.cases import Case, was_final
from prum_match.exchange.answering.holdings import Holding
from prum_match.exchange.answering.replay import Kept, Key, ReplayWindow
from prum_match.exchange.answering.stops import guard, refused
from prum_match.exchange.audit import Entry
from prum_match.exchange.messages.envelope import SKEW, Limits
from prum_match.exchange.messages.search import SearchRequest, decode_reply

_SWEEP_EVERY = timedelta(seconds=1)


class Duplicates:
    """The replies that were sent, for repeated requests."""

    def __init__(
        self, holdings: Mapping[str, Holding], window: timedelta, max_bytes: int, limits: Limits
    ) -> None:
        self._holdings = holdings
        self._window = window
        self._limits = limits
        self._replay = ReplayWindow(window, max_bytes)
        self._swept: dict[str, tuple[int, datetime]] = {}

    def recall(self, entry: Entry) -> None:
        """Take over an earlier answer from the audit log."""
        if was_final(entry):
            # The log has the time of arrival, not that of the request.
            expires = entry.time + SKEW + self._window
            self._replay.answered_earlier((entry.party, entry.number), expires)

    def begin(self, key: Key, request: SearchRequest, data: bytes, now: datetime) -> bytes | None:
        """Register the number of a request, or return the reply for its duplicate."""
        with guard(request.number, code="search_failed"):
            self._sweep(request.category, now)
            kept = self._replay.begin(key, sha256(data).digest(), request.time, now)
            if kept is None:
                return None
            if not self._is_current(key, kept):
                raise refused(code="already_answered")
            return kept.reply

    def check_age(self, request: SearchRequest, now: datetime) -> None:
        """Refuse a request from the future, or too old to be told from a replay."""
        if self._replay.is_stale(request.time, now):
            raise refused(code="stale_request")

    def end(self, key: Key, case: Case, reply: bytes | None) -> None:
        """Keep the reply to a registered request, if it is final; None: there is no reply."""
        if reply is None or not case.is_final or case.request is None:
            self._replay.release(key)
            return
        kept = Kept(
            reply,
            case.request.category,
            tuple(one.reference for one in case.candidates),
            case.generation,
            case.holding,
        )
        self._replay.keep(key, kept)

    def drop_naming(self, category: str, references: Collection[str]) -> None:
        """Drop every reply that names one of these references."""
        self._replay.drop_naming(category, references)

    def _sweep(self, category: str, now: datetime) -> None:
        """Drop replies that name erased references, in case nobody called `withdraw`."""
        holding = self._holdings.get(category)
        if holding is None:
            return
        generation = holding.gallery.generation
        swept, when = self._swept.setdefault(category, (generation, now))
        # Once a second at most: it goes over all kept replies, whatever the rate of enrolments.
        if generation != swept and now - when >= _SWEEP_EVERY:
            self._swept[category] = (generation, now)
            named = self._replay.references(category)
            self._replay.drop_naming(category, [one for one in named if one not in holding.gallery])

    def _is_current(self, key: Key, kept: Kept) -> bool:
        """Tell whether a reply still agrees with the gallery; drop it if not."""
        holding = kept.holding
        if not kept.references or holding is None:
            return True
        generation = holding.gallery.generation
        if generation == kept.generation:
            return True
        if holding.lost(decode_reply(kept.reply, self._limits).candidates):
            self._replay.drop(key)
            return False
        self._replay.renew(key, replace(kept, generation=generation))
        return True
