"""A bundle for a router: the requests of all parties in one body.

Requests of one search differ in a few fields and share a probe, which may be an image. So the
shared bytes are sent once, and for each request the bytes before and after them. A router joins the
bytes without decoding any message.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from prum_match.errors import ExchangeError
from prum_match.exchange.messages.checked import Checked
from prum_match.exchange.messages.encoding import loads
from prum_match.exchange.messages.envelope import PARTY
from prum_match.exchange.messages.records import (
    from_json,
    integer,
    record,
    tuple_of,
    write_record,
)
from prum_match.values.parties import PARTIES

HEAD_BYTES = 1 << 14  # a head in a bundle is about 60 bytes a party

_STRING = re.compile(rb'"[^"\\]*"')
_SIZE = integer(0, 1 << 40)
_LONGEST = 10**9  # milliseconds: eleven days


@dataclass(frozen=True, slots=True, kw_only=True)
class _Piece(Checked):
    """Lengths of the parts of one request; `shared` is 0 or the length of the shared bytes."""

    party: str = field(metadata=PARTY.meta)
    before: int = field(metadata=_SIZE.meta)
    shared: int = field(metadata=_SIZE.meta)
    after: int = field(metadata=_SIZE.meta)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Head(Checked):
    """The first line of a bundle; `timeout` is in milliseconds."""

    timeout: int = field(metadata=integer(1, _LONGEST).meta)
    shared: int = field(metadata=_SIZE.meta)
    requests: tuple[_Piece, ...] = field(metadata=tuple_of(record(_Piece)).meta)


def bundle(requests: Mapping[str, bytes], timeout: float) -> bytes:
    """Join requests into one body."""
    # The longest string of a request is its probe, unless that is tiny. Any choice is correct: the
    # requests are cut, not rewritten.
    first = next(iter(requests.values()))
    shared = max(_STRING.findall(first), key=len, default=b"")
    pieces, parts = [], [shared]
    for party, request in requests.items():
        before, found, after = request.partition(shared) if shared else (request, b"", b"")
        pieces.append(_Piece(party=party, before=len(before), shared=len(found), after=len(after)))
        parts += before, after
    milliseconds = min(_LONGEST, int(timeout * 1000))
    head = _Head(timeout=milliseconds, shared=len(shared), requests=tuple(pieces))
    return b"".join([write_record(head), b"\n", *parts])


def unbundle(body: bytes, most: int) -> tuple[float, dict[str, bytes]]:
    """Return timeout and requests from the body that `bundle` made."""
    end = body.find(b"\n", 0, HEAD_BYTES)
    if end < 0:
        raise ExchangeError("the bundle has no head", code="malformed")
    raw = loads(body[:end], max_bytes=HEAD_BYTES, max_depth=3, max_containers=2 + len(PARTIES))
    head = from_json(_Head, raw)
    start = end + 1 + head.shared
    shared = body[end + 1 : start]
    requests: dict[str, bytes] = {}
    for piece in head.requests:
        if piece.before + piece.shared + piece.after > most:
            raise ExchangeError(
                "a request is larger than allowed", code="too_large", field="requests"
            )
        middle = start + piece.before
        stop = middle + piece.after
        if piece.party in requests or piece.shared not in (0, head.shared) or stop > len(body):
            raise ExchangeError(
                "the lengths in the head do not fit the bundle", code="malformed", field="requests"
            )
        requests[piece.party] = b"".join(
            (body[start:middle], shared[: piece.shared], body[middle:stop])
        )
        start = stop
    if start != len(body) or not requests:
        raise ExchangeError(
            "the bundle has bytes outside its requests", code="malformed", field="requests"
        )
    return head.timeout / 1000, requests
