"""The nightly run: open searches go to all due parties, and new matches are reported."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Callable, Iterator
from dataclasses import replace
from datetime import datetime
from functools import partial

from prum_match.errors import ExchangeError, InvalidInput, UnknownReference
from prum_match.exchange.messages.envelope import Clock, utc_now
from prum_match.exchange.messages.records import write_record
from prum_match.exchange.nightly.calls import Answer, Asks, OneByOne, Question, Tasks, Threads
from prum_match.exchange.nightly.ledger import MatchLedger
from prum_match.exchange.nightly.lines import Lines, Unsent
from prum_match.exchange.nightly.matches import Match, Sighting, sightings
from prum_match.exchange.nightly.open_search import MOMENT, OpenSearch, Turn, Unreached
from prum_match.exchange.nightly.open_searches import OpenSearches
from prum_match.exchange.nightly.report import NightReport, counted
from prum_match.exchange.outcomes import SearchOutcome
from prum_match.exchange.requesters.async_requester import AsyncRequester
from prum_match.exchange.requesters.base import check_timeout
from prum_match.exchange.requesters.requester import Requester
from prum_match.exchange.store.stored import record_from
from prum_match.exchange.store.stores import StoreTransaction
from prum_match.values.checks import option_of, real_number
from prum_match.values.parties import PARTIES

PATIENCE = 0.2
"""How much longer the slowest parties may take than most."""

_KIND = "night"


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

    A run does not hang on one line. Each party has up to ``max_in_flight`` calls of the requester
    at a time, whatever the others do. A party that gave no answer three times in a row is left
    until all else was sent, and then tried once more; `unreached` lists what it was not asked.

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
        option_of(searches, OpenSearches, "searches")
        option_of(ledger, MatchLedger, "ledger")
        if searches.store is not ledger.store:
            raise InvalidInput(
                "searches and ledger must have the same store", code="other_store", field="ledger"
            )
        self._searches = searches
        self._ledger = ledger
        self._clock = clock

    def run(
        self, requester: Requester | Asks, *, timeout: float, patience: float | None = PATIENCE
    ) -> Iterator[Match]:
        """Begin or continue a run, and yield the matches to report.

        Parameters
        ----------
        requester : Requester
            Asks the parties of this category. One of the host's own that has only `search` is
            asked one search at a time.
        timeout : float
            Seconds for each call to a party.
        patience : float or None
            How much longer the slowest parties may take than three quarters of the parties (or all
            but one, of two or three) needed for as many searches, besides three timeouts: 0.2 is a
            fifth. The rest of their searches waits for the next run. None: the run waits for all.

        Yields
        ------
        Match
            First unreported matches of earlier runs, then the new ones as they are found. Call
            ``ledger.report`` after each was reported to a human.

        Raises
        ------
        InvalidInput
            ``bad_timeout`` or ``bad_option``, before the run begins.
        """
        if isinstance(requester, AsyncRequester) or not hasattr(requester, "search"):
            raise InvalidInput("give a Requester", code="bad_option", field="requester")
        _check(timeout, patience)
        if isinstance(requester, Requester):
            calls: OneByOne | Threads = Threads(requester, timeout)
            return self._run(calls, timeout, patience, requester.max_in_flight)
        return self._run(OneByOne(requester, timeout), timeout, patience, 1)

    def async_run(
        self, requester: AsyncRequester, *, timeout: float, patience: float | None = PATIENCE
    ) -> AsyncGenerator[Match, None]:
        """Begin or continue a run on an event loop; parameters and matches are those of `run`.

        Close the iteration with `contextlib.aclosing` to leave it early: no call then remains. Each
        piece of the run is a transaction of the store on the thread of the loop.
        """
        option_of(requester, AsyncRequester, "requester")
        _check(timeout, patience)
        return self._async_run(requester, timeout, patience)

    def _run(
        self, calls: OneByOne | Threads, timeout: float, patience: float | None, most: int
    ) -> Iterator[Match]:
        self.begin()
        yield from self._ledger.unreported(self._searches.category)
        lines = self._lines(timeout, patience, most)
        try:
            while not lines.is_over:
                self._send(lines, calls.send)
                yield from self._take(lines, calls.collect(lines.wait(time.monotonic())))
        except GeneratorExit:
            self._take(lines, calls.collect(0))  # the next run reports the matches
            raise
        self.finish()

    async def _async_run(
        self, requester: AsyncRequester, timeout: float, patience: float | None
    ) -> AsyncGenerator[Match, None]:
        self.begin()
        for match in self._ledger.unreported(self._searches.category):
            yield match
        lines = self._lines(timeout, patience, requester.max_in_flight)
        calls = Tasks(requester, timeout)
        try:
            while not lines.is_over:
                self._send(lines, calls.send)
                for match in self._take(lines, await calls.collect(lines.wait(time.monotonic()))):
                    yield match
        finally:
            await calls.close()
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
        return self._settle([Answer(search, asked_at, outcome)])

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

    def unreached(self) -> list[Unreached]:
        """Return the searches of the current or the last run that parties did not answer.

        Of these nothing is known, and the next run asks again.

        Raises
        ------
        ExchangeError
            ``no_run``: no run was ever begun.
        """
        return list(self._searches.unreached(self.report().started))

    def _lines(self, timeout: float, patience: float | None, most: int) -> Lines:
        return Lines(
            self._searches.due_pairs(self.report().started),
            max_in_flight=most,
            timeout=timeout,
            patience=patience,
            now=time.monotonic(),
        )

    def _send(self, lines: Lines, send: Callable[[Question], bool]) -> None:
        """Send what the lines take now, and store what is not sent any more."""
        self._leave(list(lines.unsent(time.monotonic())))
        more = True
        while more and (call := lines.next_call(time.monotonic())) is not None:
            try:
                search = self._searches.get(call.reference)
            except UnknownReference:  # closed since the run began
                for party in call.parties:
                    lines.ended(call.reference, party, None, time.monotonic())
                continue
            probe = partial(self._searches.probe_of, search)
            more = send(Question(search, probe, call.parties, self._clock()))

    def _leave(self, unsent: list[Unsent]) -> None:
        if not unsent:
            return
        with self._searches.store.transaction() as entries:
            report = self._started(entries)
            for reference, party, outcome in unsent:
                before = self._searches.leave(entries, reference, party, outcome, report.started)
                report = counted(report, before, SearchOutcome({party: outcome}))
            self._write(entries, report)

    def _take(self, lines: Lines, answers: list[Answer]) -> list[Match]:
        """Take in answers, and return the new matches in them."""
        now = time.monotonic()
        settled = []
        for search, asked_at, outcome in answers:
            name = search.reference
            sent = {p: one for p, one in outcome.items() if lines.ended(name, p, one, now)}
            settled.append(Answer(search, asked_at, SearchOutcome(sent)))
        return self._settle(settled) if settled else []

    def _settle(self, answers: list[Answer]) -> list[Match]:
        """Store outcomes and their matches in one transaction, and return the new matches."""
        with self._searches.store.transaction() as entries:
            report = self._started(entries)
            seen: list[Sighting] = []
            for search, asked_at, outcome in answers:
                before = self._searches.settle(entries, search, outcome, report.started)
                report = counted(report, before, outcome)
                for party in before:
                    seen += sightings(
                        self._searches.category,
                        search.reference,
                        search.probe,
                        party,
                        outcome[party],
                        asked_at,
                    )
            self._write(entries, report)
            return self._ledger.note(entries, seen)

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


def _check(timeout: float, patience: float | None) -> None:
    check_timeout(timeout)
    if patience is not None:
        real_number(patience, "patience", least=0, code="bad_option")
