"""The nightly run: open searches go to all due parties, and new matches are reported."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Protocol

from prum_match.errors import ExchangeError, InvalidInput
from prum_match.exchange.justification import Justification
from prum_match.exchange.messages.envelope import COUNT, PARTY, Clock, utc_now
from prum_match.exchange.messages.records import (
    TIME,
    check_fields,
    optional,
    record,
    tuple_of,
    write_record,
)
from prum_match.exchange.nightly.ledger import MatchLedger
from prum_match.exchange.nightly.matches import Match, sightings
from prum_match.exchange.nightly.open_search import MOMENT, OpenSearch, PartyState, Turn
from prum_match.exchange.nightly.open_searches import OpenSearches
from prum_match.exchange.outcomes import Outcome, PartyOutcome, SearchOutcome
from prum_match.exchange.store.stored import record_from
from prum_match.exchange.store.stores import StoreTransaction
from prum_match.values.parties import PARTIES

_KIND = "night"
_SEARCHED = {Outcome.HIT, Outcome.NO_HIT}


class Asks(Protocol):
    """The part of a requester that a run uses."""

    def search(
        self,
        probe: Any,
        parties: Iterable[str],
        *,
        timeout: float,
        probe_id: str | None,
        justification: Justification | None,
    ) -> SearchOutcome:
        """Ask the parties and return their outcomes when the time is over."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """Answers of one party in a run.

    Parameters
    ----------
    party : str
        The party.
    asked : int
        Number of searches sent to it.
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


