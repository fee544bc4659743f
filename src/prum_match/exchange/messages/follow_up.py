"""The messages after a hit: confirmation, facts, core data, withdrawal, and their answers.

Regulation (EU) 2024/982, Art. 47: a human confirms, the facts and the offence are sent, and a
human of the other state decides on core data within 48 hours.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import ClassVar, TypeAlias

from prum_match.errors import ExchangeError
from prum_match.exchange.messages.checked import Checked
from prum_match.exchange.messages.core_data import OFFENCE, CoreData
from prum_match.exchange.messages.envelope import (
    NUMBER,
    PARTY,
    REFERENCE,
    WORD,
    Limits,
    agree,
    peek,
    read,
)
from prum_match.exchange.messages.records import (
    TIME,
    check_fields,
    integer,
    member,
    optional,
    record,
    text,
)


class Verdict(StrEnum):
    """Verdict of a human on a candidate."""

    CONFIRMED = "confirmed"
    REFUTED = "refuted"


class Decision(StrEnum):
    """Decision of a human on core data; a judicial authorisation may take longer (47(2))."""

    RETURNED = "returned"
    DECLINED = "declined"
    DELAYED = "delayed"


class WithdrawalReason(StrEnum):
    """Reason why data at a partner are no longer valid."""

    CORRECTED = "corrected"
    ERASED = "erased"


class StatusResult(StrEnum):
    """Result of a message about a hit."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    BUSY = "busy"
    ERROR = "error"


@dataclass(frozen=True, slots=True, kw_only=True)
class HitKey:
    """Key of a hit: a candidate of a reply.

    Parameters
    ----------
    category, requesting, requested : str
        As in the request.
    request : str
        Number of the request.
    reference : str
        The requested party's reference number of the candidate.

    Examples
    --------
    >>> hit = HitKey(category="dna", requesting="AT", requested="DE", request="7", reference="9")
    >>> hit.other("AT")
    'DE'
    """

    category: str = field(metadata=WORD.meta)
    requesting: str = field(metadata=PARTY.meta)
    requested: str = field(metadata=PARTY.meta)
    request: str = field(metadata=NUMBER.meta)
    reference: str = field(metadata=REFERENCE.meta)

    def __post_init__(self) -> None:
        check_fields(self)
        if self.requesting == self.requested:
            raise ExchangeError("a party cannot ask itself", code="same_party", field="requested")

    def other(self, party: str) -> str:
        """Return the party at the other end."""
        return self.requested if party == self.requesting else self.requesting


_HIT = record(HitKey)


