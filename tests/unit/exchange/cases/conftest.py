"""Three categories for one case. The toy stands for one that no act regulates, face for itself."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from prum_match import engine
from prum_match.exchange import InProcessTransport, Responder
from prum_match.testing.clock import VirtualClock
from support.exchange.toy import Gallery, Item


class Named:
    """The toy category under another name, as a host's own category would be."""

    def __init__(self, toy: SimpleNamespace, name: str) -> None:
        self._toy, self.name = toy.category, name

    def __getattr__(self, name: str) -> Any:
        return getattr(self._toy, name)


class Face(Named):
    """As the table of rules has it: no type in the messages, and no grade."""

    def item_type(self, item: Item) -> None:
        return None


@pytest.fixture
def categories(toy: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> dict[str, Named]:
    known = {name: Named(toy, name) for name in ("toy", "voice")}
    known["face"] = Face(toy, "face")
    monkeypatch.setattr(engine, "category", known.__getitem__)
    return known


@pytest.fixture
def probes(categories: dict[str, Named]) -> dict[str, Item]:
    return {name: Item("apple") for name in categories}


def ungraded(gallery: Gallery) -> Gallery:
    search = gallery.search

    def without_grade(probe: Item, **options: Any) -> Any:
        found = search(probe, **options)
        for candidate in found:
            candidate.quality = None
        return found

    gallery.search = without_grade
    return gallery


@pytest.fixture
def states(categories: dict[str, Named], clock: VirtualClock) -> InProcessTransport:
    """The line of AT to two states that hold data of every category."""

    def responder(party: str) -> Responder:
        galleries = {
            name: Gallery({f"{party}-{name}": Item("apple"), f"{party}-x": Item("ax")})
            for name in categories
        }
        ungraded(galleries["face"])
        return Responder(party, galleries, clock=clock)

    return InProcessTransport({party: responder(party) for party in ("DE", "FR")}, "AT")
