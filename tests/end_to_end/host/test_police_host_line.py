"""The line of the host in docs/examples keeps the contract of a transport."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager

import pytest
from police_host.line import Line, Partner, serve

from prum_match.exchange import Limits, TransportError
from prum_match.exchange.transport import RequestHandler
from prum_match.testing import TransportContract

LIMITS = Limits(request_bytes=2 << 20, reply_bytes=2 << 20)
SECRET = bytes(range(32))


class Echo:
    def handle(self, party: str, request: bytes) -> bytes:
        return party.encode() + b" " + request


@contextmanager
def reaching(
    handlers: Mapping[str, RequestHandler], secret: bytes = SECRET, own_party: str = "AT"
) -> Iterator[Line]:
    with ExitStack() as stack:
        partners = {
            party: Partner(
                stack.enter_context(serve(handler, {"AT": SECRET}, limits=LIMITS)), secret
            )
            for party, handler in handlers.items()
        }
        yield stack.enter_context(closing(Line(own_party, partners, LIMITS)))


@pytest.mark.slow
class TestPoliceHostLine(TransportContract):
    max_request_bytes = LIMITS.request_bytes
    max_reply_bytes = LIMITS.reply_bytes
    can_refuse = True

    @contextmanager
    def connect(self, handlers: Mapping[str, RequestHandler]) -> Iterator[Line]:
        with reaching(handlers) as line:
            yield line

    @contextmanager
    def connect_refusing(self) -> Iterator[Line]:
        with reaching({"DE": Echo()}, secret=bytes(32)) as line:
            yield line


@pytest.mark.parametrize("stranger", ["FR", "xx"])
def test_only_partners_are_heard(stranger: str) -> None:
    with (
        reaching({"DE": Echo()}, own_party=stranger) as line,
        pytest.raises(TransportError) as caught,
    ):
        line.exchange("DE", b"?", timeout=10)
    assert caught.value.code == "refused"


def pretend(server: socket.socket) -> None:
    """Answer at the address of a partner, without its secret."""
    connection, _ = server.accept()
    with connection:
        connection.sendall(bytes(16))
        connection.recv(1 << 16)
        connection.sendall(b"A" + bytes(32) + (6).to_bytes(8, "big") + b"no hit")


def test_a_reply_of_somebody_else_is_none() -> None:
    with reaching({"DE": Echo()}) as line:
        assert line.exchange("DE", b"?", timeout=10) == b"AT ?"
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        closing(Line("AT", {"DE": Partner(server.getsockname()[1], SECRET)})) as line,
    ):
        thread = threading.Thread(target=pretend, args=(server,))
        thread.start()
        with pytest.raises(TransportError) as caught:
            line.exchange("DE", b"?", timeout=10)
        thread.join()
    assert caught.value.code == "bad_proof"
