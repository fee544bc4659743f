"""The two messages of the search step, with the closed field lists of Regulation (EU) 2024/982.

Art. 9(1) and (2) say what a request and a reply "shall include only". Purpose, case and offence
are not among it: they belong into the national justification record (Art. 33). Nor is how many
references were compared, or whether a limit cut the list: a reply is silent on what it leaves out.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any, ClassVar, TypeAlias, TypeVar

from prum_match.errors import ExchangeError
from prum_match.exchange.encoding import (
    BYTES,
    TIME,
    check_fields,
    dumps,
    from_json,
    integer,
    loads,
    member,
    one_of,
    optional,
    record,
    text,
    to_json,
    tuple_of,
)
from prum_match.values.parties import PARTIES

__all__ = [
    "VERSION",
    "Clock",
    "Limits",
    "ReplyCandidate",
    "RequestHead",
    "Result",
    "SearchReply",
    "SearchRequest",
    "decode_reply",
    "decode_request",
    "encode",
    "new_number",
    "utc_now",
]

VERSION = "prum-match/1"

Clock: TypeAlias = Callable[[], datetime]
_Message = TypeVar("_Message", "SearchRequest", "SearchReply")

_NUMBER = text(r"[0-9A-Za-z._:-]{1,64}")
_REFERENCE = text(r"[ -~]{1,64}")
_WORD = text(r"[a-z][a-z0-9_]{0,63}")
_PARTY = one_of(PARTIES)
_TYPE = optional(one_of(("P", "S")))
_EXACT = 2**53 - 1  # beyond it, readers that hold numbers as doubles lose digits (RFC 8259, 6)


def utc_now() -> datetime:
    """Return the time of this machine, in UTC."""
    return datetime.now(UTC)


def new_number() -> str:
    """Return a fresh unique number for a message (a random UUID)."""
    return str(uuid.uuid4())


@dataclass(frozen=True, slots=True)
class Limits:
    """The most that is read of, and written into, one message.

    Parameters
    ----------
    request_bytes, reply_bytes : int
        Bytes of one encoded message; a probe or matching data may be images.
    candidates : int
        Candidates of one reply. Default: what one message of the 2008 DNA format can hold.

    Examples
    --------
    >>> Limits(candidates=10).reply_bytes
    33554432
    """

    request_bytes: int = 8 << 20
    reply_bytes: int = 32 << 20
    candidates: int = 500


class Result(StrEnum):
    """What a reply says. `NO_HIT` is always said aloud (Art. 37(3)), as is `UNSUITABLE` (38)."""

    HIT = "hit"
    NO_HIT = "no_hit"
    UNSUITABLE = "unsuitable"
    REFUSED = "refused"
    BUSY = "busy"
    ERROR = "error"


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestHead:
    """What a request says besides its probe, and what the reply repeats of it (Art. 9).

    Parameters
    ----------
    category : str
        Name of the category, for example ``"dna"``.
    requesting, requested : str
        Codes of the party that asks and of the party that is asked.
    number : str
        Unique number of the request.
    time : datetime
        When it was made, in UTC.
    reference : str
        The requesting party's own reference number of the probe.
    type : str or None
        ``"P"`` identified, ``"S"`` unidentified; None where the category's list has no type.

    Raises
    ------
    ExchangeError
        ``invalid_field``, or ``same_party`` for a party that asks itself.
    """

    category: str = field(metadata=_WORD.meta)
    requesting: str = field(metadata=_PARTY.meta)
    requested: str = field(metadata=_PARTY.meta)
    number: str = field(metadata=_NUMBER.meta)
    time: datetime = field(metadata=TIME.meta)
    reference: str = field(metadata=_REFERENCE.meta)
    type: str | None = field(metadata=_TYPE.meta)

    def __post_init__(self) -> None:
        check_fields(self)
        if self.requesting == self.requested:
            raise ExchangeError("a party does not ask itself", code="same_party", field="requested")


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchRequest(RequestHead):
    """A request to search one category of one party (Art. 9(1)).

    Parameters
    ----------
    probe : bytes
        The probe, as the category writes it.
    category, requesting, requested, number, time, reference, type
        See `RequestHead`.

    Examples
    --------
    >>> request = SearchRequest(
    ...     category="dna", requesting="AT", requested="DE", number="7f3a", reference="AT-1",
    ...     time=datetime(2026, 3, 1, 12, tzinfo=UTC), type="S", probe=b"...",
    ... )
    >>> decode_request(encode(request)) == request
    True
    """

    KIND: ClassVar[str] = "search_request"

    probe: bytes = field(metadata=BYTES.meta, repr=False)

    def head(self) -> RequestHead:
        """Return what a reply repeats."""
        return RequestHead(
            category=self.category,
            requesting=self.requesting,
            requested=self.requested,
            number=self.number,
            time=self.time,
            reference=self.reference,
            type=self.type,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyCandidate:
    """One candidate of a reply, with its matching data (Art. 9(2)(e) to (g)).

    Parameters
    ----------
    rank : int
        1 for the best candidate.
    reference : str
        The requested party's reference number.
    type : str or None
        As in the request, for this reference.
    quality : int
        The category's grade or scaled score; an integer, since a fraction has no single spelling.
    readings : tuple of str
        The readings of the law under which this is a candidate, sorted.
    data : bytes
        The matching profile, print or image; the category's ``item_from_bytes`` reads it.

    Examples
    --------
    >>> ReplyCandidate(rank=1, reference="DE-9", type="P", quality=1, readings=(), data=b"...")
    ReplyCandidate(rank=1, reference='DE-9', type='P', quality=1, readings=())
    """

    rank: int = field(metadata=integer(1, _EXACT).meta)
    reference: str = field(metadata=_REFERENCE.meta)
    type: str | None = field(metadata=_TYPE.meta)
    quality: int = field(metadata=integer(0, _EXACT).meta)
    readings: tuple[str, ...] = field(metadata=tuple_of(_WORD).meta)
    data: bytes = field(metadata=BYTES.meta, repr=False)

    def __post_init__(self) -> None:
        check_fields(self)
        _agree("readings", list(self.readings) == sorted(set(self.readings)))


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchReply:
    """The reply to one request (Art. 9(2)).

    Parameters
    ----------
    result : Result
        What the party says.
    number, time : str, datetime
        Number and time of this reply.
    request : RequestHead or None
        Repeated from the request; None only in an error about one that could not be read.
    candidates : tuple of ReplyCandidate
        Best first; not empty if and only if the result is a hit.
    code : str or None
        Why, for `Result.REFUSED` and `Result.ERROR` only.
    retry_after : int or None
        Seconds to wait, for `Result.BUSY` only.

    Raises
    ------
    ExchangeError
        ``invalid_field`` or ``inconsistent_field``.

    Examples
    --------
    >>> SearchReply(result=Result.ERROR, number="1", time=datetime(2026, 3, 1, tzinfo=UTC),
    ...             code="malformed").candidates
    ()
    """

    KIND: ClassVar[str] = "search_reply"

    result: Result = field(metadata=member(Result).meta)
    number: str = field(metadata=_NUMBER.meta)
    time: datetime = field(metadata=TIME.meta)
    request: RequestHead | None = field(default=None, metadata=optional(record(RequestHead)).meta)
    candidates: tuple[ReplyCandidate, ...] = field(
        default=(), metadata=tuple_of(record(ReplyCandidate)).meta
    )
    code: str | None = field(default=None, metadata=optional(_WORD).meta)
    retry_after: int | None = field(default=None, metadata=optional(integer(0, 10**6)).meta)

    def __post_init__(self) -> None:
        check_fields(self)
        count = len(self.candidates)
        _agree("request", self.request is not None or self.result is Result.ERROR)
        _agree("candidates", (count > 0) == (self.result is Result.HIT))
        _agree("rank", [one.rank for one in self.candidates] == list(range(1, count + 1)))
        _agree("reference", len({one.reference for one in self.candidates}) == count)
        _agree("code", (self.code is not None) == (self.result in {Result.REFUSED, Result.ERROR}))
        _agree("retry_after", self.retry_after is None or self.result is Result.BUSY)


def encode(message: SearchRequest | SearchReply) -> bytes:
    """Write a message in its one canonical form.

    Examples
    --------
    >>> encode(SearchReply(result=Result.ERROR, number="1", code="malformed",
    ...                    time=datetime(2026, 3, 1, tzinfo=UTC)))[:41]
    b'{"candidates":[],"code":"malformed","dige'
    """
    fields = _envelope(message)
    return dumps({**fields, "digest": _digest(fields)})


def decode_request(data: bytes, limits: Limits = Limits()) -> SearchRequest:
    """Read a request.

    Parameters
    ----------
    data : bytes
        One encoded message.
    limits : Limits
        Bounds that hold before anything is parsed.

    Raises
    ------
    ExchangeError
        ``too_large``, ``too_deep``, ``too_many_candidates``, ``malformed``, ``wrong_kind``,
        ``unsupported_version``, ``unknown_field``, ``missing_field``, ``invalid_field``,
        ``same_party``, ``wrong_digest`` or ``not_canonical``; never with a value in its text.

    Examples
    --------
    >>> decode_request(b"[]")
    Traceback (most recent call last):
    prum_match.errors.ExchangeError: not a JSON object [malformed]
    """
    raw = loads(data, max_bytes=limits.request_bytes, max_depth=1, max_containers=1)
    return _read(SearchRequest, raw, data)


def decode_reply(data: bytes, limits: Limits = Limits()) -> SearchReply:
    """Read a reply; parameters and refusals as in `decode_request`, and ``inconsistent_field``.

    Examples
    --------
    >>> decode_reply(b'{"version":"prum-match/9"}')
    Traceback (most recent call last):
    prum_match.errors.ExchangeError: not spoken here [unsupported_version; field version]
    """
    # The reply, the request's head, the list, and per candidate an object and its readings: a hit
    # has all of them, so this counts the candidates exactly.
    containers = 3 + 2 * limits.candidates
    raw = loads(data, max_bytes=limits.reply_bytes, max_depth=4, max_containers=containers)
    return _read(SearchReply, raw, data)


def _read(message_type: type[_Message], raw: object, data: bytes) -> _Message:
    if not isinstance(raw, dict):
        raise ExchangeError("not a JSON object", code="malformed")
    # The version is judged first: what another version looks like is not known here.
    for name, spoken, code in (
        ("version", VERSION, "unsupported_version"),
        ("kind", message_type.KIND, "wrong_kind"),
    ):
        if _take(raw, name) != spoken:
            raise ExchangeError("not spoken here", code=code, field=name)
    digest = _take(raw, "digest")
    message = from_json(message_type, raw)
    fields = _envelope(message)
    if digest != _digest(fields):
        raise ExchangeError("damaged on the way", code="wrong_digest", field="digest")
    if dumps({**fields, "digest": digest}) != data:
        raise ExchangeError("not in canonical form", code="not_canonical")
    return message


def _take(raw: dict[str, Any], name: str) -> Any:
    if name not in raw:
        raise ExchangeError("a field is missing", code="missing_field", field=name)
    return raw.pop(name)


def _envelope(message: SearchRequest | SearchReply) -> dict[str, Any]:
    return {"kind": message.KIND, "version": VERSION, **to_json(message)}


def _digest(fields: dict[str, Any]) -> str:
    # Against accidents: one flipped bit in a profile is another profile. Against forgery there is
    # the host's channel.
    return sha256(dumps(fields)).hexdigest()


def _agree(name: str, agrees: bool) -> None:
    if not agrees:
        raise ExchangeError(
            "does not agree with the other fields", code="inconsistent_field", field=name
        )
