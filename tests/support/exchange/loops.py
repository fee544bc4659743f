"""Event loops in tests."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from prum_match.exchange import Transport

_Result = TypeVar("_Result")


def run_alone(coroutine: Coroutine[Any, Any, _Result]) -> _Result:
    """Run to the end, well or not; no task may be left then."""

    async def alone() -> _Result:
        try:
            return await coroutine
        finally:
            assert asyncio.all_tasks() == {asyncio.current_task()}

    return asyncio.run(alone())


class OnALoop:
    """A transport that answers at once, as one for an event loop."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def exchange(self, party: str, request: bytes, *, timeout: float) -> bytes:
        return self._transport.exchange(party, request, timeout=timeout)

    async def aclose(self) -> None:
        self._transport.close()
