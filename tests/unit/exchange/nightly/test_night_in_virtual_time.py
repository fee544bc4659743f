"""A whole night over an event loop whose time is virtual: from the store to the transport."""

from __future__ import annotations

import asyncio
from collections import Counter
from types import SimpleNamespace

import pytest

from prum_match.exchange import (
    PARTIES,
    AsyncRequester,
    MemoryStore,
    Responder,
    TransportTimeout,
)
from prum_match.exchange.nightly import MatchLedger, Nightly, OpenSearches
from prum_match.exchange.nightly import runs as nightly_runs
from prum_match.exchange.requesters import async_requester, base
from prum_match.testing.clock import VirtualClock
from support.exchange.loops import VirtualLoop
from support.exchange.toy import Gallery, Item

TIMEOUT = 60.0
N = 100
NAMES = [party for party in PARTIES if party != "AT"][:26]
HUNG, *SLOW = NAMES[:3]


class Lines:
    """Parties that take their time to answer."""

    def __init__(self, seconds: dict[str, float], clock: VirtualClock) -> None:
        self.seconds = seconds
        self.calls: Counter[str] = Counter()
        self._responders = {
            party: Responder(party, {"toy": Gallery({f"{party}-1": Item("pear")})}, clock=clock)
            for party in seconds
        }

    async def exchange(self, party: str, request: bytes, *, timeout: float) -> bytes:
        self.calls[party] += 1
        seconds = self.seconds[party]
        await asyncio.sleep(min(seconds, timeout))
        if seconds >= timeout:
            raise TransportTimeout
        return self._responders[party].handle("AT", request)

    async def aclose(self) -> None:
        pass


def night(
    seconds: dict[str, float], clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> tuple[float, Lines, Nightly]:
    """Return how long a night took, in virtual seconds."""
    store = MemoryStore()
    searches = OpenSearches("toy", store, clock=clock)
    for number in range(N):
        searches.add(f"AT-{number}", Item("apple"), parties=list(seconds))
    nightly = Nightly(searches, MatchLedger(store, clock=clock), clock=clock)
    lines = Lines(seconds, clock)
    loop = VirtualLoop()
    for module in (nightly_runs, async_requester, base):
        monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=loop.time))

    async def run() -> None:
        requester = AsyncRequester(lines, "AT", category="toy", clock=clock)
        async for _ in nightly.async_run(requester, timeout=TIMEOUT):
            pass

    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        runner.run(run())
    return loop.time(), lines, nightly


def test_a_night_ends_in_time_with_one_party_that_hangs_and_two_that_are_slow(
    clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    well = dict.fromkeys(NAMES[3:], 4.0)
    without, _, _ = night(well, clock, monkeypatch)
    assert without == pytest.approx(4.0 * N / 4, rel=0.01)
    ill = {HUNG: TIMEOUT, SLOW[0]: 15.0, SLOW[1]: 50.0}
    took, lines, nightly = night({**ill, **well}, clock, monkeypatch)
    assert took <= 1.2 * without + 3 * TIMEOUT
    coverage = {one.party: one for one in nightly.report().parties}
    assert {coverage[party].searched for party in well} == {N}
    assert (coverage[HUNG].asked, coverage[HUNG].searched) == (N, 0)
    assert lines.calls[HUNG] <= 6
    # Every search that a party did not answer is named, and no other.
    unreached = Counter(one.party for one in nightly.unreached())
    assert unreached[HUNG] == N
    for party in (*SLOW, *well):
        assert unreached[party] == N - coverage[party].searched
    assert unreached[SLOW[1]] > unreached[SLOW[0]] > 0
