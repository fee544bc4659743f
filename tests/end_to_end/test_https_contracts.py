"""The contracts of transports and of hubs, kept by those over HTTPS on loopback."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import ExitStack, asynccontextmanager, closing, contextmanager
from typing import Any

import pytest

from prum_match.exchange import Limits
from prum_match.exchange.http import (
    AsyncHttpsTransport,
    HttpsTransport,
    HubClient,
    application,
    hub_application,
)
from prum_match.exchange.http.serving import serve
from prum_match.exchange.transport import RequestHandler
from prum_match.testing import AsyncTransportContract, HubContract, TransportContract
from prum_match.testing.certificates import Identity, make_identity
from support.exchange.bad_lines import bad_line, read_request, reply
from support.exchange.https import context_of

pytestmark = pytest.mark.slow


LIMITS = Limits(request_bytes=2 << 20, reply_bytes=2 << 20)
PEOPLE: dict[str, Identity] = {}


@pytest.fixture(scope="module", autouse=True)
def identities(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("keys")
    for name in ("AT", "DE", "FR", "NL", "PL", "router"):
        PEOPLE[name] = make_identity(folder, name)


def options_of(asking: str, ports: Mapping[str, int]) -> dict[str, Any]:
    """Return the arguments of a transport of `asking`."""
    return {
        "addresses": {party: f"https://127.0.0.1:{port}" for party, port in ports.items()},
        "certificate": PEOPLE[asking].certificate,
        "key": PEOPLE[asking].key,
        "pins": {party: [PEOPLE[party].pin] for party in ports},
        "limits": LIMITS,
    }


@contextmanager
def serving(handlers: Mapping[str, RequestHandler], asking: str) -> Iterator[dict[str, Any]]:
    """Serve the other ends."""
    with ExitStack() as stack:
        ports = {}
        for party, handler in handlers.items():
            app = application(
                handler,
                {"AT": [PEOPLE["AT"].pin]},
                routers=[PEOPLE["router"].pin],
                limits=LIMITS,
                max_per_party=64,
            )
            ports[party] = stack.enter_context(
                serve(app, context_of(PEOPLE[party], PEOPLE[asking]))
            )
        yield options_of(asking, ports)


@contextmanager
def answering(status: bytes, *headers: bytes) -> Iterator[HttpsTransport]:
    """Reach one party that gives this status to everybody."""

    def script(connection: Any, peer: Any) -> None:
        read_request(connection, peer)
        connection.sendall(reply(b"", status, *headers))

    with (
        bad_line(context_of(PEOPLE["DE"], PEOPLE["AT"]), script) as peer,
        closing(HttpsTransport(**options_of("AT", {"DE": peer.port}))) as transport,
    ):
        yield transport


class TestHttps(TransportContract):
    max_request_bytes = LIMITS.request_bytes
    max_reply_bytes = LIMITS.reply_bytes
    can_be_busy = can_refuse = True

    @contextmanager
    def connect(self, handlers: Mapping[str, RequestHandler]) -> Iterator[HttpsTransport]:
        with serving(handlers, "AT") as options, closing(HttpsTransport(**options)) as transport:
            yield transport

    def connect_busy(self, retry_after: int) -> Any:
        return answering(b"503 Busy", b"Retry-After: %d" % retry_after)

    def connect_refusing(self) -> Any:
        return answering(b"403 Forbidden")


class TestAsyncHttps(AsyncTransportContract):
    max_request_bytes = LIMITS.request_bytes
    max_reply_bytes = LIMITS.reply_bytes

    @asynccontextmanager
    async def connect_async(
        self, handlers: Mapping[str, RequestHandler]
    ) -> AsyncIterator[AsyncHttpsTransport]:
        with serving(handlers, "AT") as options:
            transport = AsyncHttpsTransport(**options)
            try:
                yield transport
            finally:
                await transport.aclose()


class TestHub(HubContract):
    @contextmanager
    def connect(self, handlers: Mapping[str, RequestHandler]) -> Iterator[HubClient]:
        with serving(handlers, "router") as options:
            outward = AsyncHttpsTransport(**options)
            app = hub_application(
                outward.on_behalf_of,
                {"AT": [PEOPLE["AT"].pin]},
                limits=LIMITS,
                at_end=outward.aclose,
            )
            with (
                serve(app, context_of(PEOPLE["router"], PEOPLE["AT"])) as port,
                closing(
                    HubClient(
                        f"https://127.0.0.1:{port}",
                        certificate=PEOPLE["AT"].certificate,
                        key=PEOPLE["AT"].key,
                        pins=[PEOPLE["router"].pin],
                    )
                ) as hub,
            ):
                yield hub
