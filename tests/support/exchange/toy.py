"""A toy category, so that tests of the exchange do not depend on a real category."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import numpy as np

from prum_match import engine
from prum_match.errors import ComparisonMismatch, InvalidInput


@dataclass(frozen=True)
class Item:
    word: str
    type: str = "P"
    at_home: bool = False


@dataclass(frozen=True)
class Policy:
    max_candidates: int | None = None


class Wire(engine.Wire[Any, Any]):
    """Words as JSON."""

    responder_policy = Policy()

    def probe_to_bytes(self, probe: Item) -> bytes | None:
        return None if probe.at_home else self.reference_to_bytes(probe)

    def probe_from_bytes(self, data: bytes) -> Item:
        word, item_type = json.loads(data)
        return Item(word, item_type)

    def reference_to_bytes(self, item: Item, features: Collection[str] | None = None) -> bytes:
        return json.dumps([item.word, item.type]).encode()

    def check_probe(self, probe: Item) -> None:
        if not probe.word:
            raise InvalidInput("too short", code="too_short")

    def check_subject(self, probe: Item, subject: str) -> None:
        if probe.word == "owner" and subject != "suspect":
            raise InvalidInput("not for this class", code="subject_not_allowed")

    def check_suitable(self, probe: Item, policy: Any) -> None:
        if len(probe.word) == 1:
            raise InvalidInput("one letter fits half the register", code="too_short")

    def item_type(self, item: Item) -> str:
        return item.type


class Layout:
    """Words as codes of their letters."""

    def encode(self, items: Sequence[Item]) -> engine.Encoded:
        words = json.dumps([[item.word, item.type] for item in items]).encode()
        return engine.Encoded({"words": np.frombuffer(words, np.uint8)}, np.arange(len(items)))


class Matching:
    """Words; equal words are quality 1, equal first letters quality 2."""

    fuses_subjects = False

    def policy_of(self, policy: object) -> Policy:
        if not isinstance(policy, Policy):
            raise ComparisonMismatch("not a toy's", code="foreign_policy", field="policy")
        return policy


@dataclass(frozen=True)
class Category:
    """The parts of a category that the exchange uses."""

    name: str = "toy"
    layout: Layout = field(default_factory=Layout)
    wire: Wire = field(default_factory=Wire)
    matching: Matching = field(default_factory=Matching)

    def required_wire(self) -> Wire:
        return self.wire


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
