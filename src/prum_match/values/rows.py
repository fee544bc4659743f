"""Sequences that make their items when they are asked for."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from typing import TypeVar, overload

Item = TypeVar("Item", covariant=True)


class Rows(Sequence[Item]):
    """A sequence whose items are rows of columns; a slice of it is a list."""

    @abstractmethod
    def _item_at(self, index: int) -> Item:
        """Make the item at an index from 0 up."""

    @overload
    def __getitem__(self, index: int) -> Item: ...
    @overload
    def __getitem__(self, index: slice) -> list[Item]: ...
    def __getitem__(self, index: int | slice) -> Item | list[Item]:
        if isinstance(index, slice):
            return [self._item_at(i) for i in range(*index.indices(len(self)))]
        return self._item_at(range(len(self))[index])

    def __iter__(self) -> Iterator[Item]:
        return (self._item_at(i) for i in range(len(self)))
