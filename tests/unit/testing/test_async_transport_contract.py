from __future__ import annotations

import asyncio
import contextlib
from contextlib import asynccontextmanager
from typing import ClassVar

import pytest

from prum_match.exchange import TransportTimeout
from prum_match.testing import AsyncTransportContract, TransportContract
from support.exchange.lines import MOST, Line


class AsyncLine:
    """`Line` for an event loop: its calls run on threads, and are waited for on the loop."""

    def __init__(self, handlers, own_party):
        self.line = Line(handlers, own_party)

    async def exchange(self, party, request, *, timeout):
        try:
            async with asyncio.timeout(timeout):
                return await self.call(party, request, timeout)
        except TimeoutError:
            raise TransportTimeout from None

    async def call(self, party, request, timeout):
        return await asyncio.to_thread(self.line.exchange, party, request, timeout=timeout)

    async def aclose(self):
        self.line.close()


class LineContract(AsyncTransportContract):
    line = AsyncLine
    max_request_bytes = MOST
    max_reply_bytes = MOST
    sample_bytes = MOST // 2

    @asynccontextmanager
    async def connect_async(self, handlers):
        transport = self.line(handlers, self.own_party)
        try:
            yield transport
        finally:
            await transport.aclose()


class TestALineThatKeepsIt(LineContract):
    pass


class SwallowsCancelling(AsyncLine):
    async def call(self, party, request, timeout):
        with contextlib.suppress(asyncio.CancelledError):
            return await super().call(party, request, timeout)
        return b""


class BlocksTheLoop(AsyncLine):
    async def call(self, party, request, timeout):
        return self.line.exchange(party, request, timeout=timeout)


class LeavesATask(AsyncLine):
    tasks: ClassVar[set[asyncio.Task[None]]] = set()

    async def call(self, party, request, timeout):
        self.tasks.add(asyncio.create_task(asyncio.sleep(3600)))
        return await super().call(party, request, timeout)

    @classmethod
    async def end(cls):
        for task in cls.tasks:
            task.cancel()
        await asyncio.gather(*cls.tasks, return_exceptions=True)
        cls.tasks.clear()


class EndingContract(LineContract):
    """Ends the tasks that were left behind, after they were found."""

    @asynccontextmanager
    async def connect_async(self, handlers):
        async with super().connect_async(handlers) as transport:
            try:
                yield transport
            finally:
                await LeavesATask.end()


BROKEN = [
    ("test_a_cancelled_call_ends", SwallowsCancelling, "a call that was cancelled"),
    ("test_the_loop_goes_on_meanwhile", BlocksTheLoop, "keeps the loop to itself"),
    ("test_no_task_is_left_behind", LeavesATask, "a task is left"),
    # And one of those that both kinds of transport share.
    ("test_a_slow_party_keeps_no_other_waiting", BlocksTheLoop, "does not end"),
]


@pytest.mark.parametrize(("check", "line", "why"), BROKEN)
def test_a_broken_line_fails(check, line, why):
    made = type("Contract", (EndingContract,), {"line": line, "patience": 3.0})()
    with pytest.raises(AssertionError, match=why):
        getattr(made, check)()


def test_every_check_of_its_own_can_fail():
    own = set(AsyncTransportContract.checks()) - set(TransportContract.checks())
    assert own <= {check for check, *_ in BROKEN}


def test_without_a_channel_there_is_nothing_to_check():
    with pytest.raises(NotImplementedError):
        AsyncTransportContract().test_one_byte_comes_through()
