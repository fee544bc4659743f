"""The nightly run: every open search to every party whose turn it is, and what is new of it."""

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
    """What a night needs of a requester."""

    def search(
        self,
        probe: Any,
        parties: Iterable[str],
        *,
        timeout: float,
        probe_id: str | None,
        justification: Justification | None,
    ) -> SearchOutcome:
        """Ask the parties and return what is known when the time is over."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """How far one party answered in a run.

    Parameters
    ----------
    party : str
        The party.
    asked : int
        Searches that it was asked.
    searched : int
        Searches that it answered with a hit, or with no hit.
    unsuitable : int
        Searches that it answered with *unsuitable* (Art. 38): it compared nothing.

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
        When it began.
    finished : datetime or None
        When it ended; None: it is under way, or was interrupted.
    parties : tuple of Coverage
        The parties that were asked, in the order of their codes.
    """

    started: datetime = field(metadata=TIME.meta)
    finished: datetime | None = field(default=None, metadata=optional(TIME).meta)
    parties: tuple[Coverage, ...] = field(default=(), metadata=tuple_of(record(Coverage)).meta)

    @property
    def complete(self) -> bool:
        """Whether the run is over and every party compared all that it was asked.

        Only then does a run without new matches mean that there are none.
        """
        return self.finished is not None and all(one.searched == one.asked for one in self.parties)


class Nightly:
    """Runs over the open searches of one category.

    Parameters
    ----------
    searches : OpenSearches
        What is asked.
    ledger : MatchLedger
        What is known. It is on the same store, so that an answer and its matches stand together.
    clock : callable
        Returns the time in UTC.

    Raises
    ------
    InvalidInput
        ``other_store``: searches and ledger are on two stores.

    Notes
    -----
    A run that was interrupted goes on where it stopped: what was asked in it is not asked again.
    A party that gave no answer is asked in the next run, before those that did. For one store and
    category there is one run at a time.

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
                "searches and ledger are on two stores", code="other_store", field="ledger"
            )
        self._searches = searches
        self._ledger = ledger
        self._clock = clock

    def run(self, requester: Asks, *, timeout: float) -> Iterator[Match]:
        """Begin a run, or go on with one that was interrupted, and yield what is to be reported.

        Parameters
        ----------
        requester : Requester
            Asks the parties of this category.
        timeout : float
            Seconds for each search, for all of its parties together.

        Yields
        ------
        Match
            First those of earlier runs that nobody was told of, then the new ones as they are
            found. Call ``ledger.report`` once somebody was told.
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
        """Begin a run, or go on with the one that was not finished."""
        with self._searches.store.transaction() as entries:
            report = self._read(entries)
            if report is None or report.finished is not None:
                now = self._clock()
                if report is not None:  # later than what the last run left to be asked again
                    now = max(now, report.started + MOMENT)
                report = NightReport(started=now)
                self._write(entries, report)
        return report

    def turns(self, limit: int = 1000) -> list[Turn]:
        """Return what is still to be asked in this run; empty: all was asked.

        Parameters
        ----------
        limit : int
            Most pairs of a search and a party. What `take` was called for is not named again.
        """
        return self._searches.due(self.report().started, limit)

    def take(self, search: OpenSearch, outcome: SearchOutcome, asked_at: datetime) -> list[Match]:
        """Write down what parties said, and return the matches that are new by it.

        A host whose answers come later calls this twice: when it has sent the requests, with
        outcomes that are pending, and with each answer, even after the run.

        Parameters
        ----------
        search : OpenSearch
            As it was asked. If it was closed or corrected meanwhile, nothing is written.
        outcome : SearchOutcome
            What the parties that were asked have said.
        asked_at : datetime
            When they were asked.
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
        """Return what the run under way, or the last one, has come to.

        Raises
        ------
        ExchangeError
            ``no_run``: there was none.
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
            # One search that may not be sent any more must not end the night for the others.
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
    """Return a report that counts these outcomes, each in the place of what was counted before."""
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
