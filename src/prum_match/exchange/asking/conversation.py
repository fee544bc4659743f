"""The requesting side without input or output: bytes, a party and a clock in, events out.

A `Conversation` neither waits nor sends. Its driver passes on the replies, in any order, repeated
or a day late; `Requester` is such a driver for transports that answer at once.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from hashlib import sha256
from typing import Any

from prum_match import engine
from prum_match.errors import ExchangeError, InvalidInput
from prum_match.exchange.asking.pending_search import Asked, PendingSearch
from prum_match.exchange.asking.probes import Probes, whom_to_ask
from prum_match.exchange.asking.reading import misfit, of_failure, of_reply
from prum_match.exchange.asking.search_keeper import SearchKeeper
from prum_match.exchange.asking.verification import Verifier, is_ill_timed
from prum_match.exchange.hits.follow_up import FollowUp
from prum_match.exchange.hits.outbox import Outgoing, Retries
from prum_match.exchange.justification import Justification
from prum_match.exchange.messages.envelope import Clock, Limits, encode, new_number, utc_now
from prum_match.exchange.messages.search import SearchRequest, decode_reply
from prum_match.exchange.outcomes import Outcome, PartyOutcome
from prum_match.values.checks import option_of
from prum_match.values.parties import party_code

_log = logging.getLogger("prum_match.exchange")

# The party answered this request before and no longer has the reply: only a new request brings one.
_LOST = "already_answered"
# The request took so long to arrive that the party cannot tell it from a replay.
_STALE = "stale_request"


@dataclass(frozen=True, slots=True)
class Event:
    """Effect of a delivery or a failure.

    Attributes
    ----------
    party : str
        Sender, according to the channel.
    pending : PendingSearch or None
        The search that it belongs to; None if unknown.
    outcome : PartyOutcome or None
        Outcome of that party after the event.
    changed : bool
        Whether the event changed the outcome. An event without a change and without a code repeated
        a known reply.
    code : str or None
        Why a reply was not accepted.
    """

    party: str
    pending: PendingSearch | None
    outcome: PartyOutcome | None
    changed: bool
    code: str | None = None


class Conversation:
    """The search step of one category at the requesting party.

    Parameters
    ----------
    own_party : str
        Code of the party that asks.
    category : str or engine.Category
        A category, or its name in the engine's registry. For a category that is bound to a model
        and therefore not registered, the name is enough to ask with a `Sample`.
    clock : callable
        Returns the time in UTC.
    new_number : callable
        Returns a fresh unique number, for messages and for probes without a reference number.
    limits : Limits
        Bounds of the messages.
    follow_up : FollowUp, optional
        Opens the hits of the replies. Its store also keeps the searches, so that they survive a
        restart, and its audit log records them. Default: searches are kept in memory.
    retries : Retries
        When `tick` asks a silent party again.
    keep : timedelta
        How long the store keeps a search after all parties have answered or were given up.
    give_up : timedelta
        How long after its start `tick` stops asking the silent parties of a search, so that one of
        them does not keep the replies of the others for ever (Art. 50). Needs a follow-up.
    policy : Policy, optional
        Rule that the candidates of a reply are checked with, where their data can be compared with
        the probe. Default: the widest rule of the category that a partner may answer by.

    Notes
    -----
    Use one conversation for each store and category, from one thread at a time. Without a follow-up
    it keeps every search until `forget`.

    Examples
    --------
    >>> from prum_match import dna, exchange
    >>> stain = dna.Profile({"VWA": (16, 17), "TH01": (6, 9.3), "D21S11": (29, 30.2),
    ...     "FGA": (21, 24), "D8S1179": (13, 14), "D3S1358": (15, 17)}, kind="stain")
    >>> conversation = exchange.Conversation("AT", "dna")
    >>> pending = conversation.submit(stain, parties=["DE"], probe_id="AT-1")
    >>> [message.party for message in pending.outgoing]
    ['DE']
    >>> _ = conversation.fail("DE", exchange.TransportTimeout())
    >>> pending.outcome
    SearchOutcome(DE: timeout)
    """

    def __init__(
        self,
        own_party: str,
        category: str | engine.Category[Any, Any],
        clock: Clock = utc_now,
        new_number: Callable[[], str] = new_number,
        limits: Limits = Limits(),
        *,
        follow_up: FollowUp | None = None,
        retries: Retries = Retries(),
        keep: timedelta = timedelta(days=30),
        give_up: timedelta = timedelta(days=30),
        policy: engine.Policy | None = None,
    ) -> None:
        self.own_party = party_code(own_party)
        for name, value, kind in (
            ("limits", limits, Limits),
            ("follow_up", follow_up, FollowUp | None),
            ("retries", retries, Retries),
            ("keep", keep, timedelta),
            ("give_up", give_up, timedelta),
        ):
            option_of(value, kind, name)
        self.follow_up = follow_up
        if follow_up is not None and follow_up.own_party != self.own_party:
            raise InvalidInput(
                "the follow-up belongs to another party", code="other_party", field="follow_up"
            )
        self._probes = Probes(category)
        self.category = self._probes.category
        self._clock = clock
        self._new_number = new_number
        self._limits = limits
        self._retries = retries
        self._give_up = give_up
        self._verifier = Verifier(self._probes, policy)
        self._keeper = SearchKeeper(self.category, limits, follow_up, keep, self._verifier)

    def submit(
        self,
        probe: Any,
        *,
        parties: Iterable[str],
        probe_id: str | None = None,
        justification: Justification | None = None,
        send_below_floor: bool = False,
    ) -> PendingSearch:
        """Begin a search; the caller sends its ``outgoing`` messages.

        Parameters
        ----------
        probe : object
            An item of the category, or a `Sample`.
        parties : iterable of str
            Codes of the parties to ask.
        probe_id : str, optional
            Own reference number of the probe; a fresh number if absent.
        justification : Justification, optional
            Legal basis of the search: checked before anything is sent and kept with the search; it
            is not part of the messages. A host that gives none keeps its own record (Art. 33).
        send_below_floor : bool
            Send the probe even if it is below the floor from which the category is exchanged. Most
            parties answer such a probe with *unsuitable*.

        Raises
        ------
        ExchangeError
            ``probe_stays_in_house`` for a probe that the category does not send, ``too_large``, or
            a code of `Justification.check` or `SearchRequest`.
        InvalidInput
            ``unknown_party``, ``duplicate_party``, ``no_party``, ``bare_string``, ``bad_option``,
            ``below_floor``, or a code of the category for an unusable probe.
        """
        codes = whom_to_ask(parties)
        data = self._probes.to_bytes(probe, justification, send_below_floor)
        item_type = self._probes.type_of(probe)
        option_of(probe_id, str | None, "probe_id")
        probe_id = self._new_number() if probe_id is None else probe_id
        now = self._clock()
        asked = {}
        for code in codes:
            request = SearchRequest(
                category=self.category,
                requesting=self.own_party,
                requested=code,
                number=self._new_number(),
                time=now,
                reference=probe_id,
                type=item_type,
                probe=data,
            )
            asked[code] = self._asked(request)
        pending = PendingSearch(
            asked[codes[0]].request.number, self.category, probe_id, justification, asked
        )
        self._keeper.begin(pending, list(asked.values()), now)
        return pending

    def deliver(self, party: str, data: bytes, *, number: str | None = None) -> Event:
        """Take in a reply from a party.

        Parameters
        ----------
        party : str
            Sender, according to the authenticated channel.
        data : bytes
            The reply.
        number : str, optional
            Number of the answered request, if the channel knows it. Default: the number in the
            reply; an unreadable reply counts for the party's open request, if there is exactly
            one.

        Returns
        -------
        Event
            A valid reply replaces any outcome except an earlier answer, even a timeout. The same
            reply again changes nothing; a different one is refused with the code
            ``second_reply``.
        """
        party = party_code(party)
        try:
            reply = decode_reply(data, self._limits)
        except ExchangeError as error:
            return self._reject(party, number or self._keeper.only_open(party), error.code)
        if number is None:
            number = reply.request.number if reply.request else self._keeper.only_open(party)
        pending = self._keeper.find(party, number)
        if pending is None:
            return self._reject(party, None, "unknown_request")
        asked = pending.asked[party]
        wrong = misfit(reply, asked.request)
        if wrong is None and is_ill_timed(reply, asked.request, self._clock()):
            wrong = "bad_time"
        if wrong is not None:
            return self._reject(party, number, wrong)
        if asked.reply is not None and sha256(data).digest() == sha256(asked.reply).digest():
            return Event(party, pending, asked.state, changed=False)
        if not asked.is_open and asked.reply is not None:
            return self._reject(party, number, "second_reply")
        if reply.code == _LOST or (reply.code == _STALE and self._is_old(asked)):
            return self._ask_anew(pending, asked, reply.code)
        state = self._verifier.judged(of_reply(reply), reply, asked.request)
        return self._settle(pending, asked, state, data)

    def fail(self, party: str, error: Exception, *, number: str | None = None) -> Event:
        """Record that a party did not reply.

        Parameters
        ----------
        party : str
            The party that was asked.
        error : Exception
            A `TransportError` gives the outcome of its class; any other error a remote error.
        number : str, optional
            Number of the request. Default: that of the party's only open request.

        Raises
        ------
        ExchangeError
            ``unknown_request``: no such request, or several open ones.

        Returns
        -------
        Event
            Without a change if the party has already answered.
        """
        party = party_code(party)
        pending = self._keeper.find(party, number or self._keeper.only_open(party))
        if pending is None:
            raise ExchangeError(
                "no request matches: give its number", code="unknown_request", field="number"
            )
        asked = pending.asked[party]
        if not asked.is_open:
            return Event(party, pending, asked.state, changed=False)
        return self._settle(pending, asked, of_failure(error))

    def tick(self) -> list[Outgoing]:
        """Return the requests to send again now, and forget searches that were kept long enough.

        A request without a final answer is due again after a pause, under the same number: the
        party answers it once, however often it arrives.
        """
        now = self._clock()
        self._keeper.give_up(now - self._give_up, now)
        again = []
        for pending, asked in self._keeper.due(now):
            due = now + self._retries.pause(asked.attempts)
            asked = replace(asked, due=due, attempts=asked.attempts + 1)
            self._keeper.save(pending, asked, now)
            again.append(Outgoing(asked.party, asked.request.number, asked.data))
        self._keeper.forget_old(now)
        return again

    def searches(self, case: str | None = None) -> list[PendingSearch]:
        """Return the known searches, of one case or all."""
        return self._keeper.all(case)

    def forget(self, pending: PendingSearch) -> None:
        """Drop a search and everything received for it; a later reply is refused as unknown."""
        self._keeper.forget(pending)

    def _asked(self, request: SearchRequest) -> Asked:
        data = encode(request)
        if len(data) > self._limits.request_bytes:
            raise ExchangeError(
                "the request is larger than Limits.request_bytes", code="too_large", field="probe"
            )
        if self._keeper.find(request.requested, request.number) is not None:
            raise ExchangeError(
                "another request has this number", code="duplicate_number", field="number"
            )
        return Asked(request, data, request.time + self._retries.pause(0))

    def _is_old(self, asked: Asked) -> bool:
        """Tell whether a request is refused as stale because it took long to arrive."""
        # A party whose clock is wrong would refuse a new request too: it is asked no more often
        # than the old request would have been repeated.
        return self._clock() - asked.request.time > self._retries.longest

    def _ask_anew(self, pending: PendingSearch, asked: Asked, code: str) -> Event:
        now = self._clock()
        request = replace(asked.request, number=self._new_number(), time=now)
        new = replace(self._asked(request), due=now)
        self._keeper.renumber(pending, asked, new, now)
        return Event(asked.party, pending, new.state, changed=True, code=code)

    def _reject(self, party: str, number: str | None, code: str) -> Event:
        pending = self._keeper.find(party, number)
        if pending is None:
            _log.warning("request=? party=%s reply rejected code=%s", party, code)
            return Event(party, None, None, changed=False, code=code)
        asked = pending.asked[party]
        if not asked.is_open:
            _log.warning("request=%s party=%s reply rejected code=%s", number, party, code)
            return Event(party, pending, asked.state, changed=False, code=code)
        return self._settle(pending, asked, PartyOutcome(Outcome.INVALID_REPLY, error_code=code))

    def _settle(
        self, pending: PendingSearch, asked: Asked, state: PartyOutcome, reply: bytes | None = None
    ) -> Event:
        now = self._clock()
        elapsed = max(0.0, (now - asked.request.time).total_seconds())
        state = state.after(elapsed)
        due = max(asked.due, now + timedelta(seconds=state.retry_after or 0.0))
        reply = asked.reply if reply is None else reply
        self._keeper.save(pending, replace(asked, state=state, due=due, reply=reply), now)
        _log.info(
            "request=%s party=%s outcome=%s code=%s candidates=%d elapsed=%.3f",
            asked.request.number,
            asked.party,
            state.outcome.value,
            state.error_code,
            len(state.candidates),
            elapsed,
        )
        reason = state.error_code if state.outcome is Outcome.INVALID_REPLY else None
        return Event(asked.party, pending, state, changed=True, code=reason)
