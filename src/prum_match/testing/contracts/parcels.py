"""What the contract suites send over a channel: any bytes, or messages of the library."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Protocol

from prum_match.exchange.messages.envelope import encode, new_number
from prum_match.exchange.messages.search import (
    ReplyCandidate,
    Result,
    SearchReply,
    SearchRequest,
    decode_request,
)

_TIME = datetime(2026, 1, 1, tzinfo=UTC)
# No act knows this category, so that nothing but the content decides what a message looks like.
_CATEGORY = "contract"


class Parcels(Protocol):
    """Puts content into what a channel carries, and takes it out again."""

    def request(self, sender: str, receiver: str, content: bytes) -> bytes:
        """Return a request that holds `content`."""
        ...

    def reply(self, request: bytes, content: bytes) -> bytes:
        """Return the one reply to `request` that holds `content`."""
        ...

    def content(self, request: bytes) -> bytes:
        """Return what a request holds."""
        ...

    def fitting(self, size: int) -> int:
        """Return how much content makes a request of at most `size` bytes, and at least near it."""
        ...


class AnyBytes:
    """For a channel that carries bytes and does not look into them."""

    def request(self, sender: str, receiver: str, content: bytes) -> bytes:
        """Return the content itself."""
        return content

    def reply(self, request: bytes, content: bytes) -> bytes:
        """Return the content itself."""
        return content

    def content(self, request: bytes) -> bytes:
        """Return the request itself."""
        return request

    def fitting(self, size: int) -> int:
        """Return the size itself."""
        return size


class Messages:
    """For a channel that finds out from the messages themselves what belongs together."""

    def request(self, sender: str, receiver: str, content: bytes) -> bytes:
        """Return a search request whose probe is the content."""
        message = SearchRequest(
            category=_CATEGORY,
            requesting=sender,
            requested=receiver,
            number=new_number(),
            time=_TIME,
            reference="contract",
            type=None,
            probe=content,
        )
        return encode(message)

    def reply(self, request: bytes, content: bytes) -> bytes:
        """Return a hit whose matching data is the content."""
        head = decode_request(request).head()
        candidate = ReplyCandidate(
            rank=1, reference="contract", type=None, quality=1, readings=(), data=content
        )
        message = SearchReply(
            result=Result.HIT,
            number=f"re:{head.number}",
            time=_TIME,
            request=head,
            candidates=(candidate,),
        )
        return encode(message)

    def content(self, request: bytes) -> bytes:
        """Return the probe."""
        return decode_request(request).probe

    def fitting(self, size: int) -> int:
        """Return the bytes whose base64 fills a request, short of the last group of four."""
        return (size - len(self.request("AT", "DE", b""))) // 4 * 3
