"""Transports that a host provides, their errors, and the transport within one process."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Protocol

from prum_match.errors import ExchangeError, InvalidInput
from prum_match.values.parties import party_code


class Transport(Protocol):
    """Request and response with one party.

    ``exchange(party, request, timeout=seconds)`` sends `request` and returns the reply's bytes
    unchanged. Several threads call it at once. Without a reply it raises one of the
    `TransportError` classes, after `timeout` seconds if it can. ``close()`` may be called again;
    after it, ``exchange`` raises.
    """

    def exchange(self, party: str, request: bytes, *, timeout: float) -> bytes:
        """Send `request` to `party` and return its reply."""
        ...

    def close(self) -> None:
        """Release all resources."""
        ...


class AsyncTransport(Protocol):
    """`Transport` for a host on an event loop; the same rules hold."""

    async def exchange(self, party: str, request: bytes, *, timeout: float) -> bytes:
        """Send `request` to `party` and return its reply."""
        ...

    async def aclose(self) -> None:
        """Release all resources."""
        ...


class HubTransport(Protocol):
    """One request, many parties: the router of Article 37 of Regulation (EU) 2024/982.

    ``exchange_all({party: request}, timeout=seconds)`` sends every request and yields each party
    once, as soon as its reply is there: the bytes of the reply, or a `TransportError` in its place.
    The iterator ends when every party was yielded or `timeout` is over.
    """

    def exchange_all(
        self, requests: Mapping[str, bytes], *, timeout: float
    ) -> Iterator[tuple[str, bytes | TransportError]]:
        """Send the requests and yield each party with its reply or error."""
        ...

    def close(self) -> None:
        """Release all resources."""
        ...


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message from a mailbox.

    Parameters
    ----------
    party : str
        The sender, proved by the channel (a signature, or a folder that only this party may write
        to): never taken from the envelope.
    message : bytes
        One encoded message.
    tag : str
        Argument of `MailboxTransport.ack`.

    Examples
    --------
    >>> Delivery("DE", b"...", "1")
    Delivery(party='DE', tag='1')
    """

    party: str
    message: bytes = field(repr=False)
    tag: str


class MailboxTransport(Protocol):
    """Store and forward, in both directions: mail, AS4, SIENA.

    A message is delivered again until it is acknowledged, even after a restart. The order is
    arbitrary, and a message may come twice.
    """

    def send(self, party: str, message: bytes, *, number: str) -> None:
        """Send `message` to `party`; on return it is as safe as the channel can make it.

        `number` is that of the message: a channel may drop a second message with the same one.
        """
        ...

    def poll(self, *, max_messages: int, timeout: float) -> Sequence[Delivery]:
        """Return up to `max_messages` waiting messages, after at most `timeout` seconds."""
        ...

    def ack(self, tag: str) -> None:
        """Remove a message that was handled; may be called again."""
        ...

    def close(self) -> None:
        """Release all resources."""
        ...


class TransportError(ExchangeError):
    """No reply arrived; the class gives the reason.

    Parameters
    ----------
    message : str, optional
        For the host alone: the library neither logs nor sends it.
    code : str, optional
        Stable name of the reason; each class has one by default.

    Examples
    --------
    >>> TransportBusy(retry_after=30).code
    'busy'
    """

    default_code: ClassVar[str] = "transport_error"

    def __init__(self, message: str = "no reply arrived", *, code: str | None = None) -> None:
        super().__init__(message, code=code or self.default_code)


class TransportTimeout(TransportError):
    """The party did not answer in time."""

    default_code = "timeout"


class TransportUnreachable(TransportError):
    """The party cannot be reached."""

    default_code = "unreachable"


class TransportBusy(TransportError):
    """The channel accepts no request now; `retry_after` is in seconds, None if unknown."""

    default_code = "busy"

    def __init__(
        self,
        message: str = "no reply arrived",
        *,
        code: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message, code=code)
        self.retry_after = retry_after


class TransportRefused(TransportError):
    """The channel refuses the request, for example because authorisation is missing."""

    default_code = "refused"


class RequestHandler(Protocol):
    """The answering side; `Responder` is one."""

    def handle(self, party: str, request: bytes) -> bytes:
        """Answer a request from `party`."""
        ...


class InProcessTransport:
    """Transport to parties in this process: for tests, for a pilot, and as an example.

    Parameters
    ----------
    responders : mapping of str to RequestHandler
        The responders, by party code.
    own_party : str
        The party that the responders see as the sender.

    Notes
    -----
    A running `Responder` cannot be interrupted, so `timeout` has no effect here; `Requester` keeps
    its own deadline.

    Examples
    --------
    >>> with_nobody = InProcessTransport({}, "AT")
    >>> with_nobody.exchange("DE", b"...", timeout=1)
    Traceback (most recent call last):
    prum_match.exchange.transport.TransportUnreachable: no responder for this party [unreachable]
    """

    def __init__(self, responders: Mapping[str, RequestHandler], own_party: str) -> None:
        if not isinstance(responders, Mapping):
            raise InvalidInput(
                "give the responders by party code", code="bad_option", field="responders"
            )
        self._responders = {party_code(party): one for party, one in responders.items()}
        self._own_party = party_code(own_party)
        self._closed = False

    def exchange(self, party: str, request: bytes, *, timeout: float) -> bytes:
        """Return the answer of the party's responder, which runs on the calling thread."""
        if self._closed:
            raise TransportUnreachable("the transport was closed", code="transport_closed")
        if party not in self._responders:
            raise TransportUnreachable("no responder for this party")
        return self._responders[party].handle(self._own_party, request)

    def close(self) -> None:
        """Refuse every further exchange; may be called again."""
        self._closed = True
