from __future__ import annotations

import asyncio

import pytest

from prum_match.errors import InvalidInput
from prum_match.exchange import TransportError, TransportTimeout, TransportUnreachable
from prum_match.testing.clock import VirtualClock
from prum_match.testing.transports import FAULTS, AsyncFaultTransport, FaultTransport


class Counting:
    """Answers with the number of the call."""

    def __init__(self):
        self.calls = self.closed = 0

    def exchange(self, party, request, *, timeout):
        if self.closed:
            raise TransportUnreachable
        self.calls += 1
        return f"reply {self.calls}".encode()

    def close(self):
        self.closed += 1


class AsyncCounting(Counting):
    async def exchange(self, party, request, *, timeout):
        return super().exchange(party, request, timeout=timeout)

    async def aclose(self):
        super().close()


class Sleep:
    """A virtual clock, for both kinds."""

    def __init__(self):
        self.clock = VirtualClock()

    async def __call__(self, seconds):
        self.clock.sleep(seconds)


def told(error):
    return type(error).__name__


def outcomes(transport):
    found = []
    for _ in range(300):
        try:
            found.append(transport.exchange("DE", b"request", timeout=10))
        except (TransportError, OSError) as error:
            found.append(told(error))
    return found


async def async_outcomes(transport):
    found = []
    for _ in range(300):
        try:
            found.append(await transport.exchange("DE", b"request", timeout=10))
        except (TransportError, OSError) as error:
            found.append(told(error))
    return found


def test_the_same_seed_breaks_both_kinds_the_same_way():
    rates = {fault: 0.12 for fault in FAULTS if fault != "hang"}
    clock, sleep = VirtualClock(), Sleep()
    plain = FaultTransport(Counting(), rates, seed=7, sleep=clock.sleep)
    on_a_loop = AsyncFaultTransport(AsyncCounting(), rates, seed=7, sleep=sleep)
    expected = outcomes(plain)
    assert asyncio.run(async_outcomes(on_a_loop)) == expected
    assert sleep.clock() == clock() > VirtualClock()()
    assert {"TransportTimeout", "TransportBusy", "OSError"} <= set(expected)


@pytest.mark.parametrize("fault", FAULTS)
def test_only_the_named_parties_suffer(fault):
    transport = AsyncFaultTransport(AsyncCounting(), {fault: 1}, parties={"FR"})
    assert asyncio.run(transport.exchange("DE", b"request", timeout=10)) == b"reply 1"


def test_a_hung_call_ends_with_closing():
    async def scenario():
        transport = AsyncFaultTransport(AsyncCounting(), {"hang": 1})
        call = asyncio.create_task(transport.exchange("DE", b"request", timeout=10))
        await asyncio.sleep(0)
        assert not call.done()
        await transport.aclose()
        await transport.aclose()
        with pytest.raises(TransportUnreachable):
            await call
        with pytest.raises(TransportUnreachable):
            await transport.exchange("DE", b"request", timeout=10)

    asyncio.run(scenario())


def test_a_hung_call_can_be_cancelled():
    async def scenario():
        transport = AsyncFaultTransport(AsyncCounting(), {"hang": 1})
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(transport.exchange("DE", b"request", timeout=10), 0.01)
        assert len(asyncio.all_tasks()) == 1

    asyncio.run(scenario())


def test_a_dropped_request_waits_for_its_timeout():
    sleep = Sleep()
    transport = AsyncFaultTransport(AsyncCounting(), {"drop": 1}, sleep=sleep)
    with pytest.raises(TransportTimeout):
        asyncio.run(transport.exchange("DE", b"request", timeout=10))
    assert (sleep.clock() - VirtualClock()()).total_seconds() == 10


def test_rates_are_checked():
    with pytest.raises(InvalidInput) as caught:
        AsyncFaultTransport(AsyncCounting(), {"flood": 1})
    assert caught.value.code == "unknown_fault"
