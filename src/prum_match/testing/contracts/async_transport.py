"""The contract of an asynchronous transport."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, contextmanager
from typing import Any, TypeVar, cast

from prum_match.exchange.transport import AsyncTransport, RequestHandler, Transport
from prum_match.testing.contracts.suite import require
from prum_match.testing.contracts.transport import TransportContract

_Result = TypeVar("_Result")


class _Loop:
    """An event loop on a thread of its own."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self._thread.start()

    def run(self, coroutine: Coroutine[Any, Any, _Result]) -> _Result:
        """Run a coroutine there and wait for it here."""
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result()

    async def tasks(self) -> int:
        """Return the number of other tasks that are alive."""
        # A task that has just ended may take a turn of the loop to go.
        await asyncio.sleep(0)
        return len(asyncio.all_tasks()) - 1

    def close(self) -> None:
        """End everything."""
        self.run(self.loop.shutdown_asyncgens())
        self.run(self.loop.shutdown_default_executor())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join()
        self.loop.close()


class _OnLoop:
    """An `AsyncTransport` as a `Transport`, for the checks that both share."""

    def __init__(self, inner: AsyncTransport, loop: _Loop) -> None:
        self.inner = inner
        self.on = loop

    def __repr__(self) -> str:
        return repr(self.inner)

    def exchange(self, party: str, request: bytes, *, timeout: float) -> bytes:
        return self.on.run(self.inner_call(party, request, timeout))

    async def inner_call(self, party: str, request: bytes, timeout: float) -> bytes:
        return await self.inner.exchange(party, request, timeout=timeout)

    def close(self) -> None:
        self.on.run(self.inner_close())

    async def inner_close(self) -> None:
        await self.inner.aclose()


class AsyncTransportContract(TransportContract, abstract=True):
    """Checks of an `AsyncTransport`: all of `TransportContract`, and what the loop adds.

    Write `connect_async` in place of `connect`.

    Examples
    --------
    >>> class TestOurTransport(AsyncTransportContract):
    ...     def connect_async(self, handlers):
    ...         ...  # an asynchronous context manager that yields the transport
    >>> "test_a_cancelled_call_ends" in TestOurTransport.checks()
    True
    """

    def connect_async(
        self, handlers: Mapping[str, RequestHandler]
    ) -> AbstractAsyncContextManager[AsyncTransport]:
        """Set up the other ends and return a transport, as `TransportContract.connect` does.

        It is entered and left on the loop that the transport is used on.
        """
        raise NotImplementedError("a host writes this")

    @contextmanager
    def connect(self, handlers: Mapping[str, RequestHandler]) -> Iterator[Transport]:
        """Run an event loop, and give the transport on it the form that the checks use."""
        loop = _Loop()
        try:
            manager = self.connect_async(handlers)
            transport = loop.run(_entered(manager))
            try:
                yield _OnLoop(transport, loop)
            finally:
                loop.run(_left(manager))
        finally:
            loop.close()

    def test_a_cancelled_call_ends(self) -> None:
        """Cancelling the task ends the call as cancelled, and the channel works after it."""
        with self.session() as session:
            transport, party = cast(_OnLoop, session.transport), session.parties["DE"]
            party.hold()
            request = session.request("DE")
            task = transport.on.run(_started(transport.inner_call("DE", request, self.patience)))
            require(party.arrived.wait(self.patience), "a request does not arrive")
            require(
                transport.on.run(_cancelled(task, self.patience)),
                "a call that was cancelled goes on, or ends as if it were not",
            )
            party.release()
            session.ask("DE")

    def test_the_loop_goes_on_meanwhile(self) -> None:
        with self.session() as session:
            transport, party = cast(_OnLoop, session.transport), session.parties["DE"]
            party.hold()
            call = asyncio.run_coroutine_threadsafe(
                transport.inner_call("DE", session.request("DE"), self.patience),
                transport.on.loop,
            )
            require(party.arrived.wait(self.patience), "a request does not arrive")
            turned = threading.Event()
            transport.on.loop.call_soon_threadsafe(turned.set)
            free = turned.wait(self.patience / 2)
            party.release()
            require(free, "a call keeps the loop to itself")
            call.result(self.patience)

    def test_no_task_is_left_behind(self) -> None:
        with self.session() as session:
            on = cast(_OnLoop, session.transport).on
            before = on.run(on.tasks())
            session.ask("DE")
            for _ in self._failures(session):
                pass
            require(on.run(_until(on.tasks, before, self.patience)), "a task is left")


async def _entered(manager: AbstractAsyncContextManager[AsyncTransport]) -> AsyncTransport:
    return await manager.__aenter__()


async def _left(manager: AbstractAsyncContextManager[AsyncTransport]) -> None:
    await manager.__aexit__(None, None, None)


async def _started(call: Coroutine[Any, Any, bytes]) -> asyncio.Task[bytes]:
    return asyncio.create_task(call)


async def _cancelled(task: asyncio.Task[bytes], seconds: float) -> bool:
    task.cancel()
    await asyncio.wait({task}, timeout=seconds)
    return task.cancelled()


async def _until(count: Callable[[], Awaitable[int]], most: int, seconds: float) -> bool:
    end = asyncio.get_running_loop().time() + seconds
    while await count() > most:
        if asyncio.get_running_loop().time() > end:
            return False
        await asyncio.sleep(0.005)
    return True
