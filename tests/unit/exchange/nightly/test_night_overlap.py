"""Runs with threads and with tasks: probes overlap, and lines that hang are left."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from collections.abc import Callable
from contextlib import aclosing
from typing import Any

import pytest

from prum_match.errors import InvalidInput, StorageError
from prum_match.exchange import (
    AsyncRequester,
    MemoryStore,
    Outcome,
    Requester,
    Responder,
    TransportTimeout,
)
from prum_match.exchange.nightly import Match, MatchLedger, Nightly, OpenSearches, Unreached
from prum_match.testing.clock import VirtualClock
from support.exchange.toy import Gallery, Item

TIMEOUT = 1.0
N = 30


class Network:
    """Responders, and parties that hang; both kinds of transport."""

    def __init__(self, clock: VirtualClock, *hung: str) -> None:
        self.hung = set(hung)
        self.calls: Counter[str] = Counter()
        self.most: Counter[str] = Counter()
        self.meeting: threading.Barrier | None = None
        self._running: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._responders = {
            party: Responder(party, {"toy": Gallery({f"{party}-1": Item("apple")})}, clock=clock)
            for party in ("DE", "FR", "BE")
        }

    def count(self, party: str, step: int) -> None:
        with self._lock:
            self.calls[party] += step > 0
            self._running[party] += step
            self.most[party] = max(self.most[party], self._running[party])

    def reply(self, party: str, request: bytes) -> bytes:
        return self._responders[party].handle("AT", request)

    def close(self) -> None:
        pass


class Threads(Network):
    def exchange(self, party: str, request: bytes, *, timeout: float) -> bytes:
        self.count(party, 1)
        try:
            if party in self.hung:
                threading.Event().wait(timeout)
                raise TransportTimeout
            if self.meeting is not None:
                self.meeting.wait(timeout)
            return self.reply(party, request)
        finally:
            self.count(party, -1)


class Tasks(Network):
    async def exchange(self, party: str, request: bytes, *, timeout: float) -> bytes:
        self.count(party, 1)
        try:
            await asyncio.sleep(timeout if party in self.hung else 0.001)
            if party in self.hung:
                raise TransportTimeout
            return self.reply(party, request)
        finally:
            self.count(party, -1)

    async def aclose(self) -> None:
        pass


class Night:
    """Open searches, and runs of one kind."""

    def __init__(self, kind: str, clock: VirtualClock) -> None:
        self.clock = clock
        self.kind = kind
        self.store = MemoryStore()
        self.searches = OpenSearches("toy", self.store, clock=clock)
        self.ledger = MatchLedger(self.store, clock=clock)
        self.nightly = Nightly(self.searches, self.ledger, clock=clock)

    def network(self, *hung: str) -> Any:
        return (Threads if self.kind == "threads" else Tasks)(self.clock, *hung)

    def run(self, network: Any, timeout: float = TIMEOUT, most: int | None = None) -> list[Match]:
        if self.kind == "threads":
            requester = Requester(network, "AT", category="toy", clock=self.clock)
            found = []
            for match in self.nightly.run(requester, timeout=timeout):
                found.append(match)
                if len(found) == most:
                    break
            return found
        return asyncio.run(self._run(network, timeout, most))

    async def _run(self, network: Any, timeout: float, most: int | None) -> list[Match]:
        requester = AsyncRequester(network, "AT", category="toy", clock=self.clock)
        found = []
        async with aclosing(self.nightly.async_run(requester, timeout=timeout)) as matches:
            async for match in matches:
                found.append(match)
                if len(found) == most:
                    break
        assert len(asyncio.all_tasks()) == 1  # this one
        return found


@pytest.fixture(params=["threads", "asyncio"])
def night(request: pytest.FixtureRequest, clock: VirtualClock) -> Night:
    made = Night(request.param, clock)
    for number in range(N):
        made.searches.add(f"AT-{number}", Item("apple"), parties=["BE", "DE", "FR"])
    return made


def test_a_line_that_hangs_costs_few_time_outs(night: Night) -> None:
    network = night.network("FR")
    found = night.run(network)
    assert sorted(match.key.reference for match in found) == ["BE-1"] * N + ["DE-1"] * N
    # Four at once, and one more try at the end.
    assert network.calls["FR"] <= 6
    assert network.calls["DE"] == network.calls["BE"] == N
    assert max(network.most.values()) <= 4
    parties = {one.party: one for one in night.nightly.report().parties}
    assert (parties["FR"].asked, parties["FR"].unanswered) == (N, N)
    assert parties["DE"].searched == N
    assert not night.nightly.report().complete
    # The run names what was not asked.
    unreached = night.nightly.unreached()
    assert {(one.reference, one.party) for one in unreached} == {
        (f"AT-{number}", "FR") for number in range(N)
    }
    codes = Counter(one.code for one in unreached)
    assert codes["timeout"] == network.calls["FR"]
    assert codes["line_left"] == N - network.calls["FR"]
    assert {one.outcome for one in unreached} == {Outcome.TIMEOUT}
    assert isinstance(unreached[0], Unreached)


def test_the_next_run_asks_the_remaining_searches(night: Night) -> None:
    night.run(night.network("FR"))
    network = night.network()
    assert {match.key.reference for match in night.run(network, timeout=30)} >= {"FR-1"}
    assert network.calls == {"FR": N}
    assert night.nightly.unreached() == []


def test_a_run_that_is_left_early_stops_asking_and_goes_on_later(night: Night) -> None:
    network = night.network()
    night.run(network, timeout=30, most=1)
    assert sum(network.calls.values()) < 3 * N
    assert night.nightly.report().finished is None
    rest = night.network()
    night.run(rest, timeout=30)
    assert night.nightly.report().complete
    assert len(night.ledger.matches("toy")) == 3 * N
    # What had been stored was not asked again; what was under way may have been.
    assert sum(rest.calls.values()) < 3 * N


def test_a_store_that_fails_ends_the_run(night: Night, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*args: object) -> None:
        raise StorageError("the disk is full", code="store_unusable")

    monkeypatch.setattr(night.ledger, "note", full)
    with pytest.raises(StorageError):
        night.run(night.network(), timeout=30)
    assert night.nightly.report().finished is None
    monkeypatch.undo()


def test_a_search_that_is_closed_before_it_is_sent_is_left_out(night: Night) -> None:
    night.nightly.begin()
    lines = night.nightly._lines(30, None, 4)
    for number in range(N):
        night.searches.remove(f"AT-{number}")
    night.nightly._send(lines, lambda question: pytest.fail("sent"))
    assert lines.is_over
    assert lines.wait(0) == 0


def test_a_probe_below_the_floor_was_decided_on_when_it_was_added(
    night: Night, toy: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def check_floor(item: Item) -> None:
        raise InvalidInput("too little", code="below_floor", rule="the toys' act")

    monkeypatch.setattr(toy.category.wire, "check_floor", check_floor, raising=False)
    with pytest.raises(InvalidInput, match="below_floor"):
        night.searches.add("AT-X", Item("axe"), parties=["DE"])
    night.searches.add("AT-X", Item("axe"), parties=["DE"], send_below_floor=True)
    night.run(night.network(), timeout=30)
    assert night.searches.states("AT-X")["DE"].outcome is Outcome.HIT


def test_a_search_that_may_not_be_sent_does_not_end_the_run(
    night: Night, toy: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def check_probe(item: Item) -> None:
        raise InvalidInput("no longer allowed", code="other_register")

    monkeypatch.setattr(toy.category.wire, "check_probe", check_probe, raising=False)
    assert night.run(night.network(), timeout=30) == []
    assert {one.code for one in night.nightly.unreached()} == {"other_register"}
    assert len(night.nightly.unreached()) == 3 * N


def test_without_threads_nothing_is_sent(
    clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def start(self: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    night = Night("threads", clock)
    night.searches.add("AT-1", Item("apple"), parties=["DE", "FR"])
    monkeypatch.setattr(threading.Thread, "start", start)
    assert night.run(night.network(), timeout=30) == []
    assert [(one.party, one.outcome, one.code) for one in night.nightly.unreached()] == [
        ("DE", Outcome.BUSY, "no_thread"),
        ("FR", Outcome.BUSY, "no_thread"),
    ]


def test_probes_to_one_party_overlap(clock: VirtualClock) -> None:
    night = Night("threads", clock)
    for number in range(8):
        night.searches.add(f"AT-{number}", Item("apple"), parties=["DE"])
    network = night.network()
    network.meeting = threading.Barrier(4)  # none goes on before four have come
    assert len(night.run(network, timeout=30)) == 8
    assert network.most["DE"] == 4


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({"timeout": 0}, "timeout"),
        ({"timeout": None}, "timeout"),
        ({"timeout": True}, "timeout"),
        ({"timeout": 1, "patience": -1}, "patience"),
        ({"timeout": 1, "patience": "x"}, "patience"),
        ({"timeout": 1, "requester": "AT"}, "requester"),
        ({"timeout": 1, "requester": None}, "requester"),
    ],
)
@pytest.mark.parametrize("run", ["run", "async_run"])
def test_a_run_checks_its_arguments_before_it_begins(
    night: Night, run: str, arguments: dict[str, Any], field: str
) -> None:
    call: Callable[..., Any] = getattr(night.nightly, run)
    kind = Requester if run == "run" else AsyncRequester
    requester = kind(night.network(), "AT", category="toy")
    with pytest.raises(InvalidInput) as caught:
        call(**{"requester": requester, **arguments})
    assert caught.value.field == field
    other = AsyncRequester if run == "run" else Requester
    with pytest.raises(InvalidInput, match="field requester"):
        call(other(night.network(), "AT", category="toy"), timeout=1)