class Nightly:
    """Runs over the open searches of one category.

    Parameters
    ----------
    searches : OpenSearches
        The open searches.
    ledger : MatchLedger
        The known matches. It has the same store, so that an answer and its matches are stored
        together.
    clock : callable
        Returns the time in UTC.

    Raises
    ------
    InvalidInput
        ``other_store``: searches and ledger are on two stores.

    Notes
    -----
    An interrupted run continues where it stopped, without asking again. A party that gave no answer
    is asked in the next run, before those that answered. Make one run at a time for each store and
    category.

    Examples
    --------
    >>> from prum_match import dna, exchange
    >>> loci = {"VWA": (16, 17), "TH01": (6, 9.3), "D21S11": (29, 30.2), "FGA": (21, 24),
    ...         "D8S1179": (13, 14), "D3S1358": (15, 17), "D18S51": (12, 16)}
    >>> gallery = dna.Gallery()
    >>> _ = gallery.enrol(["DE-9"], [dna.Profile(loci)])
    >>> transport = exchange.InProcessTransport(
    ...     {"DE": exchange.Responder("DE", {"dna": gallery})}, own_party="AT")
    >>> requester = exchange.Requester(transport, "AT", category="dna")
    >>> store = exchange.MemoryStore()
    >>> searches = exchange.nightly.OpenSearches("dna", store)
    >>> searches.add("AT-1", dna.Profile(loci, kind="stain"), parties=["DE", "FR"])
    >>> ledger = exchange.nightly.MatchLedger(store)
    >>> nightly = exchange.nightly.Nightly(searches, ledger)
    >>> for match in nightly.run(requester, timeout=60):
    ...     print(match.key.party, match.key.own_reference, match.key.reference)
    ...     _ = ledger.report(match)
    DE AT-1 DE-9
    >>> [(one.party, one.asked, one.searched) for one in nightly.report().parties]
    [('DE', 1, 1), ('FR', 1, 0)]
    >>> list(nightly.run(requester, timeout=60))
    []
    """

    def __init__(
        self, searches: OpenSearches, ledger: MatchLedger, *, clock: Clock = utc_now
    ) -> None:
        if searches.store is not ledger.store:
            raise InvalidInput(
                "searches and ledger must have the same store", code="other_store", field="ledger"
            )
        self._searches = searches
        self._ledger = ledger
        self._clock = clock

    def run(self, requester: Asks, *, timeout: float) -> Iterator[Match]:
        """Begin or continue a run, and yield the matches to report.

        Parameters
        ----------
        requester : Requester
            Asks the parties of this category.
        timeout : float
            Seconds for each search, for all of its parties together.

        Yields
        ------
        Match
            First unreported matches of earlier runs, then the new ones as they are found. Call
            ``ledger.report`` after each was reported to a human.
        """
        self.begin()
        yield from self._ledger.unreported(self._searches.category)
        while turns := self.turns():
            for turn in turns:
                asked_at = self._clock()
                outcome = self._ask(requester, turn, timeout)
                yield from self.take(turn.search, outcome, asked_at)
        self.finish()

    def begin(self) -> NightReport:
        """Begin a run, or continue the unfinished one."""
        with self._searches.store.transaction() as entries:
            report = self._read(entries)
            if report is None or report.finished is not None:
                now = self._clock()
                if report is not None:  # later than the due times that the last run left
                    now = max(now, report.started + MOMENT)
                report = NightReport(started=now)
                self._write(entries, report)
        return report

    def turns(self, limit: int = 1000) -> list[Turn]:
        """Return the searches still to be sent in this run; empty when all were sent.

        Parameters
        ----------
        limit : int
            Most pairs of a search and a party. Pairs that `take` was called for are left out.
        """
        return self._searches.due(self.report().started, limit)

    def take(self, search: OpenSearch, outcome: SearchOutcome, asked_at: datetime) -> list[Match]:
        """Store outcomes of parties, and return the new matches in them.

        A host whose answers come later calls this after sending the requests, with pending
        outcomes, and again with each answer, even after the run.

        Parameters
        ----------
        search : OpenSearch
            The search as it was sent. If it was closed or corrected meanwhile, nothing is stored.
        outcome : SearchOutcome
            The outcomes of the parties.
        asked_at : datetime
            Time of the requests.
        """
        with self._searches.store.transaction() as entries:
            report = self._started(entries)
            before = self._searches.settle(entries, search, outcome, report.started)
            self._write(entries, _counted(report, before, outcome))
            seen = (
                one
                for party in before
                for one in sightings(
                    self._searches.category,
                    search.reference,
                    search.probe,
                    party,
                    outcome[party],
                    asked_at,
                )
            )
            return self._ledger.note(entries, seen)

    def finish(self) -> NightReport:
        """End the run."""
        with self._searches.store.transaction() as entries:
            report = replace(self._started(entries), finished=self._clock())
            self._write(entries, report)
        return report

    def report(self) -> NightReport:
        """Return the report of the current or the last run.

        Raises
        ------
        ExchangeError
            ``no_run``: no run was ever begun.
        """
        with self._searches.store.transaction() as entries:
            return self._started(entries)

    def _ask(self, requester: Asks, turn: Turn, timeout: float) -> SearchOutcome:
        search, parties = turn
        try:
            return requester.search(
                self._searches.probe_of(search),
                parties,
                timeout=timeout,
                probe_id=search.reference,
                justification=search.justification,
            )
        except (ExchangeError, InvalidInput) as error:
            # A search that is no longer allowed must not end the run for the others.
            refused = PartyOutcome(Outcome.REFUSED, error_code=error.code)
            return SearchOutcome(dict.fromkeys(parties, refused))

    def _started(self, entries: StoreTransaction) -> NightReport:
        report = self._read(entries)
        if report is None:
            raise ExchangeError("begin a run first", code="no_run")
        return report

    def _read(self, entries: StoreTransaction) -> NightReport | None:
        value = entries.get(_KIND, self._searches.category)
        if value is None:
            return None
        containers = 2 + len(PARTIES)
        return record_from(NightReport, _KIND, value, max_depth=3, max_containers=containers)

    def _write(self, entries: StoreTransaction, report: NightReport) -> None:
        entries.put(_KIND, self._searches.category, write_record(report))


def _counted(
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
