"""The FEBRL sets of synthetic Australians with errors: ``$PRUM_SHARED/data/police_record/febrl``.

Their states stand for countries of birth, which no rival needs to know: it has the column itself.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from prum_match.errors import InvalidInput
from prum_match.police_record.persons.person import Person
from prum_match.values.dates import PartialDate

Rows: TypeAlias = list[dict[str, str]]
Pairs: TypeAlias = NDArray[np.int64]

# Any eight countries: a state that is mistyped is none of them.
COUNTRIES = {"nsw": "AT", "vic": "BE", "qld": "BG", "wa": "CY", "sa": "CZ", "tas": "DE"}
COUNTRIES |= {"act": "DK", "nt": "EE"}


@dataclass(frozen=True)
class Febrl:
    """Two registers, or one twice, and which of their persons are one.

    Attributes
    ----------
    left, right : list of dict
        Rows of the files; the same list where there is one register.
    links : numpy.ndarray of int64
        Pairs of positions, in order; within one register the smaller first.
    """

    left: Rows
    right: Rows
    links: Pairs

    @property
    def one(self) -> bool:
        """Whether there is one register, with doubles."""
        return self.left is self.right

    @cached_property
    def persons(self) -> tuple[Sequence[Person], Sequence[Person]]:
        left = [person(row) for row in self.left]
        return left, left if self.one else [person(row) for row in self.right]

    def frames(self) -> tuple[Any, Any]:
        """Return both registers as pandas has them, what is blank missing."""
        import pandas as pd

        frames = [pd.DataFrame(rows).replace("", None) for rows in (self.left, self.right)]
        for frame in frames:
            frame["position"] = np.arange(len(frame))
        return frames[0], frames[0] if self.one else frames[1]


def folder() -> Path | None:
    root = os.environ.get("PRUM_SHARED")
    found = Path(root, "data", "police_record", "febrl") if root else None
    return found if found is not None and found.is_dir() else None


def missing() -> str | None:
    """Say that the sets are not there; None: they are."""
    return None if folder() else "FEBRL is not there: set PRUM_SHARED"


def read(number: int, size: int) -> Febrl:
    """Read a set, or the first persons of each register of it."""
    place = folder()
    if place is None:
        return Febrl([], [], np.empty((0, 2), np.int64))
    if number == 4:
        left, right = (_rows(place / f"febrl4{side}.csv")[:size] for side in "ab")
    else:
        left = right = _rows(place / f"febrl{number}.csv")[:size]
    where = [{row["rec_id"]: i for i, row in enumerate(rows)} for rows in (left, right)]
    given = ((row["a"], row["b"]) for row in _rows(place / f"febrl{number}_links.csv"))
    found = [(where[0][a], where[1][b]) for a, b in given if a in where[0] and b in where[1]]
    return Febrl(left, right, ordered(found, one=left is right))


def ordered(pairs: Any, *, one: bool) -> Pairs:
    """Return distinct pairs in order; within one register the smaller first."""
    found = np.asarray(pairs, np.int64).reshape(-1, 2)
    return np.unique(np.sort(found, axis=1) if one else found, axis=0)


def person(row: dict[str, str], *, place: bool = True) -> Person:
    """Return the person of a row; of a date that there never was the year is left."""
    return Person(
        row["given_name"],
        row["surname"],
        birth_date=_date(row["date_of_birth"]),
        birth_place=row["suburb"] if place else None,
        country_of_birth=COUNTRIES.get(row["state"]) if place else None,
    )


def _date(text: str) -> PartialDate | None:
    for digits in (text, text[:4]):
        try:
            return Person(birth_date=digits).birth_date
        except InvalidInput:
            continue
    return None


def _rows(path: Path) -> Rows:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
