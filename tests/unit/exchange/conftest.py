"""A toy category, so that these tests know the exchange and no real category."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from prum_match import engine
from prum_match.errors import InvalidInput
from prum_match.exchange import Conversation, Responder
from prum_match.exchange.messages import (
    ReplyCandidate,
    RequestHead,
    Result,
    SearchReply,
    SearchRequest,
)
from prum_match.testing.clock import VirtualClock
from support.exchange.toy import Category, Gallery, Item, Policy

CATEGORY = Category()


def category(name: str) -> Category:
    if name != CATEGORY.name:
        raise InvalidInput("no such category", code="unknown_category")
    return CATEGORY


@pytest.fixture(autouse=True)
def toy_registry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "category", category)


@pytest.fixture
def toy() -> SimpleNamespace:
    return SimpleNamespace(Item=Item, Gallery=Gallery, Policy=Policy, category=CATEGORY)


@pytest.fixture
def clock() -> VirtualClock:
    # The time of this run: some tests let a virtual clock answer a real one, and a responder
    # refuses what is older than a day.
    return VirtualClock(datetime.now(UTC).replace(microsecond=0))


@pytest.fixture
def numbers() -> Callable[[], str]:
    counter = itertools.count(1)
    return lambda: f"n{next(counter)}"


@pytest.fixture
def conversation(clock: VirtualClock, numbers: Callable[[], str]) -> Conversation:
    return Conversation("AT", "toy", clock, numbers)


@pytest.fixture
def germany(toy: SimpleNamespace, clock: VirtualClock) -> Iterator[Responder]:
    gallery = Gallery({"DE-1": Item("apple"), "DE-2": Item("axe", "S"), "DE-3": Item("pear")})
    return Responder("DE", {"toy": gallery}, clock=clock)


@pytest.fixture
def request_of(clock: VirtualClock) -> Callable[..., SearchRequest]:
    time = clock()

    def build(**changes: Any) -> SearchRequest:
        fields: dict[str, Any] = {
            "category": "toy",
            "requesting": "AT",
            "requested": "DE",
            "number": "q1",
            "time": time,
            "reference": "AT-7",
            "type": "P",
            "probe": b'["apple", "P"]',
        }
        return SearchRequest(**{**fields, **changes})

    return build


@pytest.fixture
def reply_of(request_of: Callable[..., SearchRequest]) -> Callable[..., SearchReply]:
    def build(head: RequestHead | None = None, **changes: Any) -> SearchReply:
        head = head or request_of().head()
        fields: dict[str, Any] = {
            "result": Result.HIT,
            "number": "r1",
            "time": head.time,
            "request": head,
            "candidates": (
                ReplyCandidate(
                    rank=1,
                    reference="DE-1",
                    type="P",
                    quality=1,
                    readings=("strict", "wide"),
                    data=b"the matching data",
                ),
            ),
        }
        if changes.get("result", Result.HIT) is not Result.HIT:
            fields["candidates"] = ()
        return SearchReply(**{**fields, **changes})

    return build
