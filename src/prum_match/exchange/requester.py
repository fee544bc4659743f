"""The driver for transports that answer at once: one thread for each call, one deadline for all."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from queue import Empty, SimpleQueue
from typing import Any, TypeAlias

from prum_match.errors import InvalidInput
from prum_match.exchange.conversation import Conversation
from prum_match.exchange.envelope import Clock, Limits, new_number, utc_now
from prum_match.exchange.outbox import Outgoing
from prum_match.exchange.outcomes import PartyOutcome, SearchOutcome
from prum_match.exchange.queries import Query
from prum_match.exchange.transport import Transport, TransportBusy, TransportTimeout

__all__ = ["Requester"]

_Results: TypeAlias = SimpleQueue[tuple[Outgoing, bytes | Exception]]


class Requester:
    """Asks many parties at once and waits for them no longer than told.

    Parameters
    ----------
    transport : Transport
        Carries the messages. It stays the caller's to close.
    own_party : str
        Code of the party that asks.
    category : str
        Name of the category.
    max_in_flight : int
        Calls to one party that may run at once. When that many are stuck the party counts as busy
        and no thread is started for it.
    clock, new_number, limits
        As for `Conversation`.

    Notes
    -----
    May be used by several threads at once. Calls run on daemon threads of its own, since a pool's
    threads are waited for when the interpreter ends, even those that hang. What a party answers
    after the deadline is lost; a `Conversation` would still take it.

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
    >>> outcome = requester.search(dna.Profile(loci, kind="stain"), ["DE", "FR"], timeout=5)
    >>> outcome
    SearchOutcome(DE: hit, FR: unreachable)
    >>> [(party, candidate.reference) for party, candidate in outcome.hits], outcome.complete
    ([('DE', 'DE-9')], False)
    """

    def __init__(
        self,
        transport: Transport,
        own_party: str,
        *,
        category: str,
        max_in_flight: int = 4,
        clock: Clock = utc_now,
        new_number: Callable[[], str] = new_number,
        limits: Limits = Limits(),
    ) -> None:
        if max_in_flight < 1:
            raise InvalidInput("a limit is at least 1", code="bad_limit", field="max_in_flight")
        self._transport = transport
        self._conversation = partial(
            Conversation, own_party, category, clock=clock, new_number=new_number, limits=limits
        )
        self._conversation()  # a wrong party or category shows here and not with the first search
        self._max_in_flight = max_in_flight
        self._in_flight: Counter[str] = Counter()
        self._lock = threading.Lock()

    def search(
        self, probe: Any, parties: Iterable[str], *, timeout: float, reference: str | None = None
    ) -> SearchOutcome:
        """Ask `parties` and return what is known when all have answered or the time is over.

        Parameters
        ----------
        probe : object
            An item of the category.
        parties : iterable of str
            Whom to ask.
        timeout : float
            Seconds, for all parties together.
        reference : str, optional
            Own reference number of the probe; a fresh number if absent.

        Raises
        ------
        InvalidInput, ExchangeError
            Before anything is sent: ``bad_timeout``, or what `Conversation.submit` refuses.
        """
        query, answers = self._start(probe, parties, timeout, reference)
        for _ in answers:
            pass
        return query.outcome

    def iter_search(
        self, probe: Any, parties: Iterable[str], *, timeout: float, reference: str | None = None
    ) -> Iterator[tuple[str, PartyOutcome]]:
        """Ask `parties` and yield each with its outcome as soon as it is known.

        The requests are under way when this returns. Parameters and refusals are those of `search`;
        a party that has not answered in time comes last, with `Outcome.TIMEOUT`.
        """
        return self._start(probe, parties, timeout, reference)[1]

    def _start(
        self, probe: Any, parties: Iterable[str], timeout: float, reference: str | None
    ) -> tuple[Query, Iterator[tuple[str, PartyOutcome]]]:
        if not isinstance(timeout, int | float) or not 0 < timeout <= threading.TIMEOUT_MAX:
            raise InvalidInput("seconds, more than none", code="bad_timeout", field="timeout")
        conversation = self._conversation()
        query = conversation.submit(probe, parties=parties, reference=reference)
        deadline = time.monotonic() + timeout
        results: _Results = SimpleQueue()
        for message in query.outgoing:
            self._send(message, deadline, results)
        return query, self._collect(conversation, query, deadline, results)

    def _send(self, message: Outgoing, deadline: float, results: _Results) -> None:
        with self._lock:
            if self._in_flight[message.party] >= self._max_in_flight:
                results.put((message, TransportBusy(code="in_flight_limit")))
                return
            self._in_flight[message.party] += 1
        thread = threading.Thread(
            target=self._call,
            args=(message, deadline, results),
            name=f"prum-exchange-{message.party}",
            daemon=True,
        )
        try:
            thread.start()
        except RuntimeError:  # the system has no thread left
            self._release(message.party)
            results.put((message, TransportBusy(code="no_thread")))

    def _call(self, message: Outgoing, deadline: float, results: _Results) -> None:
        answer: bytes | Exception
        try:
            timeout = max(0.0, deadline - time.monotonic())
            answer = self._transport.exchange(message.party, message.data, timeout=timeout)
        except Exception as error:
            answer = error
        finally:  # before the answer shows: who has seen it may ask the same party again
            self._release(message.party)
        results.put((message, answer))

    def _release(self, party: str) -> None:
        with self._lock:
            self._in_flight[party] -= 1

    def _collect(
        self, conversation: Conversation, query: Query, deadline: float, results: _Results
    ) -> Iterator[tuple[str, PartyOutcome]]:
        waiting = {message.party: message for message in query.outgoing}
        while waiting:
            try:
                # At zero this still takes what is there: an answer that came in time counts even
                # when the caller was slow to look.
                message, answer = results.get(timeout=max(0.0, deadline - time.monotonic()))
            except Empty:
                break
            del waiting[message.party]
            if isinstance(answer, Exception):
                conversation.fail(message.party, answer, number=message.number)
            else:
                conversation.deliver(message.party, answer, number=message.number)
            yield message.party, query.outcome[message.party]
        for message in waiting.values():
            conversation.fail(message.party, TransportTimeout(), number=message.number)
            yield message.party, query.outcome[message.party]
