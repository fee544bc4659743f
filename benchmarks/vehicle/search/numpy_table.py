"""NumPy: the textbook table with a price for every pair, over many plates of one length at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from benchmarks.task import Pass
from benchmarks.vehicle.register import Register
from benchmarks.vehicle.search import SearchCase, sweep
from prum_match import vehicle
from prum_match.vehicle.numbers.alphabet import CODE_OF, MAX_PLATE

NAME = "NumPy tables"
PLATES = 4e6
# A row of the table stays in the cache.
BLOCK = 16_384
FREE = 0

Codes = NDArray[np.uint8]
Totals = NDArray[np.uint32]


def missing() -> str | None:
    return None


def load(case: SearchCase) -> Pass:
    assert case.most is not None
    costs = vehicle.UNIT_COSTS if case.costs == "unit" else vehicle.OCR_COSTS
    groups, most = by_length(case.register), round(case.most * 1000)

    def search(texts: Sequence[str]) -> list[NDArray[np.intp]]:
        return [_near(groups, text, costs, most) for text in texts]

    return sweep(case, search, list, count=case.few(PLATES))


def by_length(register: Register) -> list[tuple[NDArray[np.intp], Codes]]:
    """Return for every length the rows, and their codes by place."""
    code_of = np.zeros(0x200, np.uint8)
    for symbol, code in CODE_OF.items():
        code_of[ord(symbol)] = code
    characters = register.plates.view(np.uint32).reshape(len(register), -1)
    lengths = np.count_nonzero(characters, axis=1)
    groups = []
    for length in range(1, MAX_PLATE + 1):
        rows = np.flatnonzero(lengths == length)
        if len(rows):
            codes = code_of[characters[rows, :length]]
            groups.append((rows, np.ascontiguousarray(codes.T)))
    return groups


def _near(
    groups: list[tuple[NDArray[np.intp], Codes]], text: str, costs: vehicle.Costs, most: int
) -> NDArray[np.intp]:
    read = [CODE_OF[symbol] for symbol in text]
    found = [np.empty(0, np.intp)]
    for rows, codes in groups:
        for begin in range(0, len(rows), BLOCK):
            totals = _totals(codes[:, begin : begin + BLOCK], read, costs)
            found.append(rows[begin : begin + BLOCK][totals <= most])
    return np.concatenate(found)


def _totals(codes: Codes, read: list[int], costs: vehicle.Costs) -> Totals:
    """Return the least costs between plates and a read."""
    length, n = codes.shape
    row = [np.full(n, total) for total in np.cumsum([FREE, *costs.leading[read]], dtype=np.uint32)]
    for place in range(length):
        truth = codes[place]
        lost = costs.deletion[truth]
        inserted = costs.trailing if place == length - 1 else costs.insertion
        before, row = row, [row[FREE] + lost]
        for j, symbol in enumerate(read, 1):
            ways = before[j - 1] + costs.substitution[:, symbol][truth]
            np.minimum(ways, before[j] + lost, out=ways)
            row.append(np.minimum(ways, row[j - 1] + inserted[symbol]))
    return row[-1]
