"""What pseudonyms cost in quality: the links of FEBRL 4 by encodings of one kind and another.

Filters of whole records have a threshold that depends on the encoding: each gets the one that is
best on this very set, which flatters them. Filters of names are fitted without labels.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from benchmarks.machine import Machine
from benchmarks.police_record import febrl
from benchmarks.police_record.febrl import Febrl, Rows
from benchmarks.police_record.linkage import f1_of, figures
from benchmarks.task import Must, Options, Task
from benchmarks.task import Rows as Measured
from prum_match.police_record.persons.person import Person

FIELD, RECORD = "prum_match, names", "prum_match, records"
PLAIN, SALTED = "CLK", "CLK, names salted by year of birth"
# Below this no encoding has its best threshold.
LEAST = 0.5
BLOCK = 500


@dataclass(frozen=True)
class Side:
    """The persons of a register that have a name, and their rows in it."""

    persons: list[Person]
    rows: NDArray[np.int64]


@dataclass(frozen=True)
class PseudonymCase:
    """Two registers; `place`: whether suburb and state are known, which the law does not foresee.

    Without a name there is no pseudonym: such records are left out, and their links are missed.
    """

    febrl: Febrl
    place: bool

    @cached_property
    def sides(self) -> tuple[Side, Side]:
        return self._side(self.febrl.left), self._side(self.febrl.right)

    def judged(self, left: NDArray[np.int64], right: NDArray[np.int64]) -> Mapping[str, object]:
        """Return what links of persons of both sides are worth."""
        pairs = np.stack([self.sides[0].rows[left], self.sides[1].rows[right]], axis=1)
        return figures(self.febrl.links, febrl.ordered(pairs, one=False)).detail()

    def _side(self, rows: Rows) -> Side:
        made = [febrl.person(row, place=self.place) for row in rows]
        kept = [i for i, person in enumerate(made) if person.has_first or person.has_family]
        return Side([made[i] for i in kept], np.array(kept, np.int64))


class Pseudonyms(Task):
    value_unit = "s"
    rate_unit = "M pairs/s"
    size = 5_000
    quick_size = 600
    timed = False
    place: ClassVar[bool]

    def case(self, size: int, options: Options) -> PseudonymCase:
        return PseudonymCase(febrl.read(4, size), self.place)

    def title(self, case: PseudonymCase) -> str:
        if not case.febrl.left:
            return "FEBRL 4"
        fields = "names, birth date, suburb and state" if self.place else "names and birth date"
        return f"FEBRL 4, {len(case.febrl.left):,} x {len(case.febrl.right):,} persons, {fields}"

    def value(self, case: PseudonymCase, seconds: float) -> float:
        return seconds

    def rate(self, case: PseudonymCase, seconds: float) -> float:
        return len(case.febrl.left) * len(case.febrl.right) / seconds / 1e6


class National(Pseudonyms):
    """Filters of names hold no place, and compare the states in clear."""

    name = "police_pseudonyms_national"
    place = True

    def musts(self, case: PseudonymCase, rows: Measured, machine: Machine) -> list[Must]:
        return [
            Must.at_least(f"F1 of {RECORD} >= .942", f1_of(rows[RECORD]), 0.942, ""),
            Must.at_least(f"F1 of {FIELD}: goal .98", f1_of(rows[FIELD]), 0.98, ""),
        ]


class Legal(Pseudonyms):
    name = "police_pseudonyms_legal"
    place = False

    def musts(self, case: PseudonymCase, rows: Measured, machine: Machine) -> list[Must]:
        ours = f1_of(rows[FIELD])
        theirs = {name: f1_of(rows[name]) for name in (PLAIN, SALTED)}
        return [
            Must.at_least(f"F1 of {FIELD} >= that of {name}, {f1:.4f}", ours, f1, "")
            for name, f1 in theirs.items()
            if f1 is not None
        ]


Pairs = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]


def near(left: NDArray[np.uint8], right: NDArray[np.uint8]) -> Pairs:
    """Return the pairs of filters that may be of one person, and their Dice coefficients."""
    # Sums of up to 4,096 products of 0 and 1 are exact in float32.
    bits = [np.unpackbits(filters, axis=1).astype(np.float32) for filters in (left, right)]
    counts = [each.sum(axis=1) for each in bits]
    found = []
    for first in range(0, len(left), BLOCK):
        common = (bits[0][first : first + BLOCK] @ bits[1].T).astype(np.float64)
        sums = counts[0][first : first + BLOCK, None] + counts[1]
        dice = 2.0 * common / np.maximum(sums, 1)
        rows, columns = np.nonzero(dice >= LEAST)
        found.append((rows + first, columns, dice[rows, columns]))
    rows, columns, values = (np.concatenate(part) for part in zip(*found, strict=True))
    return rows.astype(np.int64), columns.astype(np.int64), values


def best(case: PseudonymCase, pairs: Pairs) -> Mapping[str, object]:
    """Return the figures at the threshold where F1 is best, and that threshold."""
    left, right, dice = pairs
    true = {*map(tuple, case.febrl.links.tolist())}
    rows = zip(case.sides[0].rows[left].tolist(), case.sides[1].rows[right].tolist(), strict=True)
    order = np.argsort(-dice, kind="stable")
    hits = np.cumsum(np.array([pair in true for pair in rows], bool)[order])
    dice = dice[order]
    # A threshold takes all pairs of a value, or none.
    ends = np.flatnonzero(np.append(dice[1:] != dice[:-1], True))
    f1 = 2 * hits[ends] / (ends + 1 + len(true))
    at = int(ends[np.argmax(f1)])
    taken = order[: at + 1]
    return {**case.judged(left[taken], right[taken]), "threshold": float(dice[at])}
