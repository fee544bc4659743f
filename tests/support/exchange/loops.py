"""Event loops in tests."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

from prum_match.exchange import Transport

_Result = TypeVar("_Result")


def run_alone(coroutine: Coroutine[Any, Any, _Result]) -> _Result:
    """Run to the end, and check that no task is left, also after an error."""

    async def alone() -> _Result:
        try:
            return await coroutine
        finally:
            assert asyncio.all_tasks() == {asyncio.current_task()}

    return asyncio.run(alone())


class OnALoop:
    """A transport that answers at once, as an asynchronous one."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def exchange(self, party: str, request: bytes, *, timeout: float) -> bytes:
        return self._transport.exchange(party, request, timeout=timeout)

    async def aclose(self) -> None:
        self._transport.close()


class VirtualLoop(asyncio.SelectorEventLoop):
    """A loop whose time passes only while nothing is to be done, and then at once."""

    def __init__(self) -> None:
        self._now = 0.0
        super().__init__(_Jumping(self))

    def time(self) -> float:
        """Return the seconds since the loop was made."""
        return self._now

    def jump(self, seconds: float) -> None:
        """Let time pass."""
        self._now += seconds


class _Jumping(selectors.DefaultSelector):  # type: ignore[valid-type,misc]
    def __init__(self, loop: VirtualLoop) -> None:
        super().__init__()
        self._virtual = loop

    def select(self, timeout: float | None = None) -> Any:
        ready = super().select(None if timeout is None else 0)
        if not ready and timeout:
            self._virtual.jump(timeout)
        return ready
