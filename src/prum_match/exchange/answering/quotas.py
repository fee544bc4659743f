"""Daily numbers of searches, by partner, category and type of the probe."""

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

    Searches count that were answered with hit or no hit. Duplicates, refused and unsuitable
    requests, and failures reveal nothing and do not count.
    """

    def __init__(self, now: datetime) -> None:
        self._day: date = now.date()
        self._counts: Counter[QuotaKey] = Counter()
        self._lock = threading.Lock()

    def recall(self, entry: Entry) -> None:
        """Count an earlier answer from the audit log, so that a restart forgets nothing."""
        if (
            entry.act is Act.ANSWERED
            and entry.time.date() == self._day
            and entry.result in _COUNTED
        ):
            self._counts[entry.party, entry.category, entry.type] += 1

    def take(self, key: QuotaKey, most: int, now: datetime) -> None:
        """Count a search before it is made, or refuse it."""
        with self._lock:
            if now.date() > self._day:
                self._day = now.date()
                self._counts.clear()
            if self._counts[key] >= most:
                raise refused(code="quota_exhausted")
            self._counts[key] += 1

    def give_back(self, key: QuotaKey, taken: datetime) -> None:
        """Discount a search without an answer, if its day is still counted."""
        with self._lock:
            if taken.date() >= self._day:
                self._counts[key] -= 1
