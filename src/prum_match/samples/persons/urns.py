"""Urns: weighted numbers, drawn by given chances, the same on every machine."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import fsum
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Numbers: TypeAlias = NDArray[np.int32]
Floats: TypeAlias = NDArray[np.float64]

# Weights become integers of this sum in each urn: sums of them are exact.
_WHOLE = 1 << 40


@dataclass(frozen=True, eq=False)
class Urns:
    """Many urns in a row: one search draws from all of them at once."""

    numbers: Numbers
    upto: NDArray[np.int64]
    begin: NDArray[np.int64]

    @classmethod
    def of(cls, urns: Iterable[tuple[Sequence[int], Sequence[float]]]) -> Urns:
        """Fill urns, each with numbers and their weights."""
        numbers, shares, sums = list[int](), list[int](), [0]
        for entries, weights in urns:
            # Python 3.12 adds up with `sum` otherwise than 3.11.
            scale = _WHOLE / fsum(weights)
            numbers.extend(entries)
            shares.extend(max(1, int(weight * scale)) for weight in weights)
            sums.append(len(shares))
        upto = np.cumsum(shares)
        return cls(np.array(numbers, np.int32), upto, np.concatenate([[0], upto])[sums])

    def draw(self, urn: Numbers | int, chance: Floats) -> Numbers:
        """Draw one number from each of the urns; a chance is from 0 to below 1."""
        begin, end = self.begin[urn], self.begin[np.add(urn, 1)]
        at = begin + (chance * (end - begin)).astype(np.int64)
        return self.numbers[np.searchsorted(self.upto, at, side="right")]


class Chance:
    """Draws one after the other.

    Everything is made of ``random()``: what other methods of a generator make of the same bits
    may change with the version of NumPy.
    """

    def __init__(self, *seed: int) -> None:
        self.random = np.random.Generator(np.random.PCG64(seed)).random

    def happens(self, share: float) -> bool:
        """Say whether something of this probability happens."""
        return self.random() < share

    def below(self, n: int) -> int:
        """Draw a number from 0 to n - 1."""
        return int(self.random() * n)

    def order(self, n: int) -> list[int]:
        """Draw an order of n things."""
        order: list[int] = np.argsort(self.random(n), kind="stable").tolist()
        return order
