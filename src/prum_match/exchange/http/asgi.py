"""Foundation of the ASGI applications: authentication, bounds of requests, concurrency.

It uses ASGI alone (asgi.readthedocs.io, with its TLS extension), so that any ASGI server works, and
no framework has to be approved.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeAlias

from prum_match.errors import InvalidInput
from prum_match.exchange.http.certificates import pin_of

Scope: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send: TypeAlias = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Application: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]

_log = logging.getLogger("prum_match.exchange.http")

_TLS_1_3 = 0x0304
_RETRY_AFTER = 1  # seconds


class Stop(Exception):
    """End of a request with a status."""

    def __init__(self, status: int, **headers: str) -> None:
        super().__init__(status)
        self.status = status
        self.headers = headers


class _Gone(Exception):
    """The other side has closed the connection."""


@dataclass(frozen=True, slots=True)
class Call:
    """One authenticated request."""

    pin: str
    scope: Scope
    receive: Receive
    send: Send

    def header(self, name: bytes) -> str | None:
        """Return a header's value; None if it is absent."""
        values = [value for key, value in self.scope["headers"] if key == name]
        if len(values) > 1:
            raise Stop(400)
        return values[0].decode("latin-1") if values else None

    async def body(self, most: int, seconds: float) -> bytes:
        """Read the body, of at most `most` bytes, within `seconds`."""
        length = self.header(b"content-length")
        if length is not None and not (length.isdecimal() and len(length) < 20):
            raise Stop(400)
        if length is not None and int(length) > most:
            raise Stop(413)  # the server drains the body, so that the client can read the status
        body = bytearray()
        try:
            async with asyncio.timeout(seconds):
                more = True
                while more:
                    message = await self.receive()
                    if message["type"] == "http.disconnect":
                        raise _Gone
                    body += message.get("body", b"")
                    if len(body) > most:
                        raise Stop(413, connection="close")
                    more = message.get("more_body", False)
        except TimeoutError:
            raise Stop(408, connection="close") from None
        return bytes(body)

    async def start(self, status: int, **headers: str) -> None:
        """Begin the answer."""
        named = [
            (name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()
        ]
        await self.send({"type": "http.response.start", "status": status, "headers": named})

    async def part(self, data: bytes, *, more: bool = True) -> None:
        """Send a part of the answer."""
        await self.send({"type": "http.response.body", "body": data, "more_body": more})

    async def reply(self, status: int, data: bytes = b"", **headers: str) -> None:
        """Send a whole answer."""
        await self.start(status, content_length=str(len(data)), **headers)
        await self.part(data, more=False)


class Slots:
    """Bounds of the requests in work, altogether and of one caller."""

    def __init__(self, total: int, each: int) -> None:
        if not 1 <= each <= total:
            raise InvalidInput(
                "give a number from 1 to max_concurrent", code="bad_limit", field="max_per_party"
            )
        self._total = total
        self._each = each
        self._taken: Counter[str] = Counter()

    @contextmanager
    def take(self, who: str) -> Iterator[None]:
        """Hold a place while the block runs."""
        if self._taken[who] >= self._each or self._taken.total() >= self._total:
            raise Stop(503, retry_after=str(_RETRY_AFTER))
        self._taken[who] += 1
        try:
            yield
        finally:
            self._taken[who] -= 1


def at_path(
    path: str,
    media_type: str,
    answer: Callable[[Call], Awaitable[None]],
    at_end: Callable[[], Awaitable[None]] | None = None,
) -> Application:
    """Return the application that takes POST at one path from callers with a certificate."""

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await _live(receive, send, at_end)
            return
        if scope["type"] != "http":
            # ASGI requires an exception for an unsupported protocol.
            raise ValueError("this application serves only http")
        call = Call("", scope, receive, send)
        try:
            call = Call(_pin(scope), scope, receive, send)
            _check(call, path, media_type)
            await answer(call)
        except Stop as stop:
            _log.warning("status=%d key=%s", stop.status, call.pin[:16] or "?")
            await call.reply(stop.status, b"", **stop.headers)
        except _Gone:
            _log.warning("status=none key=%s connection closed by the client", call.pin[:16])

    return application


async def _live(receive: Receive, send: Send, at_end: Callable[[], Awaitable[None]] | None) -> None:
    while (await receive())["type"] == "lifespan.startup":
        await send({"type": "lifespan.startup.complete"})
    if at_end is not None:
        await at_end()
    await send({"type": "lifespan.shutdown.complete"})


def _pin(scope: Scope) -> str:
    """Return the pin of the client certificate, which proves who calls; headers do not."""
    tls = scope.get("extensions", {}).get("tls")
    if tls is None or tls.get("tls_version") != _TLS_1_3:
        raise Stop(403)
    chain = list(tls.get("client_cert_chain") or ())
    if not chain or tls.get("client_cert_error"):
        raise Stop(403)
    try:
        return pin_of(chain[0])
    except InvalidInput:
        raise Stop(403) from None


def _check(call: Call, path: str, media_type: str) -> None:
    if call.scope["path"] != path:
        raise Stop(404)
    if call.scope["method"] != "POST":
        raise Stop(405, allow="POST")
    sent = (call.header(b"content-type") or "").partition(";")[0].strip().lower()
    if sent != media_type or call.header(b"content-encoding") is not None:
        raise Stop(415)
