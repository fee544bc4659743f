"""Contents that the contract suites send over a channel: any bytes, or the library's messages."""

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
# No act regulates this category, so a message depends on its content alone.
_CATEGORY = "contract"


class Parcels(Protocol):
    """Wraps content for a channel, and unwraps it."""

    def request(self, sender: str, receiver: str, content: bytes) -> bytes:
        """Return a request that holds `content`."""
        ...

    def reply(self, request: bytes, content: bytes) -> bytes:
        """Return the one reply to `request` that holds `content`."""
        ...

    def content(self, request: bytes) -> bytes:
        """Return the content of a request."""
        ...

    def fitting(self, size: int) -> int:
        """Return the size of content for a request of just under `size` bytes."""
        ...


class AnyBytes:
    """For a channel that does not read the bytes it carries."""

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
    """For a channel that pairs requests and replies by the numbers in the messages."""

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
