"""Ours on an event loop: `AsyncRequester`, with a task for each call."""

from __future__ import annotations

import asyncio

from benchmarks.exchange.fan_out import (
    ASKED,
    FOREVER,
    HUNG,
    OWN,
    SLOW,
    SLOWNESS,
    TIMEOUT,
    Crowd,
    Ended,
    FanOutCase,
    answer,
    detail,
    ended,
)
from benchmarks.task import Pass
from prum_match.exchange import SearchOutcome
from prum_match.exchange.requesters.async_requester import AsyncRequester

NAME = "prum_match, tasks"


class AsyncCrowd:
    """The same parties for an event loop."""

    def __init__(self, crowd: Crowd) -> None:
        self._crowd = crowd

    async def exchange(self, party: str, request: bytes, *, timeout: float) -> bytes:
        if party in SLOW:
            await asyncio.sleep(SLOWNESS)
        if party in HUNG:
            await asyncio.sleep(FOREVER)
        return self._crowd.answer(party, request)

    async def aclose(self) -> None:
        self._crowd.close()


def missing() -> str | None:
    return None


def load(case: FanOutCase) -> Pass:
    async def ask(crowd: Crowd) -> SearchOutcome:
        requester = AsyncRequester(AsyncCrowd(crowd), OWN, category="dna")
        outcome = await requester.search(case.probe, ASKED, timeout=TIMEOUT)
        left = asyncio.all_tasks() - {asyncio.current_task()}
        assert not left, "tasks are left"
        return outcome

    def run() -> Ended:
        return ended(lambda crowd: asyncio.run(ask(crowd)), Crowd(case))

    return Pass(
        run,
        answer,
        how="AsyncRequester: a task for each call; the loop's beginning and end are counted",
        measure=lambda found: found.seconds,
        detail=detail,
    )
