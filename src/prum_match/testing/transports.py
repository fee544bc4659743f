"""A transport that goes wrong on purpose, the same way every time for the same seed."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from random import Random

from prum_match.errors import InvalidInput
from prum_match.exchange.transport import (
    Transport,
    TransportBusy,
    TransportRefused,
    TransportTimeout,
    TransportUnreachable,
)

__all__ = ["FAULTS", "FaultTransport"]

FAULTS = ("delay", "hang", "drop", "raise", "truncate", "garble", "duplicate", "reorder")


class FaultTransport:
    """Passes exchanges on to another transport, and breaks some of them.

    Parameters
    ----------
    inner : Transport
        The transport that works. Closed with this one.
    rates : mapping of str to float
        Probability of each fault of `FAULTS`; what is left of 1 goes well. ``delay`` waits up to a
        second and goes well; ``hang`` waits until `close`; ``drop`` loses the request and times
        out; ``raise`` raises any error that a transport may raise and one that it may not;
        ``truncate`` and ``garble`` damage the reply; ``duplicate`` hands the request over twice;
        ``reorder`` keeps the reply back and returns the one that was kept back before, if any.
    seed : int
        Decides, together with the party and the number of the call, so threads change nothing.
    parties : collection of str, optional
        The only parties that it happens to. Stack two transports to give parties different faults.
    sleep : callable
        How to wait: ``VirtualClock.sleep`` for a test without threads.

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
    prum_match.exchange.transport.TransportTimeout: there is no reply [timeout]
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
        if rates.keys() - set(FAULTS):
            raise InvalidInput("no such fault", code="unknown_fault", field="rates")
        if min(rates.values(), default=0) < 0 or sum(rates.values()) > 1 + 1e-9:
            raise InvalidInput("not probabilities of one event", code="bad_rate", field="rates")
        self._inner = inner
        self._rates = {**rates, "none": max(0.0, 1 - sum(rates.values()))}
        self._seed = seed
        self._parties = parties
        self._sleep = sleep
        self._calls: Counter[str] = Counter()
        self._kept: dict[str, bytes] = {}
        self._lock = threading.Lock()
        self._closed = threading.Event()

    def exchange(self, party: str, request: bytes, *, timeout: float) -> bytes:
        """Exchange with `party`, or fail to."""
        with self._lock:
            self._calls[party] += 1
            random = Random(f"{self._seed} {party} {self._calls[party]}")
        fault = random.choices(list(self._rates), list(self._rates.values()))[0]
        if self._closed.is_set() or (self._parties is not None and party not in self._parties):
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
                raise random.choice(
                    [
                        TransportTimeout(),
                        TransportUnreachable(),
                        TransportBusy(retry_after=1),
                        TransportRefused(),
                        OSError("the line is dead"),
                    ]
                )
            case "duplicate":
                self._inner.exchange(party, request, timeout=timeout)
        reply = self._inner.exchange(party, request, timeout=timeout)
        match fault:
            case "truncate":
                reply = reply[: random.randrange(len(reply))]
            case "garble":
                place = random.randrange(len(reply))
                flipped = reply[place] ^ random.randrange(1, 256)
                reply = reply[:place] + bytes([flipped]) + reply[place + 1 :]
            case "reorder":
                with self._lock:
                    kept = self._kept.pop(party, None)
                    self._kept[party] = reply
                if kept is None:
                    self._sleep(timeout)
                    raise TransportTimeout
                reply = kept
        return reply

    def close(self) -> None:
        """Close the inner transport and let go of every call that hangs."""
        self._closed.set()
        self._inner.close()
