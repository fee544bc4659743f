"""What a host plugs in to carry messages, its errors, and the transport within one process."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Protocol

from prum_match.errors import ExchangeError
from prum_match.values.parties import party_code


class Transport(Protocol):
    """Request and response with one party: all that a host has to write.

    ``exchange(party, request, timeout=seconds)`` sends `request` and returns the reply's bytes
    unchanged. It is called from several threads at once, raises one of the `TransportError`
    classes when there is no reply, and gives up after `timeout` seconds if it can. ``close()`` may
    be called again; after it, ``exchange`` raises.
    """

    def exchange(self, party: str, request: bytes, *, timeout: float) -> bytes:
        """Send `request` to `party` and return its reply."""
        ...

    def close(self) -> None:
        """Release what the transport holds."""
        ...


class AsyncTransport(Protocol):
    """`Transport` for a host that lives on an event loop; the same rules hold."""

    async def exchange(self, party: str, request: bytes, *, timeout: float) -> bytes:
        """Send `request` to `party` and return its reply."""
        ...

    async def aclose(self) -> None:
        """Release what the transport holds."""
        ...


class HubTransport(Protocol):
    """One request, many parties: the router of Article 37 of Regulation (EU) 2024/982.

    ``exchange_all({party: request}, timeout=seconds)`` sends every request and yields each party
    once, as soon as its reply is there: the reply's bytes, or the `TransportError` that says why
    there is none. The iterator ends when every party was yielded or `timeout` is over.
    """

    def exchange_all(
        self, requests: Mapping[str, bytes], *, timeout: float
    ) -> Iterator[tuple[str, bytes | TransportError]]:
        """Send the requests and yield what comes back."""
        ...

    def close(self) -> None:
        """Release what the transport holds."""
        ...


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message that lay in a mailbox.

    Parameters
    ----------
    party : str
        Who put it there, by the channel's own proof (a signature, a folder that only the party
        may write): never by the envelope.
    message : bytes
        One encoded message.
    tag : str
        What `MailboxTransport.ack` takes.

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

    A message that was polled comes again until it is acknowledged, also after a restart. Nothing
    is promised about order, and a message may come twice.
    """

    def send(self, party: str, message: bytes, *, number: str) -> None:
        """Put `message` on its way to `party`; on return it is as safe as the channel can make it.

        `number` is the message's own: a channel that sees it twice may drop the second.
        """
        ...

    def poll(self, *, max_messages: int, timeout: float) -> Sequence[Delivery]:
        """Return up to `max_messages` that are here, waiting `timeout` seconds for the first."""
        ...

    def ack(self, tag: str) -> None:
        """Let go of a message that was dealt with; again is harmless."""
        ...

    def close(self) -> None:
        """Release what the transport holds."""
        ...


class TransportError(ExchangeError):
    """There is no reply; the class says why.

    Parameters
    ----------
    message : str, optional
        For the host's own eyes: the library neither logs nor sends it.
    code : str, optional
        Stable name of the reason; each class has one by default.

    Examples
    --------
    >>> TransportBusy(retry_after=30).code
    'busy'
    """

    default_code: ClassVar[str] = "transport_error"

    def __init__(self, message: str = "there is no reply", *, code: str | None = None) -> None:
        super().__init__(message, code=code or self.default_code)


class TransportTimeout(TransportError):
    """The party did not answer in time."""

    default_code = "timeout"


class TransportUnreachable(TransportError):
    """The party cannot be reached."""

    default_code = "unreachable"


class TransportBusy(TransportError):
    """The channel takes no request now; `retry_after` is in seconds, None if unknown."""

    default_code = "busy"

    def __init__(
        self,
        message: str = "there is no reply",
        *,
        code: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message, code=code)
        self.retry_after = retry_after


class TransportRefused(TransportError):
    """The channel refuses the request, for example for want of authorisation."""

    default_code = "refused"


class RequestHandler(Protocol):
    """The answering side, as `Responder` offers it."""

    def handle(self, party: str, request: bytes) -> bytes:
        """Answer `request`, which `party` sent."""
        ...


class InProcessTransport:
    """Parties that live in this process: for tests, for a pilot, and as an example of a transport.

    Parameters
    ----------
    responders : mapping of str to RequestHandler
        Who answers, by party code.
    own_party : str
        The party that the responders see as the sender.

    Notes
    -----
    A running `Responder` cannot be interrupted, so `timeout` bounds nothing here; `Requester` keeps
    its own time.

    Examples
    --------
    >>> with_nobody = InProcessTransport({}, "AT")
    >>> with_nobody.exchange("DE", b"...", timeout=1)
    Traceback (most recent call last):
    prum_match.exchange.transport.TransportUnreachable: no such party here [unreachable]
    """

    def __init__(self, responders: Mapping[str, RequestHandler], own_party: str) -> None:
        self._responders = {party_code(party): one for party, one in responders.items()}
        self._own_party = party_code(own_party)
        self._closed = False

    def exchange(self, party: str, request: bytes, *, timeout: float) -> bytes:
        """Let the party's responder answer, on the calling thread."""
        if self._closed:
            raise TransportUnreachable("the transport is closed", code="transport_closed")
        if party not in self._responders:
            raise TransportUnreachable("no such party here")
        return self._responders[party].handle(self._own_party, request)

    def close(self) -> None:
        """Refuse every further exchange; may be called again."""
        self._closed = True
