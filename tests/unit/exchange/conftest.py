"""A toy category, so that these tests know the exchange and no real category."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from prum_match import engine
from prum_match.errors import ComparisonMismatch, InvalidInput
from prum_match.exchange import (
    Conversation,
    ReplyCandidate,
    RequestHead,
    Responder,
    Result,
    SearchReply,
    SearchRequest,
)
from prum_match.testing.clock import VirtualClock


@dataclass(frozen=True)
class Item:
    word: str
    type: str = "P"
    at_home: bool = False


@dataclass(frozen=True)
class Policy:
    max_candidates: int | None = None


class Category:
    """Words; equal words are quality 1, equal first letters quality 2."""

    name = "toy"
    responder_policy = Policy()
    fuses_subjects = False

    def probe_to_bytes(self, probe: Item) -> bytes | None:
        return None if probe.at_home else self.item_to_bytes(probe)

    def probe_from_bytes(self, data: bytes) -> Item:
        return self.item_from_bytes(data)

    def item_to_bytes(self, item: Item) -> bytes:
        return json.dumps([item.word, item.type]).encode()

    def item_from_bytes(self, data: bytes) -> Item:
        word, item_type = json.loads(data)
        return Item(word, item_type)

    def check_probe(self, probe: Item) -> None:
        if not probe.word:
            raise InvalidInput("too short", code="too_short")

    def check_subject(self, probe: Item, subject: str) -> None:
        if probe.word == "owner" and subject != "suspect":
            raise InvalidInput("not for this class", code="subject_not_allowed")

    def check_suitable(self, probe: Item, policy: Policy) -> None:
        if len(probe.word) == 1:
            raise InvalidInput("one letter fits half the register", code="too_short")

    def check_policy(self, policy: object) -> None:
        if not isinstance(policy, Policy):
            raise ComparisonMismatch("not a toy's", code="foreign_policy", field="policy")

    def item_type(self, item: Item) -> str:
        return item.type


@dataclass
class Gallery:
    items: dict[str, Item]
    generation: int = 0
    after_search: Callable[[Gallery], None] = lambda gallery: None
    searches: list[dict[str, Any]] = field(default_factory=list)

    def __getitem__(self, reference_id: str) -> Item:
        return self.items[reference_id]

    def __contains__(self, reference_id: object) -> bool:
        return reference_id in self.items

    def erase(self, reference_id: str) -> None:
        del self.items[reference_id]
        self.generation += 1

    def replace(self, reference_id: str, item: Item) -> None:
        self.items[reference_id] = item
        self.generation += 1

    def search(self, probe: Item, **options: Any) -> list[Any]:
        self.searches.append(options)
        found = [
            SimpleNamespace(
                reference_id=reference_id,
                quality=1 if item.word == probe.word else 2,
                readings=frozenset({"wide", "strict"} if item.word == probe.word else {"wide"}),
            )
            for reference_id, item in sorted(self.items.items())
            if item.word[:1] == probe.word[:1]
        ]
        found.sort(key=lambda candidate: candidate.quality)
        self.after_search(self)
        return found


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
        fields: dict[str, Any] = {
            "result": Result.HIT,
            "number": "r1",
            "time": datetime(2026, 1, 1, 0, 0, 5, tzinfo=UTC),
            "request": head or request_of().head(),
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
