"""The router as an ASGI application: it forwards, and answers for nobody (Art. 37)."""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Mapping
from contextlib import aclosing
from typing import Any

from prum_match.errors import ExchangeError
from prum_match.exchange.http.asgi import Application, Call, Slots, Stop, at_path
from prum_match.exchange.http.bundle import HEAD_BYTES, unbundle
from prum_match.exchange.http.certificates import parties_by_pin
from prum_match.exchange.http.client import PARTY_HEADER
from prum_match.exchange.http.failures import too_large
from prum_match.exchange.http.frames import Frame
from prum_match.exchange.http.hub import HUB_MEDIA_TYPE, HUB_PATH
from prum_match.exchange.http.threads import in_thread
from prum_match.exchange.messages.envelope import Limits
from prum_match.exchange.transport import (
    AsyncTransport,
    Transport,
    TransportError,
    TransportTimeout,
)

_log = logging.getLogger("prum_match.exchange.http")

_Answer = tuple[str, bytes | TransportError]


def hub_application(
    transport_for: Callable[[str], Transport | AsyncTransport],
    pins: Mapping[str, Collection[str]],
    *,
    limits: Limits = Limits(),
    max_concurrent: int = 16,
    max_per_party: int = 4,
    seconds_to_send: float = 60.0,
    longest_timeout: float = 86_400.0,
    at_end: Callable[[], Awaitable[None]] | None = None,
) -> Application:
    """Return the ASGI application that forwards the requests of a state to all parties.

    Parameters
    ----------
    transport_for : callable
        Returns the transport that asks on behalf of a party, for example
        `AsyncHttpsTransport.on_behalf_of`. Blocking transports are called on threads.
    pins : mapping of str to collection of str
        Keys of each party that may ask: see `pin_of`.
    limits : Limits
        Its ``request_bytes`` bounds a request; shared bytes count once in the incoming bundle, and
        in each outgoing request.
    max_concurrent, max_per_party : int
        Most searches in work, altogether and of one party; one more is answered with 503.
    seconds_to_send : float
        Seconds in which a search must arrive.
    longest_timeout : float
        Most seconds to wait for parties, whatever the search asks for.
    at_end : callable, optional
        Awaited when the server stops, on its event loop: the ``aclose`` of an asynchronous
        transport, which can only be closed there.

    Returns
    -------
    callable
        ASGI 3, for the same servers as `application`.

    Raises
    ------
    InvalidInput
        ``unknown_party``, ``bad_pin``, ``no_pin``, ``shared_pin`` or ``bad_limit``.

    Notes
    -----
    A party without a reply is reported as a failure, never as "no hit", which only a party can say.

    Examples
    --------
    >>> from prum_match.exchange import InProcessTransport
    >>> app = hub_application(lambda party: InProcessTransport({}, party), {"AT": ["0" * 64]})
    """
    parties = parties_by_pin(pins)
    slots = Slots(max_concurrent, max_per_party)

    async def answer(call: Call) -> None:
        party = parties.get(call.pin)
        # Nobody may ask a router in the name of another, not even another router.
        if party is None or call.header(PARTY_HEADER.lower().encode()) is not None:
            raise Stop(403)
        with slots.take(party):
            body = await call.body(limits.request_bytes + HEAD_BYTES, seconds_to_send)
            try:
                timeout, requests = unbundle(body, limits.request_bytes)
            except ExchangeError as error:
                _log.warning("party=%s bundle refused code=%s", party, error.code)
                raise Stop(400) from None
            del body
            await call.start(200, content_type=HUB_MEDIA_TYPE)
            timeout = min(timeout, longest_timeout)
            answers = _forward(transport_for(party), requests, timeout, limits.reply_bytes)
            async with aclosing(answers):
                async for asked, one in answers:
                    await call.part(Frame.of(asked, one).line())
                    if isinstance(one, bytes):
                        await call.part(one)
            await call.part(b"", more=False)

    return at_path(HUB_PATH, HUB_MEDIA_TYPE, answer, at_end)


async def _forward(
    transport: Transport | AsyncTransport,
    requests: Mapping[str, bytes],
    timeout: float,
    most: int,
) -> AsyncGenerator[_Answer, None]:
    tasks = [
        asyncio.create_task(_one(transport, party, request, timeout, most))
        for party, request in requests.items()
    ]
    try:
        for done in asyncio.as_completed(tasks):
            yield await done
    finally:
        for task in tasks:
            task.cancel()


async def _one(
    transport: Transport | AsyncTransport, party: str, request: bytes, timeout: float, most: int
) -> _Answer:
    exchange: Callable[..., Any] = transport.exchange
    try:
        async with asyncio.timeout(timeout):
            if inspect.iscoroutinefunction(exchange):
                reply = await exchange(party, request, timeout=timeout)
            else:
                reply = await in_thread(exchange, party, request, timeout=timeout)
        return party, _checked(reply, most)
    except TimeoutError:
        return party, TransportTimeout()
    except TransportError as error:
        return party, error
    except Exception as error:
        _log.warning("party=%s transport failed reason=%s", party, type(error).__name__)
        return party, TransportError()


def _checked(reply: object, most: int) -> bytes:
    """Return a reply that fits a frame; an oversized one would break the frames of the others."""
    if not isinstance(reply, bytes):
        raise TypeError("a transport must return bytes")
    if len(reply) > most:
        raise too_large()
    return reply
