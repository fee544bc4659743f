"""The two messages of the search step, with the closed field lists of Regulation (EU) 2024/982.

Art. 9(1) and (2) say what a request and a reply "shall include only". Purpose, case and offence are
not in these lists: they belong to the national justification record (Art. 33). Nor is the number of
compared references, or whether a limit cut the list.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from prum_match.engine import Policy
from prum_match.errors import ExchangeError
from prum_match.exchange.category_rules import rule_of
from prum_match.exchange.messages.envelope import (
    COUNT,
    NUMBER,
    PARTY,
    REFERENCE,
    TYPE,
    WORD,
    Limits,
    agree,
    read,
)
from prum_match.exchange.messages.records import (
    BYTES,
    TIME,
    check_fields,
    integer,
    member,
    optional,
    record,
    tuple_of,
)


class Result(StrEnum):
    """Result of a search in a reply. `NO_HIT` is always reported (Art. 37(3)), `UNSUITABLE` too."""

    HIT = "hit"
    NO_HIT = "no_hit"
    UNSUITABLE = "unsuitable"
    REFUSED = "refused"
    BUSY = "busy"
    ERROR = "error"


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestHead:
    """The fields of a request besides its probe, which the reply repeats (Art. 9).

    Parameters
    ----------
    category : str
        Name of the category, for example ``"dna"``.
    requesting, requested : str
        Codes of the party that asks and of the party that is asked.
    number : str
        Unique number of the request.
    time : datetime
        Time of the request, in UTC.
    reference : str
        The requesting party's own reference number of the probe.
    type : str or None
        ``"P"`` identified, ``"S"`` unidentified; None where the category's list has no type.

    Raises
    ------
    ExchangeError
        ``invalid_field``, or ``same_party`` for a party that asks itself.
    """

    category: str = field(metadata=WORD.meta)
    requesting: str = field(metadata=PARTY.meta)
    requested: str = field(metadata=PARTY.meta)
    number: str = field(metadata=NUMBER.meta)
    time: datetime = field(metadata=TIME.meta)
    reference: str = field(metadata=REFERENCE.meta)
    type: str | None = field(metadata=TYPE.meta)

    def __post_init__(self) -> None:
        check_fields(self)
        if self.requesting == self.requested:
            raise ExchangeError("a party cannot ask itself", code="same_party", field="requested")
        rule = rule_of(self.category)
        agree("type", rule.has_type in (None, self.type is not None), rule.source)


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchRequest(RequestHead):
    """A request to search one category of one party (Art. 9(1) and the like).

    Parameters
    ----------
    probe : bytes
        The probe, encoded by the category.
    category, requesting, requested, number, time, reference, type
        See `RequestHead`.

    Examples
    --------
    >>> from datetime import UTC
    >>> from prum_match.exchange.messages import decode_request, encode
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
        """Return the fields that a reply repeats."""
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
    quality : int or None
        Grade of the candidate; None for prints and faces, whose closed lists have no such field
        (Arts. 15(2) and 24(2)): scores of two makers cannot be compared.
    readings : tuple of str
        The readings of the law under which this is a candidate, sorted.
    data : bytes
        The matching profile, print or image; the category's ``item_from_bytes`` reads it.

    Examples
    --------
    >>> ReplyCandidate(rank=1, reference="DE-9", type="P", quality=1, readings=(), data=b"...")
    ReplyCandidate(rank=1, reference='DE-9', type='P', quality=1, readings=())
    """

    rank: int = field(metadata=integer(1, 2**53 - 1).meta)
    reference: str = field(metadata=REFERENCE.meta)
    type: str | None = field(metadata=TYPE.meta)
    quality: int | None = field(metadata=optional(COUNT).meta)
    readings: tuple[str, ...] = field(metadata=tuple_of(WORD, most=64).meta)
    data: bytes = field(metadata=BYTES.meta, repr=False)

    @property
    def verified(self) -> bool | None:
        """Whether the asking party found it under `policy` too; None: it did not compare."""
        return None

    @property
    def policy(self) -> Policy | None:
        """The policy that the asking party compared it under; None: it did not compare."""
        return None

    def __post_init__(self) -> None:
        check_fields(self)
        agree("readings", list(self.readings) == sorted(set(self.readings)))


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchReply:
    """The reply to one request (Art. 9(2)).

    Parameters
    ----------
    result : Result
        The result.
    number, time : str, datetime
        Number and time of this reply.
    request : RequestHead or None
        Repeated from the request; None only in an error about an unreadable request.
    candidates : tuple of ReplyCandidate
        Best first; not empty if and only if the result is a hit.
    code : str or None
        Reason, for `Result.REFUSED` and `Result.ERROR` only.
    retry_after : int or None
        Seconds to wait, for `Result.BUSY` only.

    Raises
    ------
    ExchangeError
        ``invalid_field`` or ``inconsistent_field``.

    Examples
    --------
    >>> from datetime import UTC
    >>> SearchReply(result=Result.ERROR, number="1", time=datetime(2026, 3, 1, tzinfo=UTC),
    ...             code="malformed").candidates
    ()
    """

    KIND: ClassVar[str] = "search_reply"

    result: Result = field(metadata=member(Result).meta)
    number: str = field(metadata=NUMBER.meta)
    time: datetime = field(metadata=TIME.meta)
    request: RequestHead | None = field(default=None, metadata=optional(record(RequestHead)).meta)
    candidates: tuple[ReplyCandidate, ...] = field(
        default=(), metadata=tuple_of(record(ReplyCandidate)).meta
    )
    code: str | None = field(default=None, metadata=optional(WORD).meta)
    retry_after: int | None = field(default=None, metadata=optional(integer(0, 10**6)).meta)

    def __post_init__(self) -> None:
        check_fields(self)
        count = len(self.candidates)
        agree("request", self.request is not None or self.result is Result.ERROR)
        agree("candidates", (count > 0) == (self.result is Result.HIT))
        agree("rank", [one.rank for one in self.candidates] == list(range(1, count + 1)))
        agree("reference", len({one.reference for one in self.candidates}) == count)
        agree("code", (self.code is not None) == (self.result in {Result.REFUSED, Result.ERROR}))
        agree("retry_after", self.retry_after is None or self.result is Result.BUSY)
        if self.request is not None:
            rule = rule_of(self.request.category)
            for one in self.candidates:
                agree("type", rule.has_type in (None, one.type is not None), rule.source)
                agree("quality", rule.has_quality in (None, one.quality is not None), rule.source)
                agree("data", rule.has_data in (None, one.data != b""), rule.source)


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
        ``too_large``, ``too_deep``, ``too_many_candidates``, ``too_many_values``, ``malformed``,
        ``wrong_kind``, ``unsupported_version``, ``unknown_field``, ``missing_field``,
        ``invalid_field``, ``inconsistent_field``, ``same_party``, ``wrong_digest`` or
        ``not_canonical``; never with a value in its text.

    Examples
    --------
    >>> decode_request(b"[]")
    Traceback (most recent call last):
    prum_match.errors.ExchangeError: the message is not a JSON object [malformed]
    """
    return read(SearchRequest, data, max_bytes=limits.request_bytes, max_depth=1, max_containers=1)


def decode_reply(data: bytes, limits: Limits = Limits()) -> SearchReply:
    """Read a reply; parameters and errors as for `decode_request`, and ``inconsistent_field``.

    Examples
    --------
    >>> decode_reply(b'{"version":"prum-match/9"}')
    Traceback (most recent call last):
    prum_match.errors.ExchangeError: unsupported version [unsupported_version; field version]
    """
    # The reply, the request's head, the list, and per candidate an object and its readings: a hit
    # has all of them, so this counts the candidates exactly.
    containers = 3 + 2 * limits.candidates
    return read(
        SearchReply,
        data,
        max_bytes=limits.reply_bytes,
        max_depth=4,
        max_containers=containers,
    )
