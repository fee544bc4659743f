"""Frequencies of names: sharing a rare name is stronger evidence than sharing a common one."""

from __future__ import annotations

import csv
import math
from collections import Counter
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from prum_match.errors import InvalidInput
from prum_match.police_record.linkage.weights import in_units
from prum_match.police_record.names.folding import fold_name

NAMES = ("family", "first")
"""The components of a pattern that have frequencies."""

_COLUMNS = ("component", "name", "count")


@dataclass(frozen=True)
class TermFrequencies:
    """Relative frequencies of exact names.

    Where two persons have exactly the same name, of frequency ``f``, its weight grows by
    ``log2(u / f)``, with ``u`` the model's share of pairs of two persons that have the same name.
    So common names weigh less and rare ones more. A name that is not in the table counts as half
    as frequent as the rarest one in it.

    Parameters
    ----------
    family, first : mapping of hashable to float
        Frequencies of family names and of first names, by ``fold_name(...).exact``: all parts of a
        field are one name. Above 0, 1 at most.
    name : str, default "own"
        Name of the table.
    source : str, optional
        Where it comes from.

    Raises
    ------
    InvalidInput
        ``bad_frequencies``.

    See Also
    --------
    TermFrequencies.from_counts : from numbers of persons.
    TermFrequencies.load : from a file.

    Examples
    --------
    >>> table = TermFrequencies.from_counts({"Novák": 30, "Ångström": 1}, {"Eva": 5})
    >>> table
    <TermFrequencies: own, names: 2 family, 1 first>
    >>> table.units("family", ["novák", "ångström", "somebody"], same_by_chance=0.1)
    array([-3353,  1671,  2695], dtype=int32)
    """

    family: Mapping[Hashable, float] = field(repr=False)
    first: Mapping[Hashable, float] = field(repr=False)
    name: str = "own"
    source: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        for component in NAMES:
            table = getattr(self, component)
            if not isinstance(table, Mapping) or not all(map(_is_share, table.values())):
                raise _refused(component, "numbers above 0, 1 at most")
            object.__setattr__(self, component, MappingProxyType(dict(table)))

    def __hash__(self) -> int:
        return hash((self.name, len(self.family), len(self.first)))

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (dict(self.family), dict(self.first), self.name, self.source)

    @classmethod
    def from_counts(
        cls,
        family: Mapping[str, int],
        first: Mapping[str, int],
        *,
        name: str = "own",
        source: str = "",
    ) -> Self:
        """Make a table from the number of persons with each name.

        Parameters
        ----------
        family, first : mapping of str to int
            Numbers of persons by name, in any spelling; spellings that fold to one are added up.
        name, source : str
            As for the class.

        Raises
        ------
        InvalidInput
            ``bad_frequencies``: a number that is not one, or below 1; errors of ``fold_name``.
        """
        return cls(
            _relative("family", family.items()),
            _relative("first", first.items()),
            name=name,
            source=source,
        )

    @classmethod
    def load(cls, path: str | Path, *, name: str = "own", source: str = "") -> Self:
        """Read a CSV file with the columns ``component``, ``name`` and ``count``.

        Parameters
        ----------
        path : str or Path
            The file, in UTF-8; `component` is ``family`` or ``first``, and `count` how many
            persons have that name.
        name, source : str
            As for the class.

        Raises
        ------
        InvalidInput
            ``bad_frequencies``: a column is missing, another component, an invalid number.
        """
        counts: dict[str, list[tuple[str, Any]]] = {component: [] for component in NAMES}
        with open(path, encoding="utf-8", newline="") as file:
            for index, row in enumerate(csv.DictReader(file)):
                component, value, count = (row.get(column) for column in _COLUMNS)
                if component not in counts or not value or not str(count).isdecimal():
                    raise _refused("row", "component, name and count are needed").at(index)
                counts[component].append((value, int(str(count))))
        family, first = (_relative(component, counts[component]) for component in NAMES)
        return cls(family, first, name=name, source=source)

    def units(
        self, component: str, names: Iterable[Hashable], same_by_chance: float
    ) -> NDArray[np.int32]:
        """Return the weight that frequencies add where names are exactly the same.

        Parameters
        ----------
        component : {"family", "first"}
            Which names.
        names : iterable of hashable
            ``fold_name(...).exact``.
        same_by_chance : float
            The model's share of pairs of two persons with the same name, ``u``.

        Returns
        -------
        numpy.ndarray of int32
            In 1/1024 bit; 0 if the table has no names of the component.
        """
        table = getattr(self, component)
        if not table:
            return np.zeros(sum(1 for _ in names), dtype=np.int32)
        unseen = min(table.values()) / 2
        return in_units([math.log2(same_by_chance / table.get(each, unseen)) for each in names])

    def __repr__(self) -> str:
        family, first = len(self.family), len(self.first)
        return f"<TermFrequencies: {self.name}, names: {family} family, {first} first>"


def _relative(component: str, counts: Iterable[tuple[str, int]]) -> dict[Hashable, float]:
    """Return the shares of folded names."""
    found: Counter[Hashable] = Counter()
    for name, count in counts:
        if type(count) is not int or count < 1:
            raise _refused(component, "whole numbers above 0")
        found[fold_name(name).exact] += count
    total = sum(found.values())
    return {name: count / total for name, count in found.items()}


def _is_share(value: object) -> bool:
    return isinstance(value, float | int) and not isinstance(value, bool) and 0 < value <= 1


def _refused(field: str, rule: str) -> InvalidInput:
    return InvalidInput(
        "not a table of frequencies", code="bad_frequencies", field=field, rule=rule
    )
