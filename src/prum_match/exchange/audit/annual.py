"""Statistics of an audit log for reporting, without data about individuals."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any, TypeAlias

from prum_match.exchange.audit.entries import Act, Entry

_REPLIES = frozenset({"hit", "no_hit", "unsuitable"})

_Group: TypeAlias = tuple[str, str, str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class StatisticsRow:
    """The counts for one party, category and type.

    Parameters
    ----------
    party, category : str
        As in `Entry`.
    type : str or None
        As in `Entry`.
    queries_sent : int
        Own searches in the database of the party.
    replies : int
        Those that it answered with hit, no hit or unsuitable.
    hits_received, matches_received : int
        Those with a hit, and their candidates: matches against the database of the party.
    queries_received : int
        Searches of the party in the own database, whatever the answer.
    hits_given, matches_given : int
        Those with a hit, and their candidates: matches against the own database.
    confirmed_with_core_data, confirmed_without_core_data : int
        Confirmed matches, with core data exchanged in either direction and without.

    Examples
    --------
    >>> StatisticsRow(party="DE", category="dna", type="S", queries_sent=2).queries_received
    0
    """

    party: str
    category: str
    type: str | None
    queries_sent: int = 0
    replies: int = 0
    hits_received: int = 0
    matches_received: int = 0
    queries_received: int = 0
    hits_given: int = 0
    matches_given: int = 0
    confirmed_with_core_data: int = 0
    confirmed_without_core_data: int = 0


@dataclass(frozen=True, slots=True)
class Statistics:
    """The counts of a log.

    Parameters
    ----------
    rows : tuple of StatisticsRow
        In the order of party, category and type.

    Examples
    --------
    >>> Statistics(()).as_dict()
    {'rows': []}
    """

    rows: tuple[StatisticsRow, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return the counts as JSON values."""
        return {"rows": [asdict(row) for row in self.rows]}


def statistics(entries: Iterable[Entry]) -> Statistics:
    """Return the counts for Article 72(1) to (3) of Regulation (EU) 2024/982.

    Parameters
    ----------
    entries : iterable of Entry
        Entries of one log, for example ``log.entries(since=..., until=...)``. A confirmed match
        whose core data were exchanged outside this range counts as one without.

    Returns
    -------
    Statistics
        Counts without numbers, references or officials.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> from prum_match.exchange.audit import Act, Entry
    >>> now = datetime(2026, 3, 1, tzinfo=UTC)
    >>> asked = Entry(act=Act.ASKED, time=now, party="DE", category="face", number="1")
    >>> reply = Entry(act=Act.RECEIVED, time=now, party="DE", category="face", number="1",
    ...               result="hit", candidates=3)
    >>> (row,) = statistics([asked, reply]).rows
    >>> row.queries_sent, row.replies, row.matches_received
    (1, 1, 3)
    """
    counts: Counter[tuple[_Group, str]] = Counter()
    confirmed: dict[tuple[str, str, str | None], _Group] = {}
    released = set()
    for entry in entries:
        group = (entry.party, entry.category, entry.type)
        match = (entry.party, entry.number, entry.reference)
        for name, count in _counted(entry):
            counts[group, name] += count
        if entry.act is Act.CONFIRMED:
            # Both sides may confirm a DNA match (Art. 6(6), (7)), and it is one match.
            confirmed.setdefault(match, group)
        elif entry.act is Act.REFUTED:
            # After a confirmation if the requesting party's verdict replaces the other's.
            confirmed.pop(match, None)
        elif entry.act in (Act.CORE_DATA_SENT, Act.CORE_DATA_RECEIVED):
            released.add(match)
    for match, group in confirmed.items():
        with_data = "with" if match in released else "without"
        counts[group, f"confirmed_{with_data}_core_data"] += 1
    groups = sorted({group for group, _ in counts}, key=lambda one: (*one[:2], one[2] or ""))
    return Statistics(tuple(_row(group, counts) for group in groups))


def _counted(entry: Entry) -> Iterable[tuple[str, int]]:
    """Yield the counts that an entry adds to."""
    hit = entry.result == "hit"
    if entry.act is Act.ASKED:
        yield "queries_sent", 1
    elif entry.act is Act.RECEIVED and entry.result in _REPLIES:
        yield "replies", 1
        yield "hits_received", int(hit)
        yield "matches_received", entry.candidates
    elif entry.act is Act.ANSWERED:
        yield "queries_received", 1
        yield "hits_given", int(hit)
        yield "matches_given", entry.candidates


def _row(group: _Group, counts: Counter[tuple[_Group, str]]) -> StatisticsRow:
    party, category, kind = group
    named = {name: count for (one, name), count in counts.items() if one == group}
    return StatisticsRow(party=party, category=category, type=kind, **named)
