"""Daily numbers of searches, by partner, category, and whether the probe is identified."""

from __future__ import annotations

import threading
from collections import Counter
from datetime import date, datetime
from typing import TypeAlias

from prum_match.exchange.answering.stops import refused
from prum_match.exchange.audit import Act, Entry
from prum_match.exchange.messages.search import Result

QuotaKey: TypeAlias = tuple[str, str, str | None]
"""Partner, category, and the type of the probe."""

_COUNTED = {Result.HIT.value, Result.NO_HIT.value}


class QuotaBook:
    """Searches of one UTC day (Arts. 14 and 23 of Regulation (EU) 2024/982).

    What counts is a search that was answered with hit or no hit. Duplicates, requests that were
    refused or unsuitable, and those that failed do not: nothing was found out by them.
    """

    def __init__(self, now: datetime) -> None:
        self._day: date = now.date()
        self._counts: Counter[QuotaKey] = Counter()
        self._lock = threading.Lock()

    def recall(self, entry: Entry) -> None:
        """Count what an audit log says of an earlier answer, so that a restart forgets nothing."""
        if (
            entry.act is Act.ANSWERED
            and entry.time.date() == self._day
            and entry.result in _COUNTED
        ):
            self._counts[entry.party, entry.category, entry.type] += 1

    def take(self, key: QuotaKey, most: int, now: datetime) -> None:
        """Take one search of the day before it is made."""
        with self._lock:
            if now.date() > self._day:
                self._day = now.date()
                self._counts.clear()
            if self._counts[key] >= most:
                raise refused(code="quota_exhausted")
            self._counts[key] += 1

    def give_back(self, key: QuotaKey, taken: datetime) -> None:
        """Give a search back that did not lead to an answer, on the day that it was taken of."""
        with self._lock:
            if taken.date() >= self._day:
                self._counts[key] -= 1
