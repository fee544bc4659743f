"""One case over several categories on an event loop: what ends it ends all that it began."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from prum_match.errors import StorageError
from prum_match.exchange import (
    AsyncRequester,
    Conversation,
    FollowUp,
    InProcessTransport,
    Justification,
    Outcome,
    async_search_case,
)
from prum_match.exchange.messages import decode_request
from support.exchange.loops import run_alone

WHY = Justification(case="2026/17", offence="0101 00", official="insp-7", maximum_sentence=60)
OPTIONS: dict[str, Any] = {"parties": ["DE", "FR"], "justification": WHY}


class Line:
    """FR hangs until it is released, and records the ends of its calls."""

    def __init__(self, states: InProcessTransport) -> None:
        self.states = states
        self.hangs = True
        self.hanging: list[str] = []
        self.cancelled: list[str] = []
        self.timeouts: list[float] = []

    async def exchange(self, party: str, request: bytes, *, timeout: float) -> bytes:
        self.timeouts.append(timeout)
        if party == "FR" and self.hangs:
            category = decode_request(request).category
            self.hanging.append(category)
            try:
                await asyncio.sleep(3600)
            except asyncio.CancelledError:
                await asyncio.sleep(0)  # a transport that tidies up
                self.cancelled.append(category)
                raise
        return self.states.exchange(party, request, timeout=timeout)

    async def aclose(self) -> None:
        self.states.close()


@pytest.fixture
def line(states: InProcessTransport) -> Line:
    return Line(states)


@pytest.fixture
def build(line: Line, probes: Any) -> Callable[..., dict[str, AsyncRequester]]:
    return lambda **options: {
        name: AsyncRequester(line, "AT", category=name, **options) for name in probes
    }


async def all_hang(line: Line, probes: Any) -> None:
    while len(line.hanging) < len(probes):
        await asyncio.sleep(0)


def test_there_is_one_timeout_for_all(line: Line, build: Any, probes: Any) -> None:
    outcome = run_alone(async_search_case(build(), probes, timeout=0.5, **OPTIONS))
    for result in outcome.results.values():
        assert (result["DE"].outcome, result["FR"].outcome) == (Outcome.HIT, Outcome.TIMEOUT)
    assert outcome.answered == tuple((name, "DE") for name in probes)
    assert sorted(line.cancelled) == sorted(line.hanging) == sorted(probes)
    assert all(0 < timeout <= 0.5 for timeout in line.timeouts)


def test_a_caller_that_is_cancelled_cancels_all_calls(line: Line, build: Any, probes: Any) -> None:
    requesters = build(max_in_flight=1)

    async def cancel() -> Any:
        search = asyncio.create_task(async_search_case(requesters, probes, timeout=3600, **OPTIONS))
        await all_hang(line, probes)
        search.cancel()
        with pytest.raises(asyncio.CancelledError):
            await search
        assert asyncio.all_tasks() == {asyncio.current_task()}
        line.hangs = False
        return await async_search_case(requesters, probes, timeout=60, **OPTIONS)

    assert run_alone(cancel()).complete
    assert sorted(line.cancelled) == sorted(probes)


def test_a_caller_may_have_a_timeout_of_its_own(line: Line, build: Any, probes: Any) -> None:
    async def impatient() -> None:
        search = async_search_case(build(), probes, timeout=3600, **OPTIONS)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(search, 0.5)

    run_alone(impatient())
    assert sorted(line.cancelled) == sorted(line.hanging) == sorted(probes)


def test_a_store_that_fails_ends_the_other_searches(
    line: Line, build: Any, probes: Any, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    requesters = build(follow_up=FollowUp("AT", clock=clock), clock=clock)
    deliver = Conversation.deliver

    def full(self: Conversation, *arguments: Any, **options: Any) -> Any:
        if self.category == "voice":
            raise StorageError("cannot be used", code="store_unusable", field="path")
        return deliver(self, *arguments, **options)

    monkeypatch.setattr(Conversation, "deliver", full)
    with pytest.raises(StorageError) as caught:
        run_alone(async_search_case(requesters, probes, timeout=3600, **OPTIONS))
    assert caught.value.code == "store_unusable"
    assert sorted(line.cancelled) == sorted(line.hanging)


def test_all_searches_are_checked_before_anything_is_sent(
    line: Line, build: Any, probes: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    submit = Conversation.submit

    def full(self: Conversation, *arguments: Any, **options: Any) -> Any:
        if self.category == "face":
            raise StorageError("cannot be used", code="store_unusable", field="path")
        return submit(self, *arguments, **options)

    monkeypatch.setattr(Conversation, "submit", full)
    with pytest.raises(StorageError):
        run_alone(async_search_case(build(), probes, timeout=60, **OPTIONS))
    assert line.timeouts == []
