"""`Requester`: asks all parties at the same time, with one deadline."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from queue import Empty, SimpleQueue
from typing import Any

from prum_match.exchange.justification import Justification
from prum_match.exchange.outcomes import PartyOutcome, SearchOutcome
from prum_match.exchange.requesters.base import RequesterBase
from prum_match.exchange.requesters.calls import Calls, Settled
from prum_match.exchange.requesters.fan_out import FanOut
from prum_match.exchange.transport import HubTransport, Transport


class Requester(RequesterBase[Transport | HubTransport]):
    """Asks many parties at once, within one timeout.

    Parameters
    ----------
    transport : Transport or HubTransport
        Carries the messages; a hub carries those of one search in one call. The caller closes it.
    own_party : str
        Code of the party that asks.
    category : str or engine.Category
        As for `Conversation`.
    max_in_flight : int
        Most calls to one party that may run at once. When all of them hang, the party counts as
        busy, and no further thread is started for it.
    max_attempts : int
        Most times that one search sends a party its request. While there is time it is repeated,
        under the same number, to a party that was busy, unreachable or timed out early; once more
        after an invalid reply; and under a new number to a party that lost its reply.
    back_off : Retries
        The pauses in between. A busy party is asked again after the time that it gives.
    clock, new_number, limits
        As for `Conversation`.
    follow_up : FollowUp, optional
        Keeps searches and opens hits. A reply that arrives after a search has returned then belongs
        to `conversation`; without a follow-up it is lost.
    retries, keep, give_up, policy
        As for `Conversation`; all but the policy need a follow-up.

    Raises
    ------
    InvalidInput
        ``bad_limit``, or a code of `Conversation`.

    Notes
    -----
    May be used by several threads at once. Each call runs on its own daemon thread: a call that
    hangs delays neither the search nor the end of the interpreter.

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

    def search(
        self,
        probe: Any,
        parties: Iterable[str],
        *,
        timeout: float,
        probe_id: str | None = None,
        justification: Justification | None = None,
        send_below_floor: bool = False,
    ) -> SearchOutcome:
        """Ask `parties` and return their outcomes when all have answered or the time is over.

        Parameters
        ----------
        probe : object
            An item of the category, or a `Sample`.
        parties : iterable of str
            Codes of the parties to ask.
        timeout : float
            Seconds, for all parties together.
        probe_id : str, optional
            Own reference number of the probe; a fresh number if absent.
        justification : Justification, optional
            Legal basis of the search; checked before anything is sent.
        send_below_floor : bool
            As for `Conversation.submit`.

        Raises
        ------
        InvalidInput, ExchangeError
            Before anything is sent: ``bad_timeout``, or a code of `Conversation.submit`.
        StorageError
            The store of the follow-up cannot be used.
        """
        plan = self._begin(probe, parties, timeout, probe_id, justification, send_below_floor)
        for _ in self._send(plan):
            pass
        return plan.pending.outcome

    def iter_search(
        self,
        probe: Any,
        parties: Iterable[str],
        *,
        timeout: float,
        probe_id: str | None = None,
        justification: Justification | None = None,
        send_below_floor: bool = False,
    ) -> Iterator[tuple[str, PartyOutcome]]:
        """Ask `parties` and yield each with its outcome as soon as it is final.

        The requests are under way when this returns, and are repeated whether or not the iterator
        is read. Parameters and errors are those of `search`; a party that has not answered in time
        comes last, with `Outcome.TIMEOUT`. Closing the iterator ends the search.
        """
        return self._send(
            self._begin(probe, parties, timeout, probe_id, justification, send_below_floor)
        )

    def _send(self, plan: FanOut) -> Iterator[tuple[str, PartyOutcome]]:
        settled: Settled = SimpleQueue()
        Calls(self._transport, self._in_flight).send(plan, settled)
        return _collect(plan, settled)


def _collect(plan: FanOut, settled: Settled) -> Iterator[tuple[str, PartyOutcome]]:
    left = dict.fromkeys(plan.pending.asked)
    try:
        while left:
            try:
                # At zero this still takes waiting outcomes: a reply that came in time counts even
                # when the caller reads it late.
                party = settled.get(timeout=max(0.0, plan.deadline - time.monotonic()))
            except Empty:
                plan.finish()
                break
            if isinstance(party, Exception):
                raise party
            del left[party]
            yield party, plan.state(party)
        for party in left:
            yield party, plan.state(party)
    finally:
        plan.ended.set()
