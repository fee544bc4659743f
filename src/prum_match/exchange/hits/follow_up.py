"""Hits at both ends: confirmation by a human, facts of the case, the deadline, core data.

A `FollowUp` has no input or output: it takes messages as bytes and offers its own in `outgoing`. A
state that asks and answers has one; its `Conversation` and its `Responder` open the hits.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from prum_match.errors import ExchangeError
from prum_match.exchange.audit import Act, AuditLog
from prum_match.exchange.audit.trail import AuditTrail
from prum_match.exchange.category_rules import Side
from prum_match.exchange.hits.arrivals import TooEarly
from prum_match.exchange.hits.galleries import HoldsReferences
from prum_match.exchange.hits.gallery_watch import GalleryWatch
from prum_match.exchange.hits.hit import Hit, HitState, Step
from prum_match.exchange.hits.hit_book import HitBook
from prum_match.exchange.hits.hit_desk import HitDesk, HitEvent, check_official
from prum_match.exchange.hits.outbox import Outbox, Outgoing, Retries
from prum_match.exchange.hits.providers import CoreDataProvider, Providers
from prum_match.exchange.hits.withdrawals import Withdrawals
from prum_match.exchange.messages.core_data import CoreData
from prum_match.exchange.messages.envelope import Clock, Limits, encode, new_number, utc_now
from prum_match.exchange.messages.follow_up import (
    Confirmation,
    CoreDataMessage,
    Decision,
    Facts,
    FollowUpMessage,
    HitKey,
    StatusMessage,
    StatusRequest,
    StatusResult,
    Verdict,
    decode_follow_up,
    decode_status,
)
from prum_match.exchange.messages.search import ReplyCandidate, RequestHead
from prum_match.exchange.store.scrubbing import scrub_daily
from prum_match.exchange.store.stores import MemoryStore, Store, StoreTransaction
from prum_match.values.checks import instance_of
from prum_match.values.parties import party_code

_log = logging.getLogger("prum_match.exchange")

_RETRY_AFTER = 1


class FollowUp(Withdrawals):
    """The hits of one party, as requesting and as requested side, and the messages about them.

    Parameters
    ----------
    own_party : str
        Code of this party.
    store : Store, optional
        Keeps hits and unanswered messages over a restart. Default: in memory.
    audit : AuditLog, optional
        Records every step. Default: none.
    core_data : mapping of str to callable, optional
        By category name: ``reference number -> CoreData``; only `release` calls it.
    galleries : mapping of str to gallery, optional
        By category name: the galleries behind the hits that this party answered with, as complete
        as they answer. A `Responder` adds its own; a process without one gives them here.
    keep : timedelta
        How long an ended hit is kept, with everything received for it. A later correction or
        erasure reaches nobody. Data whose record is withdrawn are removed at once.
    keep_candidates : timedelta, optional
        How long a hit is kept without a verdict, if it is opened from now on; nightly searches
        open one for each known pair every night. None: until the verdict.
    needed : callable, optional
        ``Hit -> bool``: whether a purpose of Article 50(2) remains, which delays the purge of a
        hit. Called every day, in a transaction: it must not call this object.
    on_event : callable, optional
        Receives each `HitEvent` after the change was stored.
    retries : Retries
        The pauses before an unanswered message is sent again.
    clock, new_number, limits
        As for `Conversation`.

    Notes
    -----
    One for each store, for any number of threads. Logs numbers, parties and codes, no content.

    Examples
    --------
    >>> from prum_match.exchange import FollowUp
    >>> list(FollowUp("AT").hits())
    []
    """

    def __init__(
        self,
        own_party: str,
        store: Store | None = None,
        audit: AuditLog | None = None,
        *,
        core_data: Mapping[str, CoreDataProvider] | None = None,
        galleries: Mapping[str, HoldsReferences] | None = None,
        keep: timedelta = timedelta(days=30),
        keep_candidates: timedelta | None = None,
        needed: Callable[[Hit], bool] | None = None,
        on_event: Callable[[HitEvent], None] | None = None,
        retries: Retries = Retries(),
        clock: Clock = utc_now,
        new_number: Callable[[], str] = new_number,
        limits: Limits = Limits(),
    ) -> None:
        self.own_party = party_code(own_party)
        self.store = MemoryStore() if store is None else store
        self.trail = AuditTrail(self.store, audit)
        self._book = HitBook(keep, keep_candidates, limits)
        self._outbox = Outbox(retries)
        self._desk = HitDesk(self.own_party, self._book, self._outbox, self.trail, keep, limits)
        self._providers = Providers(core_data or {})
        self._watch = GalleryWatch(galleries or {}, self.store, self._book, self._withdraw)
        self._needed = needed if needed is not None else lambda hit: False
        self._on_event = on_event if on_event is not None else lambda event: None
        self._clock = clock
        self._new_number = new_number
        self._limits = limits

    def hits(self, *states: HitState) -> list[Hit]:
        """Return the hits in these states, or all; oldest first. Other hits are not read.

        Raises
        ------
        InvalidInput
            ``bad_option``: something other than a member of `HitState`.
        """
        for state in states:
            message = "states are members of HitState, such as HitState.CANDIDATE"
            instance_of(state, HitState, "states", code="bad_option", message=message)
        book = self._book
        with self.store.transaction() as entries:
            found = book.in_states(entries, states) if states else book.all(entries)
            return sorted(found, key=lambda hit: hit.since)

    def hit(self, key: HitKey) -> Hit:
        """Return one hit.

        Raises
        ------
        ExchangeError
            ``unknown_hit``.
        """
        with self.store.transaction() as entries:
            return self._book.get(entries, key)

    def facts(self, key: HitKey) -> Facts | None:
        """Return the facts received for a hit, for the official who decides on core data."""
        found = self._content(key, Facts.KIND)
        return found if isinstance(found, Facts) else None

    def core_data(self, key: HitKey) -> CoreData | None:
        """Return the core data received for a hit, until they are purged."""
        found = self._content(key, CoreDataMessage.KIND)
        return found.data if isinstance(found, CoreDataMessage) else None

    def open(
        self,
        entries: StoreTransaction,
        head: RequestHead,
        candidates: tuple[ReplyCandidate, ...],
        side: Side,
        contents: Mapping[str, bytes] = MappingProxyType({}),
    ) -> list[Hit]:
        """Open hits for the candidates of a reply, in a transaction of the caller.

        Returns the hit of each candidate; a known hit stays as it is. `contents` has the digest of
        each reference of this party.
        """
        return self._book.open(entries, head, candidates, side, self._clock(), contents)

    def confirm(self, key: HitKey, *, official: str) -> Hit:
        """Record that a human confirmed the match (Arts. 6(6), 6(7), 11(2), 47(1)(b)).

        Parameters
        ----------
        key : HitKey
            The hit.
        official : str
            Opaque id of the official who decided; recorded in the audit log alone.

        Raises
        ------
        ExchangeError
            ``human_decision_required``, ``unknown_hit``, ``illegal_transition`` or
            ``not_yours_to_confirm``.
        """
        message = Confirmation(verdict=Verdict.CONFIRMED, **self._head(key))
        return self._decide(key, Step.CONFIRM, message, Act.CONFIRMED, official)

    def refute(self, key: HitKey, *, official: str) -> Hit:
        """Record that a human found no match; parameters and errors as for `confirm`."""
        message = Confirmation(verdict=Verdict.REFUTED, **self._head(key))
        return self._decide(key, Step.REFUTE, message, Act.REFUTED, official)

    def send_facts(
        self, key: HitKey, *, offence: str | None, description: str, official: str
    ) -> Hit:
        """Send the facts and the offence of a confirmed match (Art. 47(1)(c)).

        The 48 hours begin when they have arrived. ``offence=None`` is for missing persons and human
        remains without a crime (Art. 29).

        Raises
        ------
        ExchangeError
            As for `confirm`, ``invalid_field``, ``no_core_data`` or ``not_the_confirming_side``.
        """
        message = Facts(offence=offence, description=description, **self._head(key))
        return self._decide(key, Step.SEND_FACTS, message, Act.FACTS_SENT, official)

    def release(self, key: HitKey, *, official: str) -> Hit:
        """Send core data to the other party, on the decision of a human (Art. 47(6)).

        Raises
        ------
        ExchangeError
            As for `confirm`, ``not_yours_to_release``, ``no_core_data``, ``no_provider``,
            ``not_for_traces``, or ``reference_gone``: the record behind the hit was corrected or
            erased, and the hit is withdrawn.
        InvalidInput
            ``bad_core_data``: the provider returned something else. As after an error that the
            provider raises, the hit stays as it was.
        """
        check_official(official)
        hit = self._still_there(key)
        hit.after(Step.RELEASE, hit.side, self._clock())  # before the provider is called in vain
        data = self._providers.data_for(hit)
        self._still_there(key)  # a provider can take its time
        message = CoreDataMessage(decision=Decision.RETURNED, data=data, **self._head(key))
        return self._decide(key, Step.RELEASE, message, Act.CORE_DATA_SENT, official)

    def decline(self, key: HitKey, *, official: str) -> Hit:
        """Record that a human decided against core data; errors as for `release`."""
        message = CoreDataMessage(decision=Decision.DECLINED, **self._head(key))
        return self._decide(key, Step.DECLINE, message, Act.DECLINED, official)

    def delay(self, key: HitKey, *, official: str, until: datetime | None = None) -> Hit:
        """Announce that a judicial authorisation takes longer than 48 hours (Art. 47(2)).

        Parameters
        ----------
        key, official
            As for `confirm`.
        until : datetime, optional
            Expected date; after it the hit is overdue. None: unknown.
        """
        message = CoreDataMessage(decision=Decision.DELAYED, until=until, **self._head(key))
        return self._decide(key, Step.DELAY, message, Act.DELAYED, official)

    def ask_status(self, key: HitKey) -> None:
        """Ask the other end for the state of a hit; the answer is the `other_state` of an event."""
        with self.store.transaction() as entries:
            hit = self._book.get(entries, key)
            self._desk.send(entries, hit, StatusRequest(**self._head(key)))

    def outgoing(self) -> list[Outgoing]:
        """Return the messages to send now.

        Each is due again after a pause until it is answered: pass the answer to `deliver`.
        """
        with self.store.transaction() as entries:
            return self._desk.outgoing(entries, self._clock())

    def deliver(self, party: str, data: bytes, *, number: str | None = None) -> HitEvent | None:
        """Take in the answer to an own message.

        Parameters
        ----------
        party, data
            As for `Conversation.deliver`.
        number : str, optional
            Number of the answered message, if the channel knows it: the answer to an unreadable
            message has no number, and is reported as refused each time.

        Returns
        -------
        HitEvent or None
            None if no message waits for it, or it asks to try again.

        Raises
        ------
        ExchangeError
            A code of `decode_status`.
        """
        status = decode_status(data, self._limits)
        with self.store.transaction() as entries:
            event = self._desk.answered(entries, party_code(party), status, number)
        self._finish([event] if event else [])
        return event

    def receive(self, party: str, data: bytes) -> bytes:
        """Take in a message about a hit and return the answer, an encoded `StatusMessage`.

        Parameters
        ----------
        party : str
            Sender, according to the authenticated channel.
        data : bytes
            The message, or anything else.
        """
        event: HitEvent | None = None
        message: FollowUpMessage | None = None
        try:
            message = decode_follow_up(data, self._limits)
            self.catch_up(message.hit.category)
            with self.store.transaction() as entries:
                event = self._desk.arrive(entries, party, message, self._clock())
            state = event.hit.state if event is not None else HitState.WITHDRAWN
            answer = self._status(message, StatusResult.ACCEPTED, state=state.value)
        except TooEarly:
            answer = self._status(message, StatusResult.BUSY, retry_after=_RETRY_AFTER)
        except ExchangeError as error:
            result = StatusResult.REFUSED if message is not None else StatusResult.ERROR
            answer = self._status(message, result, code=error.code)
            _log.warning("message=%s refused code=%s", answer.answers or "?", error.code)
        self._finish([event] if event and event.message else [])
        return encode(answer)

    def tick(self) -> list[HitEvent]:
        """Mark overdue hits, purge expired ones, reconcile, and scrub the store once a day.

        Returns
        -------
        list of HitEvent
            The hits that became overdue.
        """
        with self.store.transaction() as entries:
            events = self._desk.expire(entries, self._clock(), self._needed)
        self._finish(events)
        scrub_daily(self.store, self._clock())
        self.catch_up(*self._watch.galleries.names())
        return events

    def _decide(
        self, key: HitKey, step: Step, message: FollowUpMessage, act: Act, official: str
    ) -> Hit:
        until = message.until if isinstance(message, CoreDataMessage) else None
        with self.store.transaction() as entries:
            hit = self._book.get(entries, key)
            hit = hit.after(step, hit.side, message.time, until=until)
            check_official(official)
            self._desk.record(entries, hit, message, act, official)
        self.trail.flush()
        return hit

    def _head(self, key: HitKey) -> dict[str, Any]:
        return {"hit": key, "number": self._new_number(), "time": self._clock()}

    def _status(
        self, message: FollowUpMessage | None, result: StatusResult, **details: Any
    ) -> StatusMessage:
        answers = message.number if message is not None else None
        return StatusMessage(
            number=self._new_number(), time=self._clock(), answers=answers, result=result, **details
        )

    def _content(self, key: HitKey, name: str) -> FollowUpMessage | None:
        with self.store.transaction() as entries:
            return self._book.content(entries, key, name)

    def _finish(self, events: list[HitEvent]) -> None:
        """Write pending audit entries, and report each event even if another one fails."""
        with ExitStack() as last:
            for event in reversed(events):
                last.callback(self._on_event, event)
            self.trail.flush()
