"""Fields of persons that the law leaves clear, as columns: Reg. (EU) 2024/982, Art. 25(1), (2)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from itertools import accumulate, chain
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from prum_match.engine.progress import paced
from prum_match.values.dates import PartialDate

GENDERS = (None, "F", "M", "X")
"""Genders by their number in the column."""

_GENDER_NUMBERS = {gender: number for number, gender in enumerate(GENDERS)}

# One more than there are months, and days in a month: 0 stands for an unknown part.
_MONTHS, _DAYS = 13, 32


class HasClearFields(Protocol):
    """A person, in clear or encoded."""

    @property
    def birth_date(self) -> PartialDate | None:
        """Birth date, possibly partial."""
        ...

    @property
    def gender(self) -> str | None:
        """``"F"``, ``"M"``, ``"X"`` or None."""
        ...

    @property
    def country_of_birth(self) -> str | None:
        """Alpha-2 code."""
        ...

    @property
    def nationalities(self) -> tuple[str, ...]:
        """Alpha-2 codes, sorted and distinct."""
        ...


@dataclass(frozen=True, eq=False)
class ClearFields:
    """Clear fields of many persons, as columns."""

    birth_date: NDArray[np.uint32]
    gender: NDArray[np.uint8]
    country_of_birth: NDArray[np.uint16]
    nationality_offsets: NDArray[np.int64]
    nationalities: NDArray[np.uint16]

    @classmethod
    def of(cls, persons: Iterable[HasClearFields]) -> ClearFields:
        """Return the columns of persons, in clear or encoded."""
        persons = list(persons)
        lists = [person.nationalities for person in paced(persons, counted=False)]
        countries = [person.country_of_birth for person in persons]
        return cls(
            np.array([pack_date(p.birth_date) for p in paced(persons, counted=False)], np.uint32),
            np.array([_GENDER_NUMBERS[p.gender] for p in paced(persons, counted=False)], np.uint8),
            np.array([pack_country(each) for each in paced(countries, counted=False)], np.uint16),
            np.array([*accumulate(map(len, lists), initial=0)], np.int64),
            np.array(
                [pack_country(code) for code in paced(chain.from_iterable(lists), counted=False)],
                np.uint16,
            ),
        )

    def __len__(self) -> int:
        return len(self.birth_date)

    def at(self, index: int) -> tuple[PartialDate | None, str | None, str | None, tuple[str, ...]]:
        """Return birth date, gender, country of birth and nationalities of one person."""
        i = range(len(self))[index]
        codes = self.nationalities[self.nationality_offsets[i] : self.nationality_offsets[i + 1]]
        return (
            unpack_date(int(self.birth_date[i])),
            GENDERS[int(self.gender[i])],
            unpack_country(int(self.country_of_birth[i])),
            tuple(code for code in map(unpack_country, codes.tolist()) if code is not None),
        )


def pack_date(date: PartialDate | None) -> int:
    """Return a date as one number, 0 for none; later dates have larger ones."""
    if date is None:
        return 0
    return (date.year * _MONTHS + (date.month or 0)) * _DAYS + (date.day or 0)


def unpack_date(number: int) -> PartialDate | None:
    """Return the date of :func:`pack_date`."""
    if number == 0:
        return None
    months, day = divmod(number, _DAYS)
    year, month = divmod(months, _MONTHS)
    return PartialDate(year, month or None, day or None)


@cache
def pack_country(code: str | None) -> int:
    """Return the two letters of a country as one number, 0 for none."""
    return 0 if code is None else int.from_bytes(code.encode("ascii"), "big")


@cache
def unpack_country(number: int) -> str | None:
    """Return the code of :func:`pack_country`."""
    return number.to_bytes(2, "big").decode("ascii") if number else None
