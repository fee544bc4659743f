"""A state's register of one category, with its complete history."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from support.exchange.toy import Category, Gallery, Item

CANARY = "qzx"
"""In all content: words, facts, core data. It must be in no log, audit entry or repr."""

CATEGORIES = {name: Category(name) for name in ("dna", "face", "toy")}
LETTERS = "abcde"

Found = frozenset[tuple[str, bytes]]


class Register(Gallery):
    """A gallery that remembers its past."""

    def __init__(self, category: Category, items: dict[str, Item]) -> None:
        super().__init__(items)
        self.category = category
        self.past = [dict(items)]
        self.on_search: Callable[[], None] = lambda: None

    def enrol(self, reference: str, item: Item) -> None:
        self.items[reference] = item
        self._changed()

    def erase(self, reference_id: str) -> None:
        del self.items[reference_id]
        self._changed()

    def replace(self, reference_id: str, item: Item) -> None:
        self.items[reference_id] = item
        self._changed()

    def search(self, probe: Item, **options: Any) -> list[Any]:
        found = super().search(probe, **options)
        self.on_search()
        if self.category.name != "face":
            return found
        # A category without grades.
        return [SimpleNamespace(**{**vars(one), "quality": None}) for one in found]

    def truths(self, probe: Item, since: int) -> list[Found]:
        """Return the results of a search at each moment since a generation."""
        return [
            frozenset(
                (reference, self.category.wire.reference_to_bytes(item))
                for reference, item in items.items()
                if item.word[:1] == probe.word[:1]
            )
            for items in self.past[since:]
        ]

    def _changed(self) -> None:
        self.generation += 1
        self.past.append(dict(self.items))