@dataclass(frozen=True, slots=True, kw_only=True)
class _AboutAHit(Checked):
    """Fields that all messages about a hit share."""

    hit: HitKey = field(metadata=_HIT.meta)
    number: str = field(metadata=NUMBER.meta)
    time: datetime = field(metadata=TIME.meta)


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmation(_AboutAHit):
    """Verdict of an official of the sender (Arts. 6(6), 6(7), 11(2), 20, 47(1)(b)).

    Parameters
    ----------
    hit : HitKey
        The candidate.
    number, time : str, datetime
        Number and time of this message.
    verdict : Verdict
        The verdict.
    """

    KIND: ClassVar[str] = "confirmation"

    verdict: Verdict = field(metadata=member(Verdict).meta)


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts(_AboutAHit):
    """Facts of the case and the offence, which start the clock of 48 hours (Art. 47(1)(c)).

    Parameters
    ----------
    hit, number, time
        As in `Confirmation`.
    offence : str or None
        Code of the common table, ``dddd dd``; None for a missing person or remains without a crime.
    description : str
        The facts, at most 4,000 characters.
    """

    KIND: ClassVar[str] = "facts"

    offence: str | None = field(metadata=optional(OFFENCE).meta, repr=False)
    description: str = field(
        metadata=text(r"[^\x00-\x08\x0b-\x1f\x7f-\x9f]{1,4000}").meta, repr=False
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class CoreDataMessage(_AboutAHit):
    """The decision on core data, and the data if they are returned (Art. 47).

    Parameters
    ----------
    hit, number, time
        As in `Confirmation`.
    decision : Decision
        The decision.
    data : CoreData or None
        Present if and only if the decision is to return them.
    until : datetime or None
        For a delay: expected date of the authorisation; None: unknown.
    """

    KIND: ClassVar[str] = "core_data"

    decision: Decision = field(metadata=member(Decision).meta)
    data: CoreData | None = field(
        default=None, metadata=optional(record(CoreData)).meta, repr=False
    )
    until: datetime | None = field(default=None, metadata=optional(TIME).meta)

    def __post_init__(self) -> None:
        check_fields(self)
        agree("data", (self.data is not None) == (self.decision is Decision.RETURNED))
        agree("until", self.until is None or self.decision is Decision.DELAYED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawal(_AboutAHit):
    """Correction or erasure of the record that the sender contributed to this hit.

    The requested party withdraws the reference, the requesting party the probe.

    Parameters
    ----------
    hit, number, time
        As in `Confirmation`.
    reason : WithdrawalReason
        Correction or erasure.
    """

    KIND: ClassVar[str] = "withdrawal"

    reason: WithdrawalReason = field(metadata=member(WithdrawalReason).meta)


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusRequest(_AboutAHit):
    """Question for the state of a hit at the other end, after a long silence or a restart."""

    KIND: ClassVar[str] = "status_request"


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusMessage:
    """The answer to every message but a search request.

    Parameters
    ----------
    number, time : str, datetime
        Number and time of this message.
    answers : str or None
        Number of the answered message; None only in an error about an unreadable one.
    result : StatusResult
        The result.
    state : str or None
        State of the hit at the sender, for an accepted message.
    code : str or None
        Reason of a refusal or an error.
    retry_after : int or None
        Seconds to wait, for `StatusResult.BUSY` only.

    Examples
    --------
    >>> from datetime import UTC
    >>> StatusMessage(number="2", time=datetime(2026, 3, 1, tzinfo=UTC), answers="1",
    ...        result=StatusResult.ACCEPTED, state="confirmed").state
    'confirmed'
    """

    KIND: ClassVar[str] = "status"

    number: str = field(metadata=NUMBER.meta)
    time: datetime = field(metadata=TIME.meta)
    answers: str | None = field(metadata=optional(NUMBER).meta)
    result: StatusResult = field(metadata=member(StatusResult).meta)
    state: str | None = field(default=None, metadata=optional(WORD).meta)
    code: str | None = field(default=None, metadata=optional(WORD).meta)
    retry_after: int | None = field(default=None, metadata=optional(integer(0, 10**6)).meta)

    def __post_init__(self) -> None:
        check_fields(self)
        agree("answers", self.answers is not None or self.result is StatusResult.ERROR)
        agree("state", self.state is None or self.result is StatusResult.ACCEPTED)
        failed = self.result in {StatusResult.REFUSED, StatusResult.ERROR}
        agree("code", (self.code is not None) == failed)
        agree("retry_after", self.retry_after is None or self.result is StatusResult.BUSY)


FollowUpMessage: TypeAlias = Confirmation | Facts | CoreDataMessage | Withdrawal | StatusRequest

_FOLLOW_UPS: dict[str, type[FollowUpMessage]] = {
    one.KIND: one for one in (Confirmation, Facts, CoreDataMessage, Withdrawal, StatusRequest)
}

# The message, its hit, the core data and the lists in them.
_DEPTH = 3
_CONTAINERS = 8


def decode_follow_up(data: bytes, limits: Limits = Limits()) -> FollowUpMessage:
    """Read a message about a hit, of any kind.

    Raises
    ------
    ExchangeError
        As for `prum_match.exchange.messages.decode_request`, and ``not_for_traces``.

    Examples
    --------
    >>> decode_follow_up(b"{}")
    Traceback (most recent call last):
    prum_match.errors.ExchangeError: the message is not about a hit [wrong_kind; field kind]
    """
    if not isinstance(data, bytes):
        raise ExchangeError("a message must be bytes", code="malformed")
    message_type = _FOLLOW_UPS.get(peek(data).kind or "")
    if message_type is None:
        raise ExchangeError("the message is not about a hit", code="wrong_kind", field="kind")
    return read(
        message_type,
        data,
        max_bytes=limits.follow_up_bytes,
        max_depth=_DEPTH,
        max_containers=_CONTAINERS,
    )


def decode_status(data: bytes, limits: Limits = Limits()) -> StatusMessage:
    """Read the answer to a message about a hit; errors as for `decode_follow_up`.

    Examples
    --------
    >>> decode_status(b"[]")
    Traceback (most recent call last):
    prum_match.errors.ExchangeError: the message is not a JSON object [malformed]
    """
    return read(
        StatusMessage, data, max_bytes=limits.follow_up_bytes, max_depth=1, max_containers=1
    )
