"""Daily numbers of searches, by partner, category and type of the probe (Arts. 14 and 23).

Searches count that were answered with hit or no hit. Duplicates, refused and unsuitable requests,
and failures reveal nothing and do not count.

Each UTC day has a counter of its own. Old ones are removed by their number and not by the clock: a
clock that is ahead for a while must not remove that of today.
"""

from __future__ import annotations

from datetime import datetime
from typing import TypeAlias

from prum_match.exchange.answering.stops import refused
from prum_match.exchange.audit import Act, Entry
from prum_match.exchange.messages.search import Result
from prum_match.exchange.store.stored import read_back
from prum_match.exchange.store.stores import StoreTransaction

QuotaKey: TypeAlias = tuple[str, str, str | None]
"""Partner, category, and the type of the probe."""

COUNTED = frozenset({Result.HIT.value, Result.NO_HIT.value})
"""Results of searches that count."""

_KIND = "quota"
_DAYS = 62


def check(entries: StoreTransaction, key: QuotaKey, most: int | None, now: datetime) -> None:
    """Refuse a search if those of the day are used up."""
    if most is not None and _count(entries, _place(key, now)) >= most:
        raise refused(code="quota_exhausted")


def count(entries: StoreTransaction, key: QuotaKey, now: datetime, by: int = 1) -> None:
    """Count a search of the day; ``by=-1`` discounts one that ends without an answer."""
    place = _place(key, now)
    known = _count(entries, place)
    entries.put(_KIND, place, b"%d" % (known + by))
    if known == 0:
        days = entries.keys(_KIND, _of_partner(key))
        for old in days[:-_DAYS]:
            if old != place:
                entries.delete(_KIND, old)


def recall(entries: StoreTransaction, entry: Entry, now: datetime) -> None:
    """Count an earlier answer from the audit log, for a store that does not know it."""
    if entry.act is Act.ANSWERED and entry.time.date() == now.date() and entry.result in COUNTED:
        count(entries, (entry.party, entry.category, entry.type), entry.time)


def _count(entries: StoreTransaction, place: str) -> int:
    value = entries.get(_KIND, place)
    if value is None:
        return 0
    with read_back(_KIND):
        return int(value)


def _of_partner(key: QuotaKey) -> str:
    party, category, probe_type = key
    return f"{party}/{category}/{probe_type or '-'}/"


def _place(key: QuotaKey, now: datetime) -> str:
    return f"{_of_partner(key)}{now:%Y-%m-%d}"
