"""Changes of hits, each with its message and its audit entry.

Every method runs in a transaction of the caller, so that hit, message and entry are written
together or not at all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256

from prum_match.errors import ExchangeError, InvalidInput
from prum_match.exchange.audit import Act, Entry
from prum_match.exchange.audit.trail import AuditTrail
from prum_match.exchange.hits.arrivals import TooEarly, after_arrival
from prum_match.exchange.hits.hit import Hit, HitState, Step
from prum_match.exchange.hits.hit_book import HitBook
from prum_match.exchange.hits.outbox import Outbox, Outgoing
from prum_match.exchange.messages.envelope import REFERENCE, SKEW, Limits, encode, peek
from prum_match.exchange.messages.follow_up import (
    CoreDataMessage,
    Facts,
    FollowUpMessage,
    StatusMessage,
    StatusRequest,
    StatusResult,
    Withdrawal,
    decode_follow_up,
)
from prum_match.exchange.store.asked import is_awaited
from prum_match.exchange.store.stored import read_back
from prum_match.exchange.store.stores import StoreTransaction

_SEEN = "message_seen"
_BATCH = 1000
_CONTENT = {Facts.KIND, CoreDataMessage.KIND}


@dataclass(frozen=True, slots=True)
class HitEvent:
    """A change of a hit that the other party or the clock caused.

    Parameters
    ----------
    hit : Hit
        The hit after the change.
    message : FollowUpMessage or None
        The message that caused it; None: an answer, or the clock.
    refused : str or None
        Code by which the other party refused an own message.
    other_state : str or None
        State of the hit at the other end, after `FollowUp.ask_status`.
    """

    hit: Hit
    message: FollowUpMessage | None = field(default=None, repr=False)
    refused: str | None = None
    other_state: str | None = None


def check_official(official: str) -> None:
    """Refuse a decision without the id of an official."""
    if not REFERENCE.check(official):
        raise ExchangeError(
            "give the official who decided: an opaque id of 1 to 64 printable ASCII characters",
            code="human_decision_required",
            field="official",
            rule="Reg. (EU) 2024/982 Arts. 6(6), 11(2), 47(6)",
        )


def check_references(references: Iterable[str]) -> None:
    """Refuse a single string, which is a collection of letters, as reference numbers."""
    if isinstance(references, str):
        raise InvalidInput(
            "give a collection of reference numbers, not a single string",
            code="bad_reference_id",
            field="references",
        )


@dataclass(frozen=True, slots=True)
class HitDesk:
    """Hits, outbox and audit trail, changed together."""

    own_party: str
    book: HitBook
    outbox: Outbox
    trail: AuditTrail
    keep: timedelta
    limits: Limits

    def record(
        self,
        entries: StoreTransaction,
        hit: Hit,
        message: FollowUpMessage,
        act: Act,
        official: str | None = None,
    ) -> None:
        """Write a hit that this party changed, with the message that announces it."""
        self.book.write(entries, hit)
        self.send(entries, hit, message)
        self.note(entries, hit, act, message.time, official)

    def send(self, entries: StoreTransaction, hit: Hit, message: FollowUpMessage) -> None:
        """Put a message into the outbox."""
        data = encode(message)
        if len(data) > self.limits.follow_up_bytes:
            raise ExchangeError(
                "the message is larger than Limits.follow_up_bytes",
                code="too_large",
                field="message",
            )
        self.outbox.put(entries, Outgoing(hit.party, message.number, data), message.time)

    def outgoing(self, entries: StoreTransaction, now: datetime) -> list[Outgoing]:
        """Return the messages to send now, without those that a withdrawal made void."""
        return [one for one in self.outbox.due(entries, now) if not self._is_void(entries, one)]

    def arrive(
        self, entries: StoreTransaction, party: str, message: FollowUpMessage, now: datetime
    ) -> HitEvent | None:
        """Take in a message of the other party; None for an early withdrawal."""
        self._check_sender(party, message)
        if message.time - now > SKEW:
            raise ExchangeError(
                "the time is in the future: check both clocks", code="clock_skew", field="time"
            )
        hit = self.book.find(entries, message.hit)
        if hit is None:
            self._before_its_reply(entries, message, now)
            return None
        seen, digest = f"{party}/{message.number}", sha256(encode(message)).digest()
        known = entries.get(_SEEN, seen)
        if known == digest:
            return HitEvent(hit)  # a repetition: the same answer, no effect
        if known is not None:
            raise ExchangeError(
                "another message has this number", code="duplicate_number", field="number"
            )
        before = hit
        hit, act = after_arrival(hit, message, now)
        self.book.write(entries, hit)
        # An overtaken message must not replace the content of a later one.
        if hit is not before and isinstance(message, Facts | CoreDataMessage):
            self.book.put_content(entries, hit, message.KIND, encode(message))
        if isinstance(message, Withdrawal):
            # Art. 64(1)(m): data of a withdrawn record must not stay for `keep`.
            self.book.purge_content(entries, hit)
        if act is not None:
            entries.put(_SEEN, seen, digest, due=now + self.keep)
            self.note(entries, hit, act, now)
        return HitEvent(hit, message)

    def answered(
        self, entries: StoreTransaction, party: str, status: StatusMessage, number: str | None
    ) -> HitEvent | None:
        """Take in the answer to an own message; None if there is nothing to report."""
        data = self.outbox.waiting(entries, party, status.answers or number or "")
        if data is None or status.result is StatusResult.BUSY:
            return None
        with read_back("outbox"):
            message = decode_follow_up(data, self.limits)
        hit = self.book.find(entries, message.hit)
        if status.answers is None:
            # The message was unreadable there. Sending it again cures damage on the way, but not an
            # unsupported version: so it stays in the outbox, and each refusal is reported.
            return HitEvent(hit, refused=status.code) if hit is not None else None
        self.outbox.remove(entries, message.number)
        if hit is None:
            return None
        if status.result is not StatusResult.ACCEPTED:
            return HitEvent(hit, refused=status.code)
        if isinstance(message, Facts) and hit.state is HitState.FACTS_SENT:
            hit = hit.after(Step.FACTS_ARRIVED, hit.side, message.time)
            self.book.write(entries, hit)
            return HitEvent(hit)
        if isinstance(message, StatusRequest):
            return HitEvent(hit, other_state=status.state)
        return None

    def expire(
        self, entries: StoreTransaction, now: datetime, needed: Callable[[Hit], bool]
    ) -> list[HitEvent]:
        """Mark overdue hits, and purge expired ones that are no longer needed."""
        events = []
        for hit in self.book.due(entries, now):
            if not hit.is_ended and hit.state is not HitState.CANDIDATE:
                hit = hit.after(Step.TIME_OVER, hit.side, now)
                self.book.write(entries, hit)
                self.note(entries, hit, Act.OVERDUE, now)
                events.append(HitEvent(hit))
            elif needed(hit):
                self.book.postpone(entries, hit, now + timedelta(days=1))
            else:
                self.book.purge(entries, hit)
                self.note(entries, hit, Act.PURGED, now)
        self.book.forget_early(entries, now)
        for seen in entries.due_keys(_SEEN, now, _BATCH):
            entries.delete(_SEEN, seen)
        return events

    def note(
        self,
        entries: StoreTransaction,
        hit: Hit,
        act: Act,
        time: datetime,
        official: str | None = None,
    ) -> None:
        """Note an audit entry about a hit."""
        entry = Entry(
            act=act,
            time=time,
            party=hit.party,
            category=hit.key.category,
            number=hit.key.request,
            reference=hit.key.reference,
            type=hit.reference_type,
            actor=official,
        )
        self.trail.note(entries, entry)

    def _is_void(self, entries: StoreTransaction, outgoing: Outgoing) -> bool:
        """Drop a message with facts or core data if its hit was withdrawn, and tell whether."""
        if peek(outgoing.data).kind not in _CONTENT:
            return False
        with read_back("outbox"):
            hit = self.book.find(entries, decode_follow_up(outgoing.data, self.limits).hit)
        if hit is None or hit.state is not HitState.WITHDRAWN:
            return False
        self.outbox.remove(entries, outgoing.number)
        return True

    def _check_sender(self, party: str, message: FollowUpMessage) -> None:
        ends = {message.hit.requesting, message.hit.requested}
        if party not in ends or self.own_party not in ends or party == self.own_party:
            raise ExchangeError(
                "the sender by the channel is not a party of this hit", code="party_mismatch"
            )

    def _before_its_reply(
        self, entries: StoreTransaction, message: FollowUpMessage, now: datetime
    ) -> None:
        """Take in a message that may have overtaken the reply with its hit."""
        if message.hit.requesting == self.own_party:
            if isinstance(message, Withdrawal):
                self.book.withdraw_early(entries, message.hit, now)
                return
            # The requested party may confirm a DNA match while its reply is under way.
            if is_awaited(entries, message.hit):
                raise TooEarly
        raise ExchangeError("no hit has this key", code="unknown_hit", field="hit")
