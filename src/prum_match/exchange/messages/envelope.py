"""The envelope of every message: version, kind, digest, and one canonical form."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from secrets import token_hex
from typing import Any, ClassVar, NamedTuple, Protocol, TypeAlias, TypeVar

from prum_match.errors import ExchangeError
from prum_match.exchange.messages.encoding import is_small, loads
from prum_match.exchange.messages.records import (
    from_json,
    integer,
    one_of,
    optional,
    scan_record,
    text,
    write_record,
)
from prum_match.values.parties import PARTIES

VERSION = "prum-match/1"

Clock: TypeAlias = Callable[[], datetime]

SKEW = timedelta(minutes=5)
"""Tolerated difference between the clocks of two parties."""

_EXACT = 2**53 - 1  # beyond it, readers that hold numbers as doubles lose digits (RFC 8259, 6)

NUMBER = text(r"[0-9A-Za-z._:-]{1,64}")
"""The number of a message."""
REFERENCE = text(r"[ -~]{1,64}")
"""A reference number of a probe or of a reference: opaque, printable ASCII."""
WORD = text(r"[a-z][a-z0-9_]{0,63}")
"""Name of a category, code or reading."""
PARTY = one_of(PARTIES)
TYPE = optional(one_of(("P", "S")))
"""Type (identified or unidentified), where the closed list of the category has it."""
COUNT = integer(0, _EXACT)
DIGEST = text(r"[0-9a-f]{64}")
_DIGEST_KEY = b'"digest":"'
_VERSION_WRITTEN = f'"{VERSION}"'

# The names of a canonical message are sorted and quotation marks inside text are escaped, so the
# first match is the message's own field: no record inside a message has fields of these names
# before the message's own, but for the `request` of a reply, whose `number` comes later.
_KIND = re.compile(rb'"kind":"([a-z_]{1,32})"')
_CATEGORY = re.compile(rb'"category":"([a-z][a-z0-9_]{0,63})"')


class Message(Protocol):
    """A frozen dataclass whose fields all have a codec."""

    KIND: ClassVar[str]


_Message = TypeVar("_Message", bound=Message)


def utc_now() -> datetime:
    """Return the time of this machine, in UTC."""
    return datetime.now(UTC)


def new_number() -> str:
    """Return a fresh unique number for a message: 128 random bits."""
    return token_hex(16)


@dataclass(frozen=True, slots=True)
class Limits:
    """Upper bounds of one message, for reading and writing.

    Parameters
    ----------
    request_bytes, reply_bytes : int
        Bytes of one encoded search request or reply; a probe or matching data may be images.
    candidates : int
        Candidates of one reply. Default: what one message of the 2008 DNA format can hold.
    follow_up_bytes : int
        Bytes of any other message: confirmations, facts, core data.

    Examples
    --------
    >>> Limits(candidates=10).reply_bytes
    33554432
    """

    request_bytes: int = 8 << 20
    reply_bytes: int = 32 << 20
    candidates: int = 500
    follow_up_bytes: int = 64 << 10


class Peek(NamedTuple):
    """Kind of a message, before it is decoded: a hint for routing alone.

    Parameters
    ----------
    kind : str or None
        The kind; None if the bytes are not a message of this format.
    is_answer : bool
        Whether it answers another message. An answer is never answered, or two machines would go on
        for ever.
    category : str or None
        The category, if the message names one.

    Examples
    --------
    >>> Peek("status", True, None).is_answer
    True
    """

    kind: str | None
    is_answer: bool
    category: str | None


_ANSWERS = {"search_reply", "status"}


def peek(data: bytes) -> Peek:
    """Return the kind of a message without decoding it; decode it before acting on it.

    Examples
    --------
    >>> peek(b"no message")
    Peek(kind=None, is_answer=False, category=None)
    """
    kind = _first(_KIND, data)
    return Peek(kind, kind in _ANSWERS, _first(_CATEGORY, data))


def _first(pattern: re.Pattern[bytes], data: bytes) -> str | None:
    found = pattern.search(data)
    return found[1].decode("ascii") if found else None


def encode(message: Message) -> bytes:
    """Write a message in its one canonical form.

    Examples
    --------
    >>> from prum_match.exchange.messages import Result, SearchReply
    >>> encode(SearchReply(result=Result.ERROR, number="1", code="malformed",
    ...                    time=datetime(2026, 3, 1, tzinfo=UTC)))[:41]
    b'{"candidates":[],"code":"malformed","dige'
    """
    unsigned = _written(message, "")
    piece = _piece("")
    digest = sha256(unsigned.replace(piece, b"", 1)).hexdigest()
    return unsigned.replace(piece, _piece(digest), 1)


def read(
    message_type: type[_Message],
    data: bytes,
    *,
    max_bytes: int,
    max_depth: int,
    max_containers: int,
) -> _Message:
    """Read a message of one kind; the bounds hold before anything is parsed."""
    if type(data) is bytes and is_small(data, max_bytes, max_containers):
        scanned = _scanned(message_type, data)
        if scanned is not None:
            return scanned
    raw = loads(data, max_bytes=max_bytes, max_depth=max_depth, max_containers=max_containers)
    if not isinstance(raw, dict):
        raise ExchangeError("the message is not a JSON object", code="malformed")
    # The version comes first: the fields of other versions are unknown.
    if _take(raw, "version") != VERSION:
        raise ExchangeError("unsupported version", code="unsupported_version", field="version")
    if _take(raw, "kind") != message_type.KIND:
        raise ExchangeError("a message of another kind", code="wrong_kind", field="kind")
    digest = _take(raw, "digest")
    if not DIGEST.check(digest):
        raise ExchangeError("the digest is invalid", code="invalid_field", field="digest")
    message = from_json(message_type, raw)
    # Encoding it again and comparing covers order, spacing, escapes, numbers and repeated names.
    written = _written(message, digest)
    if digest != sha256(written.replace(_piece(digest), b"", 1)).hexdigest():
        raise ExchangeError(
            "the message was damaged on the way", code="wrong_digest", field="digest"
        )
    if written != data:
        raise ExchangeError("the message is not in canonical form", code="not_canonical")
    return message


def agree(name: str, agrees: bool, rule: str | None = None) -> None:
    """Refuse a field that contradicts the others."""
    if not agrees:
        raise ExchangeError(
            "the field contradicts the other fields",
            code="inconsistent_field",
            field=name,
            rule=rule,
        )


def _take(raw: dict[str, Any], name: str) -> Any:
    if name not in raw:
        raise ExchangeError("a field is missing", code="missing_field", field=name)
    return raw.pop(name)


def _scanned(message_type: type[_Message], data: bytes) -> _Message | None:
    """Read a canonical, undamaged message, as nearly all are, in half the time.

    None: the general reader has to decide whether it is wrong, and how.
    """
    place = data.find(_DIGEST_KEY)
    end = place + len(_DIGEST_KEY) + 64
    digest = data[place + len(_DIGEST_KEY) : end]
    unsigned = data[:place] + data[end + 2 :]
    if place < 0 or sha256(unsigned).hexdigest().encode() != digest:
        return None
    return scan_record(message_type, data, _joining(message_type, digest.decode()))


def _written(message: Message, digest: str) -> bytes:
    return write_record(message, _joining(message, digest))


def _joining(message: Message | type[Message], digest: str) -> dict[str, str]:
    """Return the fields that the envelope adds to a message, as JSON."""
    return {"digest": f'"{digest}"', "kind": f'"{message.KIND}"', "version": _VERSION_WRITTEN}


def _piece(digest: str) -> bytes:
    """Return the part of a message that its digest does not cover.

    Quotation marks inside text are escaped and no record inside a message has a field of this
    name, so the first match is the digest itself. The digest guards against accidents: one flipped
    bit in a profile is another profile. Against forgery the host's channel guards.
    """
    return b'"digest":"%s",' % digest.encode()
