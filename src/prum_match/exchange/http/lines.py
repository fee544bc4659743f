"""Connections to one address, kept open between requests, for threads and for an event loop.

httpx is built on httpcore. This module uses httpcore directly, because it accepts a custom network
backend, which two guarantees need: the key is compared before the first byte of a request leaves,
and one deadline bounds a whole exchange instead of each wait on a socket. The additions of httpx
are unwanted: redirects, cookies, proxies from the environment, decompression, addresses in a log.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Collection, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any
from urllib.parse import urlsplit

import httpcore

from prum_match.errors import InvalidInput
from prum_match.exchange.http.certificates import pins_of
from prum_match.exchange.http.failures import check_status, own_errors
from prum_match.exchange.http.network import AsyncNetwork, Network, left
from prum_match.exchange.transport import TransportTimeout
from prum_match.values.checks import whole_number

_BROKEN = (httpcore.ReadError, httpcore.RemoteProtocolError)
_NEW_LINE = "connection.connect_tcp.started"


class Line:
    """Connections to one address, for several threads at once."""

    def __init__(
        self, address: str, pins: Collection[str], context: ssl.SSLContext, connections: int
    ) -> None:
        self._origin = _origin(address)
        self._pool = httpcore.ConnectionPool(
            ssl_context=context,
            max_connections=whole_number(connections, "connections", least=1, code="bad_limit"),
            network_backend=Network(pins_of(pins)),
        )

    @contextmanager
    def post(
        self, path: str, body: bytes, headers: dict[str, str], deadline: float
    ) -> Iterator[httpcore.Response]:
        """Send `body` and yield the response after its headers; the block reads the body."""
        with own_errors():
            response = self._open(path, body, headers, deadline)
            try:
                check_status(response.status, response.headers)
                yield response
            finally:
                response.close()

    def close(self) -> None:
        """Close the connections; none may be in use."""
        self._pool.close()

    def _open(
        self, path: str, body: bytes, headers: dict[str, str], deadline: float
    ) -> httpcore.Response:
        first = _Watch()
        try:
            return self._pool.handle_request(
                _request(self._origin, path, body, headers, first.note, deadline)
            )
        except _BROKEN:
            if first.is_new:
                raise
        # The other side closed an idle connection just when it was used again. Sending once more is
        # safe even if the request has arrived: its number identifies a message, and a responder
        # answers a known one from memory.
        return self._pool.handle_request(
            _request(self._origin, path, body, headers, first.note, deadline)
        )


class AsyncLine:
    """`Line` for an event loop of asyncio; cancellation by the loop ends it."""

    def __init__(
        self, address: str, pins: Collection[str], context: ssl.SSLContext, connections: int
    ) -> None:
        self._origin = _origin(address)
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=context,
            max_connections=whole_number(connections, "connections", least=1, code="bad_limit"),
            network_backend=AsyncNetwork(pins_of(pins)),
        )

    @asynccontextmanager
    async def post(
        self, path: str, body: bytes, headers: dict[str, str], timeout: float
    ) -> AsyncIterator[httpcore.Response]:
        """Send `body` and yield the response, as `Line.post` does."""
        with own_errors():
            if timeout <= 0:
                raise TransportTimeout
            async with asyncio.timeout(timeout):
                response = await self._open(path, body, headers)
                try:
                    check_status(response.status, response.headers)
                    yield response
                finally:
                    await response.aclose()

    async def aclose(self) -> None:
        """Close the connections; running requests fail."""
        await self._pool.aclose()

    async def _open(self, path: str, body: bytes, headers: dict[str, str]) -> httpcore.Response:
        first = _Watch()
        try:
            return await self._pool.handle_async_request(
                _request(self._origin, path, body, headers, first.anote)
            )
        except _BROKEN:
            if first.is_new:
                raise
        # Safe for the same reason as in `Line`.
        return await self._pool.handle_async_request(
            _request(self._origin, path, body, headers, first.anote)
        )


class _Watch:
    """Records whether a request opened a new connection."""

    def __init__(self) -> None:
        self.is_new = False

    def note(self, event: str, info: dict[str, Any]) -> None:
        self.is_new = self.is_new or event == _NEW_LINE

    async def anote(self, event: str, info: dict[str, Any]) -> None:
        self.note(event, info)


def _request(
    origin: httpcore.URL,
    path: str,
    body: bytes,
    headers: dict[str, str],
    trace: Any,
    deadline: float | None = None,
) -> httpcore.Request:
    extensions: dict[str, Any] = {"trace": trace}
    if deadline is not None:
        # `Network` takes these as deadlines; the pool, which waits for a free connection, does not.
        socket_steps = dict.fromkeys(("connect", "read", "write"), deadline)
        extensions["timeout"] = {**socket_steps, "pool": left(deadline)}
    url = httpcore.URL(scheme=origin.scheme, host=origin.host, port=origin.port, target=path)
    host = f"[{origin.host.decode()}]" if b":" in origin.host else origin.host.decode()
    fixed = {"Host": f"{host}:{origin.port}", "Content-Length": str(len(body)), **headers}
    return httpcore.Request(
        "POST",
        url,
        headers=[(name.encode(), value.encode()) for name, value in fixed.items()],
        content=body,
        extensions=extensions,
    )


def _origin(address: str) -> httpcore.URL:
    try:
        parts = urlsplit(address)
        # A user, path or query would be ignored.
        if parts.hostname and address.rstrip("/") == f"https://{parts.netloc.rpartition('@')[2]}":
            return httpcore.URL(scheme="https", host=parts.hostname, port=parts.port or 443)
    except (AttributeError, TypeError, ValueError):
        pass  # not text, an invalid port, or letters that need IDNA encoding
    raise InvalidInput(
        "give https:// with host and port", code="bad_address", field="address", value=address
    )
