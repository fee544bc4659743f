"""The requesting side without any input or output: bytes, a party and a clock in, events out.

A `Conversation` never waits and never sends. A driver hands it what came back, in any order, once,
twice or a day later; `Requester` is such a driver for transports that answer at once.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from typing import Any

from prum_match import engine
from prum_match.errors import ExchangeError, InvalidInput
from prum_match.exchange.category_rules import rule_of
from prum_match.exchange.envelope import Clock, Limits, encode, new_number, utc_now
from prum_match.exchange.messages import (
    ReplyCandidate,
    Result,
    SearchReply,
    SearchRequest,
    decode_reply,
)
from prum_match.exchange.outbox import Outgoing
from prum_match.exchange.outcomes import Outcome, PartyOutcome, SearchOutcome
from prum_match.exchange.transport import (
    TransportBusy,
    TransportRefused,
    TransportTimeout,
    TransportUnreachable,
)
from prum_match.values.parties import party_code

__all__ = ["Conversation", "Event", "Query"]

_log = logging.getLogger("prum_match.exchange")

# A party that was busy, failed or sent rubbish may still answer the same request properly.
_FINAL = {Outcome.HIT, Outcome.NO_HIT, Outcome.UNSUITABLE, Outcome.REFUSED}
_PENDING = PartyOutcome(Outcome.PENDING)
_OF_RESULT: dict[Result, Outcome] = {
    Result.HIT: Outcome.HIT,
    Result.NO_HIT: Outcome.NO_HIT,
    Result.UNSUITABLE: Outcome.UNSUITABLE,
    Result.REFUSED: Outcome.REFUSED,
    Result.BUSY: Outcome.BUSY,
    Result.ERROR: Outcome.REMOTE_ERROR,
}
_OF_FAILURE = {
    TransportTimeout: Outcome.TIMEOUT,
    TransportUnreachable: Outcome.UNREACHABLE,
    TransportBusy: Outcome.BUSY,
    TransportRefused: Outcome.REFUSED,
}


@dataclass(slots=True)
class _Asked:
    """One request to one party, and what came of it."""

    request: SearchRequest
    state: PartyOutcome = _PENDING
    reply_digest: bytes | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Query:
    """One probe under way to several parties.

    Attributes
    ----------
    reference : str
        Own reference number of the probe.
    outgoing : tuple of Outgoing
        The messages to send, one for each party. Sending one again is safe.
    """

    reference: str
    outgoing: tuple[Outgoing, ...]
    _asked: Mapping[str, _Asked] = field(repr=False)

    @property
    def outcome(self) -> SearchOutcome:
        """What is known now."""
        return SearchOutcome({party: asked.state for party, asked in self._asked.items()})


@dataclass(frozen=True, slots=True)
class Event:
    """What a delivery or a failure did.

    Attributes
    ----------
    party : str
        Who sent it, by the channel.
    query : Query or None
        The query that it belongs to; None if it cannot be told.
    outcome : PartyOutcome or None
        The party's part of that query, after the event.
    changed : bool
        Whether the event changed it. Without a change and without a code, the event only repeated
        what was known.
    code : str or None
        Why a reply was not accepted.
    """

    party: str
    query: Query | None
    outcome: PartyOutcome | None
    changed: bool
    code: str | None = None


class Conversation:
    """The search step of one category, seen from the party that asks.

    Parameters
    ----------
    own_party : str
        Code of the party that asks.
    category : str
        Name of a category in the engine's registry.
    clock : callable
        Returns the time in UTC.
    new_number : callable
        Returns a fresh unique number, for messages and for probes without a reference number.
    limits : Limits
        Bounds of the messages.

    Notes
    -----
    Not for use by several threads at once. Nothing is forgotten by itself: see `forget`.

    Examples
    --------
    >>> from prum_match import dna, exchange
    >>> stain = dna.Profile({"VWA": (16, 17), "TH01": (6, 9.3), "D21S11": (29, 30.2),
    ...     "FGA": (21, 24), "D8S1179": (13, 14), "D3S1358": (15, 17)}, kind="stain")
    >>> conversation = exchange.Conversation("AT", "dna")
    >>> query = conversation.submit(stain, parties=["DE"], reference="AT-1")
    >>> [message.party for message in query.outgoing]
    ['DE']
    >>> _ = conversation.fail("DE", exchange.TransportTimeout())
    >>> query.outcome
    SearchOutcome(DE: timeout)
    """

    def __init__(
        self,
        own_party: str,
        category: str,
        clock: Clock = utc_now,
        new_number: Callable[[], str] = new_number,
        limits: Limits = Limits(),
    ) -> None:
        self.own_party = party_code(own_party)
        self._category = engine.category(category)
        self._clock = clock
        self._new_number = new_number
        self._limits = limits
        self._queries: dict[tuple[str, str], Query] = {}  # by party and request number

    def submit(self, probe: Any, *, parties: Iterable[str], reference: str | None = None) -> Query:
        """Begin a query; the caller sends its ``outgoing`` messages.

        Parameters
        ----------
        probe : object
            An item of the category.
        parties : iterable of str
            Whom to ask.
        reference : str, optional
            Own reference number of the probe; a fresh number if absent.

        Raises
        ------
        ExchangeError
            ``probe_stays_in_house`` for a probe that the category does not send, ``too_large``,
            or what `SearchRequest` refuses.
        InvalidInput
            ``unknown_party``, ``duplicate_party`` or ``no_party``, or what the category's
            ``check_probe`` refuses.
        """
        codes = [party_code(party) for party in parties]
        if not codes:
            raise InvalidInput("no party to ask", code="no_party", field="parties")
        if len(set(codes)) != len(codes):
            raise InvalidInput("a party is named twice", code="duplicate_party", field="parties")
        self._category.check_probe(probe)
        data = self._category.probe_to_bytes(probe)
        if data is None:
            raise ExchangeError(
                "this kind of probe is for searches at home only", code="probe_stays_in_house"
            )
        reference = self._new_number() if reference is None else reference
        time = self._clock()
        asked = {
            code: _Asked(
                SearchRequest(
                    category=self._category.name,
                    requesting=self.own_party,
                    requested=code,
                    number=self._new_number(),
                    time=time,
                    reference=reference,
                    type=rule_of(self._category.name).type_of(self._category.item_type(probe)),
                    probe=data,
                )
            )
            for code in codes
        }
        outgoing = tuple(
            Outgoing(code, one.request.number, encode(one.request)) for code, one in asked.items()
        )
        if any(len(message.data) > self._limits.request_bytes for message in outgoing):
            raise ExchangeError("more bytes than allowed", code="too_large", field="probe")
        query = Query(reference, outgoing, asked)
        if any((message.party, message.number) in self._queries for message in outgoing):
            raise ExchangeError("the number is in use", code="duplicate_number", field="number")
        for message in outgoing:
            self._queries[message.party, message.number] = query
            _log.info("request=%s party=%s asked", message.number, message.party)
        return query

    def deliver(self, party: str, data: bytes, *, number: str | None = None) -> Event:
        """Take in what came back from a party.

        Parameters
        ----------
        party : str
            Who sent it, by the authenticated channel.
        data : bytes
            The reply.
        number : str, optional
            The request that the channel says it answers. Without it the reply's own word is taken,
            and one that cannot be read is held against the party's only open request, if it has
            just one.

        Returns
        -------
        Event
            A reply that fits replaces everything but an earlier answer, even after a timeout. The
            same reply again changes nothing; a different one is refused with the code
            ``second_reply``.
        """
        party = party_code(party)
        try:
            reply = decode_reply(data, self._limits)
        except ExchangeError as error:
            return self._reject(party, number or self._only_open(party), error.code)
        if number is None:
            number = reply.request.number if reply.request else self._only_open(party)
        query = self._queries.get((party, number or ""))
        if query is None:
            return self._reject(party, None, "unknown_request")
        asked = query._asked[party]
        misfit = _misfit(reply, asked.request)
        if misfit is not None:
            return self._reject(party, number, misfit)
        digest = sha256(data).digest()
        if digest == asked.reply_digest:
            return Event(party, query, asked.state, changed=False)
        if asked.state.outcome in _FINAL and asked.reply_digest is not None:
            return self._reject(party, number, "second_reply")
        asked.reply_digest = digest
        return self._settle(
            query, party, _OF_RESULT[reply.result], reply.code, reply.retry_after, reply.candidates
        )

    def fail(self, party: str, error: Exception, *, number: str | None = None) -> Event:
        """Take in that there is no reply.

        Parameters
        ----------
        party : str
            Whom the request was for.
        error : Exception
            A `TransportError` for the outcome of that name; anything else is a remote error.
        number : str, optional
            The request; without it, the party's only open one.

        Raises
        ------
        ExchangeError
            ``unknown_request``: no such request, or more than one that it could be.

        Returns
        -------
        Event
            Changes nothing if the party has answered already.
        """
        party = party_code(party)
        query = self._queries.get((party, number or self._only_open(party) or ""))
        if query is None:
            raise ExchangeError("not one request", code="unknown_request", field="number")
        state = query._asked[party].state
        if state.outcome in _FINAL:
            return Event(party, query, state, changed=False)
        outcome = next(
            (one for kind, one in _OF_FAILURE.items() if isinstance(error, kind)),
            Outcome.REMOTE_ERROR,
        )
        code = error.code if isinstance(error, ExchangeError) else "transport_error"
        return self._settle(query, party, outcome, code, getattr(error, "retry_after", None))

    def forget(self, query: Query) -> None:
        """Drop a query and all that was received for it; later replies are unknown."""
        for message in query.outgoing:
            self._queries.pop((message.party, message.number), None)

    def _only_open(self, party: str) -> str | None:
        numbers = [
            number
            for (asked_party, number), query in self._queries.items()
            if asked_party == party and query._asked[party].state.outcome not in _FINAL
        ]
        return numbers[0] if len(numbers) == 1 else None

    def _reject(self, party: str, number: str | None, code: str) -> Event:
        query = self._queries.get((party, number or ""))
        if query is None:
            _log.warning("request=? party=%s reply rejected code=%s", party, code)
            return Event(party, None, None, changed=False, code=code)
        state = query._asked[party].state
        if state.outcome in _FINAL:
            _log.warning("request=%s party=%s reply rejected code=%s", number, party, code)
            return Event(party, query, state, changed=False, code=code)
        return self._settle(query, party, Outcome.INVALID_REPLY, code)

    def _settle(
        self,
        query: Query,
        party: str,
        outcome: Outcome,
        code: str | None = None,
        retry_after: float | None = None,
        candidates: tuple[ReplyCandidate, ...] = (),
    ) -> Event:
        asked = query._asked[party]
        elapsed = max(0.0, (self._clock() - asked.request.time).total_seconds())
        asked.state = PartyOutcome(outcome, candidates, elapsed, code, retry_after)
        _log.info(
            "request=%s party=%s outcome=%s code=%s candidates=%d elapsed=%.3f",
            asked.request.number,
            party,
            outcome.value,
            code,
            len(candidates),
            elapsed,
        )
        reason = code if outcome is Outcome.INVALID_REPLY else None
        return Event(party, query, asked.state, changed=True, code=reason)


def _misfit(reply: SearchReply, request: SearchRequest) -> str | None:
    """Return why a reply does not belong to a request, or None if it does."""
    if reply.request is None:  # an error about a request that the party could not read
        return None
    for name, said in asdict(reply.request).items():
        if said != getattr(request, name):
            return f"wrong_{name}"
    return None
