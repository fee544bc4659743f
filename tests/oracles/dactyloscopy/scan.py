"""The quick pass of a cascade in integers: the score of a print, and the rows that are kept.

This oracle does not use native code; it takes the codes as given.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil

import numpy as np
from numpy.typing import NDArray

# Components that are looked at, the product that speaks for a pair, and how prints are evened out.
COMPONENTS, FLOOR, ALLOWANCE = 32, 3000, 40
TURNS = 64
# Weights of the directions around one, three to each side.
AROUND = (1, 2, 4, 4, 4, 2, 1)


def worth(
    codes: NDArray[np.int8],
    turns: NDArray[np.uint16],
    other_codes: NDArray[np.int8],
    other_turns: NDArray[np.uint16],
) -> int:
    """Return the quick score of two prints.

    Each minutia of the first votes for the rotation to the most similar one of the second, the
    first of several.
    """
    votes = [0] * TURNS
    products = codes[:, :COMPONENTS].astype(int) @ other_codes[:, :COMPONENTS].astype(int).T
    for row, turn in zip(products, turns.tolist(), strict=True):
        best = int(row.argmax()) if row.size else 0
        over = int(row[best]) - FLOOR if row.size else 0
        if over > 0:
            turned = (int(other_turns[best]) // 256 - turn // 256) % 256 // 4
            votes[turned] += over * over // 1024
    most = max(
        sum(weight * votes[(turn + k - 3) % TURNS] for k, weight in enumerate(AROUND))
        for turn in range(TURNS)
    )
    return most // (len(other_codes) + ALLOWANCE)


def kept(worths: Mapping[str, int], share: float) -> set[str]:
    """Return the best share of the references, and those that tie with its last one."""
    if not worths:
        return set()
    n = max(1, min(ceil(share * len(worths)), len(worths)))
    least = sorted(worths.values(), reverse=True)[n - 1]
    return {name for name, value in worths.items() if value >= least}
