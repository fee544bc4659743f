"""What agreement weighs: match weights as whole numbers, so that sums are the same everywhere."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from prum_match.police_record.linkage.patterns import levels_of

__all__ = ["MOST_BITS", "UNIT", "Weights", "in_units"]

Table: TypeAlias = NDArray[np.int32]

UNIT = 1024
"""Units in a bit."""

MOST_BITS = 64
"""No level weighs more, for or against."""


@dataclass(frozen=True, eq=False)
class Weights:
    """The weight of each level of each field, in 1/1024 bit; level 0, *not known*, weighs 0.

    Parameters
    ----------
    family, first : array of int32, shape (9,)
        By `NameLevel`.
    exchanged : int
        Of names that are exchanged, instead of those of family and first name.
    alias : int
        Added where either name is an alias; never more than 0.
    date : array of int32, shape (8,)
        By `DateLevel`.
    place : array of int32, shape (9,)
        By `NameLevel`.
    country, nationality, gender : array of int32, shape (3,)
        By `CountryLevel`.
    """

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
        """Return what patterns weigh, names of no special frequency.

        Parameters
        ----------
        codes : array_like of int
            Numbers of patterns.

        Returns
        -------
        numpy.ndarray of int32

        Examples
        --------
        >>> from prum_match.police_record.linkage.model import START
        >>> START.weights().of([0])
        array([0], dtype=int32)
        """
        total = np.zeros(np.shape(codes), dtype=np.int32)
        levels = levels_of(codes)
        for each in fields(self):
            table = getattr(self, each.name)
            column = levels[each.name]
            total += table * (column == 2) if isinstance(table, int) else table[column]
        return total


def in_units(bits: ArrayLike) -> Table:
    """Return weights in units: at most 64 bits for or against, rounded half to even.

    Parameters
    ----------
    bits : array_like of float
        Weights in bits.

    Returns
    -------
    numpy.ndarray of int32

    Examples
    --------
    >>> in_units([1.5, -100])
    array([  1536, -65536], dtype=int32)
    """
    clipped = np.clip(np.asarray(bits, dtype=np.float64), -MOST_BITS, MOST_BITS)
    return np.rint(clipped * UNIT).astype(np.int32)
