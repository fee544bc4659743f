"""Setting of the transport checks: the host's channel, and parties under control."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass

from prum_match.exchange.transport import RequestHandler, Transport
from prum_match.testing.contracts.parcels import AnyBytes, Messages, Parcels
from prum_match.testing.contracts.suite import CANARY, Contract, require


class ScriptedParty:
    """A party at the other end that a check controls."""

    def __init__(self, answer: Callable[[bytes], bytes], patience: float) -> None:
        self.answer = answer
        self.received: list[tuple[str, bytes]] = []
        self.arrived = threading.Event()
        self._patience = patience
        self._open = threading.Event()
        self._open.set()

    def hold(self) -> None:
        """Answer nothing until `release`."""
        self._open.clear()

    def release(self) -> None:
        """Answer the held requests, and all later ones at once."""
        self._open.set()

    def handle(self, party: str, request: bytes) -> bytes:
        """Answer a request, as `Responder.handle` would be asked to."""
        self.received.append((party, request))
        self.arrived.set()
        self._open.wait(self._patience)
        return self.answer(request)


def fail(request: bytes) -> bytes:
    """Break in a party, with content in the error."""
    raise RuntimeError(CANARY.decode())


@dataclass(frozen=True, slots=True)
class Session:
    """One transport and the parties that it reaches."""

    transport: Transport
    parties: Mapping[str, ScriptedParty]
    setting: TransportSetting

    def ask(self, party: str, content: bytes = b"?", *, timeout: float | None = None) -> None:
        """Send `content` and fail unless the proper reply comes back, byte for byte."""
        request = self.request(party, content)
        reply = self.send(party, request, timeout=timeout)
        require(type(reply) is bytes, "a reply is no bytes")
        require(reply == self.setting.proper_reply(request), "a reply is not the one that was sent")

    def request(self, party: str, content: bytes = b"?") -> bytes:
        """Return a request with `content`."""
        return self.setting.parcels.request(self.setting.own_party, party, content)

    def send(self, party: str, request: bytes, *, timeout: float | None = None) -> bytes:
        """Send a request and return what comes back, within the host's patience if not said."""
        seconds = self.setting.patience if timeout is None else timeout
        return self.transport.exchange(party, request, timeout=seconds)


class ChannelSetting(Contract, abstract=True):
    """Settings of a host for a channel of any kind, to several parties that answer."""

    own_party: str = "AT"
    """The party that owns the transport."""

    parties: tuple[str, ...] = ("DE", "FR", "NL", "PL")
    """Four parties that it can reach."""

    absent_party: str = "ES"
    """A party that does not exist on the channel."""

    patience: float = 20.0
    """Seconds within which every finite call ends even on a slow machine."""

    short: float = 0.3
    """Seconds that a check gives to a party that never answers."""

    slack: float = 5.0
    """Seconds by which a call may exceed its timeout; lower it to the host's promise."""

    carries_any_bytes: bool = True
    """False for a channel that finds the reply to a request by the numbers in the messages."""

    supports_cancel: bool = True
    """Whether a call gives up at its timeout."""

    @property
    def parcels(self) -> Parcels:
        """Wrapper of content for the channel."""
        return AnyBytes() if self.carries_any_bytes else Messages()

    def proper_reply(self, request: bytes) -> bytes:
        """Return the default reply of a party: the content backwards, and more.

        It is never empty, and never the request.
        """
        return self.parcels.reply(request, b"re:" + self.parcels.content(request)[::-1])

    @contextmanager
    def scripted(self) -> Iterator[dict[str, ScriptedParty]]:
        """Make parties that send the default reply unless told otherwise; release them at last."""
        parties = {code: ScriptedParty(self.proper_reply, self.patience) for code in self.parties}
        try:
            yield parties
        finally:
            for party in parties.values():
                party.release()


class TransportSetting(ChannelSetting, abstract=True):
    """Settings of a host for its transport; see `TransportContract`."""

    sample_bytes: int = 1 << 20
    """Size of a large message."""

    max_request_bytes: int | None = None
    """Largest request of the channel, if it has a limit."""

    max_reply_bytes: int | None = None
    """Largest reply of the channel, if it has a limit."""

    notices_absence: bool = True
    """Whether the channel notices at once that a party cannot be reached; mail does not."""

    is_remote: bool = True
    """False where the other end runs inside the call, so that what it raises passes through."""

    can_be_busy: bool = False
    """Whether `connect_busy` is written."""

    can_refuse: bool = False
    """Whether `connect_refusing` is written."""

    def connect(self, handlers: Mapping[str, RequestHandler]) -> AbstractContextManager[Transport]:
        """Set up the other ends and return a transport of `own_party` that reaches them.

        Parameters
        ----------
        handlers : mapping of str to RequestHandler
            Who answers, by party code: mount each as a `Responder` is mounted.

        Returns
        -------
        context manager of Transport
            Leaving it closes the transport and takes everything down.
        """
        raise NotImplementedError("a host writes this")

    def connect_busy(self, retry_after: int) -> AbstractContextManager[Transport]:
        """Return a transport whose channel is too busy, and says to wait `retry_after` seconds."""
        raise NotImplementedError("a host whose channel can be busy writes this")

    def connect_refusing(self) -> AbstractContextManager[Transport]:
        """Return a transport whose channel refuses every request."""
        raise NotImplementedError("a host whose channel can refuse writes this")

    @contextmanager
    def session(self) -> Iterator[Session]:
        """Connect to parties that send the default reply unless told otherwise."""
        # The parties answer before the channel is taken down, which may wait for them.
        with ExitStack() as channel, self.scripted() as parties:
            transport = channel.enter_context(self.connect(parties))
            yield Session(transport, parties, self)
