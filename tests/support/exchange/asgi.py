"""An ASGI server for one call, without a network."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from prum_match.testing.certificates import Identity

__all__ = ["BODY", "Answer", "call", "scope_of"]

BODY = [b"hello"]


@dataclass
class Answer:
    status: int | None = None
    headers: dict[bytes, bytes] = field(default_factory=dict)
    body: bytes = b""
    received: int = 0


def scope_of(
    who: Identity,
    *headers: tuple[bytes, bytes],
    path: str = "/prum/1",
    media_type: bytes = b"application/json",
) -> dict[str, Any]:
    """Return the scope of a request over TLS 1.3 with a party's certificate."""
    return {
        "type": "http",
        "method": "POST",
        "path": path,
        "headers": [(b"content-type", media_type), *headers],
        "extensions": {
            "tls": {
                "tls_version": 0x0304,
                "client_cert_chain": [who.certificate.read_text()],
                "client_cert_error": None,
            }
        },
    }


def call(
    app: Any,
    scope: dict[str, Any],
    parts: Sequence[bytes],
    *,
    then_hang: bool = False,
    then_leave: bool = False,
    cancel: bool = False,
) -> Answer:
    """Send a body in parts and return the response."""
    answer = Answer()
    is_whole = not (then_hang or then_leave)
    left = list(parts)

    async def receive() -> dict[str, Any]:
        if left:
            answer.received += 1
            part = left.pop(0)
            return {"type": "http.request", "body": part, "more_body": bool(left) or not is_whole}
        if then_hang:
            await asyncio.Event().wait()
        return {"type": "http.disconnect"}

    async def send(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            answer.status = message["status"]
            answer.headers = dict(message["headers"])
        else:
            answer.body += message["body"]

    async def run() -> None:
        task = asyncio.ensure_future(app(scope, receive, send))
        if cancel:
            await asyncio.sleep(0.05)
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        else:
            await task

    asyncio.run(run())
    return answer
