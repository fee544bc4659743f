"""Transports with faults on purpose, the same ones for the same seed."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Mapping
from random import Random

from prum_match.errors import InvalidInput
from prum_match.exchange.transport import (
    AsyncTransport,
    Transport,
    TransportBusy,
    TransportRefused,
    TransportTimeout,
    TransportUnreachable,
)

FAULTS = ("delay", "hang", "drop", "raise", "truncate", "garble", "duplicate", "reorder")


class _Faults:
    """Draws the fault of each call, and damages replies."""

    def __init__(
        self, rates: Mapping[str, float], seed: int, parties: Collection[str] | None
    ) -> None:
        if rates.keys() - set(FAULTS):
            raise InvalidInput(
                "rates names an unknown fault; see FAULTS", code="unknown_fault", field="rates"
            )
        if min(rates.values(), default=0) < 0 or sum(rates.values()) > 1 + 1e-9:
            raise InvalidInput(
                "rates are at least 0, and at most 1 together", code="bad_rate", field="rates"
            )
        self._rates = {**rates, "none": max(0.0, 1 - sum(rates.values()))}
        self._seed = seed
        self._parties = parties
        self._calls: Counter[str] = Counter()
        self._kept: dict[str, bytes] = {}
        self._lock = threading.Lock()

    def draw(self, party: str) -> tuple[str, Random]:
        """Return the fault of the next call to `party`, and a generator for its details."""
        with self._lock:
            self._calls[party] += 1
            random = Random(f"{self._seed} {party} {self._calls[party]}")
        fault = random.choices(list(self._rates), list(self._rates.values()))[0]
        spared = self._parties is not None and party not in self._parties
        return "none" if spared else fault, random

    def error(self, random: Random) -> Exception:
        """Return one of the errors of the fault ``raise``."""
        return random.choice(
            [
                TransportTimeout(),
                TransportUnreachable(),
                TransportBusy(retry_after=1),
                TransportRefused(),
                OSError("the line is dead"),
            ]
        )

    def changed(self, fault: str, random: Random, party: str, reply: bytes) -> bytes | None:
        """Return the damaged reply; None if it is held back."""
        match fault:
            case "truncate":
                return reply[: random.randrange(len(reply))]
            case "garble":
                place = random.randrange(len(reply))
                flipped = reply[place] ^ random.randrange(1, 256)
                return reply[:place] + bytes([flipped]) + reply[place + 1 :]
            case "reorder":
                with self._lock:
                    kept = self._kept.pop(party, None)
                    self._kept[party] = reply
                return kept
        return reply


class FaultTransport:
    """A transport that passes calls on to another one and makes some of them fail.

    Parameters
    ----------
    inner : Transport
        A working transport; it is closed together with this one.
    rates : mapping of str to float
        Probability of each fault of `FAULTS`; the remaining calls are normal. ``delay`` waits up
        to a second before a normal call; ``hang`` waits until `close`; ``drop`` loses the request
        and times out; ``raise`` raises any error that a transport may raise and one that it may
        not; ``truncate`` and ``garble`` damage the reply; ``duplicate`` hands the request over
        twice; ``reorder`` holds the reply back and returns the previous one held back, if any.
    seed : int
        Seed of the faults. They depend on it, the party and the number of the call alone, not on
        threads.
    parties : collection of str, optional
        Parties with faults; None: all. Stack two transports for different faults by party.
    sleep : callable
        Function that waits; ``VirtualClock.sleep`` for a test without threads.

    Raises
    ------
    InvalidInput
        ``unknown_fault`` or ``bad_rate``.

    Examples
    --------
    >>> from prum_match.exchange import InProcessTransport
    >>> from prum_match.testing.clock import VirtualClock
    >>> clock = VirtualClock()
    >>> lossy = FaultTransport(InProcessTransport({}, "AT"), {"drop": 1}, sleep=clock.sleep)
    >>> lossy.exchange("DE", b"...", timeout=1)
    Traceback (most recent call last):
    prum_match.exchange.transport.TransportTimeout: no reply arrived [timeout]
    """

    def __init__(
        self,
        inner: Transport,
        rates: Mapping[str, float],
        *,
        seed: int = 0,
        parties: Collection[str] | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._inner = inner
        self._faults = _Faults(rates, seed, parties)
        self._sleep = sleep
        self._closed = threading.Event()

    def exchange(self, party: str, request: bytes, *, timeout: float) -> bytes:
        """Send a request to `party`, with the fault of this call."""
        fault, random = self._faults.draw(party)
        if self._closed.is_set():
            fault = "none"
        match fault:
            case "delay":
                self._sleep(random.random())
            case "hang":
                self._closed.wait()
            case "drop":
                self._sleep(timeout)
                raise TransportTimeout
            case "raise":
                raise self._faults.error(random)
            case "duplicate":
                self._inner.exchange(party, request, timeout=timeout)
        reply = self._inner.exchange(party, request, timeout=timeout)
        changed = self._faults.changed(fault, random, party, reply)
        if changed is None:
            self._sleep(timeout)
            raise TransportTimeout
        return changed

    def close(self) -> None:
        """Close the inner transport and release every hanging call."""
        self._closed.set()
        self._inner.close()


class AsyncFaultTransport:
    """`FaultTransport` for an event loop: the same faults for the same seed, in the same order.

    Parameters
    ----------
    inner : AsyncTransport
        A working transport; it is closed together with this one.
    rates, seed, parties
        As for `FaultTransport`.
    sleep : callable
        Function that returns an awaitable for waiting.

    Raises
    ------
    InvalidInput
        ``unknown_fault`` or ``bad_rate``.

    Examples
    --------
    >>> import asyncio
    >>> class Echo:
    ...     async def exchange(self, party, request, *, timeout):
    ...         return request
    ...     async def aclose(self): ...
    >>> asyncio.run(AsyncFaultTransport(Echo(), {}).exchange("DE", b"...", timeout=1))
    b'...'
    """

    def __init__(
        self,
        inner: AsyncTransport,
        rates: Mapping[str, float],
        *,
        seed: int = 0,
        parties: Collection[str] | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._inner = inner
        self._faults = _Faults(rates, seed, parties)
        self._sleep = sleep
        self._closed = asyncio.Event()

    async def exchange(self, party: str, request: bytes, *, timeout: float) -> bytes:
        """Send a request to `party`, with the fault of this call."""
        fault, random = self._faults.draw(party)
        if self._closed.is_set():
            fault = "none"
        match fault:
            case "delay":
                await self._sleep(random.random())
            case "hang":
                await self._closed.wait()
            case "drop":
                await self._sleep(timeout)
                raise TransportTimeout
            case "raise":
                raise self._faults.error(random)
            case "duplicate":
                await self._inner.exchange(party, request, timeout=timeout)
        reply = await self._inner.exchange(party, request, timeout=timeout)
        changed = self._faults.changed(fault, random, party, reply)
        if changed is None:
            await self._sleep(timeout)
            raise TransportTimeout
        return changed

    async def aclose(self) -> None:
        """Close the inner transport and release every hanging call."""
        self._closed.set()
        await self._inner.aclose()
