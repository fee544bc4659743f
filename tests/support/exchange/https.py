"""Parties with HTTPS on loopback, for requests from a thread or an event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from typing import Any

from prum_match.exchange.http import AsyncHttpsTransport, HttpsTransport, server_context
from prum_match.testing.certificates import Identity

__all__ = ["Echo", "ask_async", "ask_sync", "context_of"]


class Echo:
    """Replies with the sender and the request, and counts requests."""

    def __init__(self) -> None:
        self.calls = 0

    def handle(self, party: str, request: bytes) -> bytes:
        self.calls += 1
        return party.encode() + b" " + request


def context_of(own: Identity, *partners: Identity) -> Any:
    return server_context(own.certificate, own.key, [one.certificate for one in partners])


def _options(
    port: int, own: Identity, pins: Collection[str], options: dict[str, Any]
) -> dict[str, Any]:
    return {
        "addresses": {"DE": f"https://127.0.0.1:{port}"},
        "certificate": own.certificate,
        "key": own.key,
        "pins": {"DE": pins},
        **options,
    }


def ask_sync(
    port: int,
    own: Identity,
    pins: Collection[str],
    *requests: bytes,
    timeout: float = 60,
    **options: Any,
) -> list[bytes]:
    """Send requests to DE one after the other, with one `HttpsTransport`."""
    transport = HttpsTransport(**_options(port, own, pins, options))
    try:
        return [transport.exchange("DE", request, timeout=timeout) for request in requests]
    finally:
        transport.close()


def ask_async(
    port: int,
    own: Identity,
    pins: Collection[str],
    *requests: bytes,
    timeout: float = 60,
    **options: Any,
) -> list[bytes]:
    """Send requests to DE one after the other, with one `AsyncHttpsTransport`."""

    async def run() -> list[bytes]:
        transport = AsyncHttpsTransport(**_options(port, own, pins, options))
        try:
            return [
                await transport.exchange("DE", request, timeout=timeout) for request in requests
            ]
        finally:
            await transport.aclose()

    return asyncio.run(run())
