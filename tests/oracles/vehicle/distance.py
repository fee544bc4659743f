"""The cost of a read for a plate, straight from the definition.

Every table is a function of symbols, and cells are computed on demand. This oracle shares no code
with the library.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

Swap = Callable[[str, str], float]
Price = Callable[[str], float]


def levenshtein(a: str, b: str) -> int:
    """Return how many symbols have to be replaced, dropped or added to turn one text into another.

    >>> levenshtein("kitten", "sitting")
    3
    """
    if not a or not b:
        return len(a) + len(b)
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        row, last = [i], row
        for j, y in enumerate(b, 1):
            row.append(min(last[j - 1] + (x != y), last[j] + 1, row[-1] + 1))
    return row[-1]


def distance(
    truth: str,
    read: str,
    swap: Swap,
    deletion: Price,
    insertion: Price,
    leading: Price,
    trailing: Price,
) -> float:
    """Return the least total cost of all ways in which the true plate can become the read."""

    @cache
    def cell(i: int, j: int) -> float:
        ways = []
        if i and j:
            x, y = truth[i - 1], read[j - 1]
            ways.append(cell(i - 1, j - 1) + (0 if x == y else swap(x, y)))
        if i:
            ways.append(cell(i - 1, j) + deletion(truth[i - 1]))
        if j:
            price = leading if i == 0 else trailing if i == len(truth) else insertion
            ways.append(cell(i, j - 1) + price(read[j - 1]))
        return min(ways, default=0)

    return cell(len(truth), len(read))
