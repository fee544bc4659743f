"""Blocking calls on threads, for an event loop."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import ParamSpec, TypeVar

_P = ParamSpec("_P")
_T = TypeVar("_T")


async def in_thread(call: Callable[_P, _T], *args: _P.args, **options: _P.kwargs) -> _T:
    """Run a call on its own daemon thread and return its result.

    With `asyncio.to_thread` the loop, and the interpreter, would wait at the end for a hanging
    call, and a few hanging calls would block its pool of threads for all others.
    """
    loop = asyncio.get_running_loop()
    done: asyncio.Future[_T] = loop.create_future()

    def settle(result: _T | None, error: BaseException | None) -> None:
        if done.cancelled():
            return
        if error is not None:
            done.set_exception(error)
        else:
            done.set_result(result)  # type: ignore[arg-type]

    def run() -> None:
        result = error = None
        try:
            result = call(*args, **options)
        except BaseException as raised:
            error = raised
        try:
            loop.call_soon_threadsafe(settle, result, error)
        except RuntimeError:
            # The loop was closed meanwhile: nobody waits.
            return

    threading.Thread(target=run, name="prum-http", daemon=True).start()
    return await done
