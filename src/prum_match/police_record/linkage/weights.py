"""Match weights as whole numbers, so that sums are the same on every machine."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from prum_match.police_record.linkage.patterns import levels_of

Table: TypeAlias = NDArray[np.int32]

UNIT = 1024
"""Units in a bit."""

MOST_BITS = 64
"""Greatest weight of a level, for or against."""


@dataclass(frozen=True, eq=False)
class Weights:
    """The weight of each level of each field, in 1/1024 bit; level 0, *not known*, weighs 0."""

    family: Table
    first: Table
    exchanged: int
    alias: int
    date: Table
    place: Table
    country: Table
    nationality: Table
    gender: Table

    def of(self, codes: ArrayLike) -> Table:
        """Return the weights of patterns, without frequencies of names."""
        total = np.zeros(np.shape(codes), dtype=np.int32)
        levels = levels_of(codes)
        for each in fields(self):
            table = getattr(self, each.name)
            column = levels[each.name]
            total += table * (column == 2) if isinstance(table, int) else table[column]
        return total


def in_units(bits: ArrayLike) -> Table:
    """Return weights in units: at most 64 bits for or against, rounded half to even."""
    clipped = np.clip(np.asarray(bits, dtype=np.float64), -MOST_BITS, MOST_BITS)
    return np.rint(clipped * UNIT).astype(np.int32)
