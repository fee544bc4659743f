"""Who is in both registers: fit without labels, then link, on the sets of FEBRL."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from benchmarks.machine import Machine
from benchmarks.police_record import febrl
from benchmarks.police_record.febrl import Febrl, Pairs
from benchmarks.task import Must, Options, Row, Rows, Task

# Names and birth date, and where: the columns that all get.
COLUMNS = ("given_name", "surname", "date_of_birth", "suburb", "state")
THRESHOLD = 0.5
SPLINK = "splink"


@dataclass(frozen=True)
class Figures:
    """How right the links are."""

    precision: float
    recall: float

    @property
    def f1(self) -> float:
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0

    def detail(self) -> Mapping[str, object]:
        return {"F1": self.f1, "precision": self.precision, "recall": self.recall}


def figures(true: Pairs, found: Pairs) -> Figures:
    """Hold links against the true ones; both are distinct and in order."""
    right = len({*map(tuple, true.tolist())} & {*map(tuple, found.tolist())})
    return Figures(right / len(found) if len(found) else 0.0, right / len(true))


class Linkage(Task):
    """One of the sets; the time is that of the fit and of the links from .5 on."""

    value_unit = "s"
    rate_unit = "M pairs/s"
    number: ClassVar[int]
    quick_size = 600
    f1_least: ClassVar[float | None] = None

    def case(self, size: int, options: Options) -> Febrl:
        return febrl.read(self.number, size)

    def title(self, case: Febrl) -> str:
        if not case.left:
            return f"FEBRL {self.number}"
        sides = f"{len(case.left):,} records" + ("" if case.one else f" x {len(case.right):,}")
        return (
            f"FEBRL {self.number}, {sides}, {len(case.links):,} true links: names, birth date, "
            f"suburb and state; fit without labels and link from {THRESHOLD}"
        )

    def value(self, case: Febrl, seconds: float) -> float:
        return seconds

    def rate(self, case: Febrl, seconds: float) -> float:
        n = len(case.left)
        return (n * (n - 1) / 2 if case.one else n * len(case.right)) / seconds / 1e6

    def musts(self, case: Febrl, rows: Rows, machine: Machine) -> list[Must]:
        ours = f1_of(rows["prum_match"])
        splinks = [row for name, row in rows.items() if name.startswith(SPLINK)]
        theirs = [f1 for f1 in map(f1_of, splinks) if f1 is not None]
        musts = []
        if theirs:
            text = f"F1 >= that of {SPLINK} in the better of its ways, {max(theirs):.4f}"
            musts.append(Must.at_least(text, ours, max(theirs), ""))
        if self.f1_least is not None:
            musts.append(Must.at_least(f"F1 >= {self.f1_least}", ours, self.f1_least, ""))
            faster = min((row.times_ours for row in splinks if row.times_ours), default=None)
            musts.append(Must.at_least(f"faster than {SPLINK}", faster, 1.0, "x"))
        return musts


def f1_of(row: Row) -> float | None:
    found = row.detail.get("F1")
    return found if isinstance(found, float) else None


class Febrl1(Linkage):
    name = "police_febrl1"
    number = 1
    size = 1_000


class Febrl2(Linkage):
    name = "police_febrl2"
    number = 2
    size = 5_000


class Febrl4(Linkage):
    name = "police_febrl4"
    number = 4
    size = 5_000
    f1_least = 0.987


def judged(case: Febrl, left: Any, right: Any) -> Mapping[str, object]:
    """Return what the links of a library are worth."""
    pairs = febrl.ordered(np.stack([left, right], axis=1), one=case.one)
    return figures(case.links, pairs).detail()
