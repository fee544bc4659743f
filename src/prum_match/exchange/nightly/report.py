"""What a run came to: the answers of each party."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

from prum_match.exchange.messages.envelope import COUNT, PARTY
from prum_match.exchange.messages.records import TIME, check_fields, optional, record, tuple_of
from prum_match.exchange.nightly.open_search import PartyState
from prum_match.exchange.outcomes import Outcome, SearchOutcome

_SEARCHED = {Outcome.HIT, Outcome.NO_HIT}


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """Answers of one party in a run.

    Parameters
    ----------
    party : str
        The party.
    asked : int
        Number of its searches in the run, sent or not.
    searched : int
        Number of searches that it answered with hit or no hit.
    unsuitable : int
        Number of searches that it answered with *unsuitable* (Art. 38), without comparing.

    Examples
    --------
    >>> Coverage(party="DE", asked=3, searched=2).unanswered
    1
    """

    party: str = field(metadata=PARTY.meta)
    asked: int = field(default=0, metadata=COUNT.meta)
    searched: int = field(default=0, metadata=COUNT.meta)
    unsuitable: int = field(default=0, metadata=COUNT.meta)

    def __post_init__(self) -> None:
        check_fields(self)

    @property
    def unanswered(self) -> int:
        """Searches without an answer: of these nothing is known, and the next run asks again."""
        return self.asked - self.searched - self.unsuitable


@dataclass(frozen=True, slots=True, kw_only=True)
class NightReport:
    """What a run has come to.

    Parameters
    ----------
    started : datetime
        Start of the run.
    finished : datetime or None
        End of the run; None while it is under way or interrupted.
    parties : tuple of Coverage
        The parties that were asked, in the order of their codes.
    """

    started: datetime = field(metadata=TIME.meta)
    finished: datetime | None = field(default=None, metadata=optional(TIME).meta)
    parties: tuple[Coverage, ...] = field(default=(), metadata=tuple_of(record(Coverage)).meta)

    @property
    def complete(self) -> bool:
        """Whether the run is over and every party compared all its searches.

        Only then does a run without new matches mean that there are none.
        """
        return self.finished is not None and all(one.searched == one.asked for one in self.parties)


def counted(
    report: NightReport, before: dict[str, PartyState], outcome: SearchOutcome
) -> NightReport:
    """Return a report that counts these outcomes instead of the earlier ones."""
    parties = {one.party: one for one in report.parties}
    for party, state in before.items():
        coverage = parties.get(party, Coverage(party=party))
        if state.run == report.started:
            coverage = _plus(coverage, state.outcome, -1)
        parties[party] = _plus(coverage, outcome[party].outcome, 1)
    return replace(report, parties=tuple(parties[party] for party in sorted(parties)))


def _plus(coverage: Coverage, outcome: Outcome, count: int) -> Coverage:
    return replace(
        coverage,
        asked=coverage.asked + count,
        searched=coverage.searched + count * (outcome in _SEARCHED),
        unsuitable=coverage.unsuitable + count * (outcome is Outcome.UNSUITABLE),
    )
