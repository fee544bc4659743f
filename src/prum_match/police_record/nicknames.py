"""Nicknames: which first names stand for which."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from prum_match.errors import InvalidInput
from prum_match.police_record.folding import fold_name
from prum_match.values.packagedata import package_rows

__all__ = ["ENGLISH", "Nicknames"]

ENGLISH: Nicknames
"""English nicknames; read when first asked for."""


class Nicknames:
    """Pairs of first names, one of them a nickname of the other.

    Parameters
    ----------
    pairs : iterable of tuple of str
        Names in any spelling; either may come first.

    Examples
    --------
    >>> names = Nicknames([("Johannes", "Hans"), ("Johannes", "Hannes")])
    >>> names.of("HANS"), names.of("JOHANNES")
    (('JOHANNES',), ('HANNES', 'HANS'))
    """

    def __init__(self, pairs: Iterable[tuple[str, str]]) -> None:
        others: dict[str, set[str]] = {}
        for pair in pairs:
            first, second = (fold_name(name).forms for name in pair)
            for one in first:
                for other in second:
                    if one != other:
                        others.setdefault(one, set()).add(other)
                        others.setdefault(other, set()).add(one)
        self._others = {form: tuple(sorted(names)) for form, names in others.items()}

    @classmethod
    def load(cls, path: str | Path) -> Nicknames:
        """Read a CSV file with the columns ``name1`` and ``name2``.

        Parameters
        ----------
        path : str or Path
            The file, in UTF-8; other columns are not looked at.

        Returns
        -------
        Nicknames

        Raises
        ------
        InvalidInput
            ``bad_nicknames``: a column or a name is missing.
        """
        with open(path, encoding="utf-8", newline="") as file:
            return cls(_pairs(list(csv.DictReader(file))))

    def of(self, form: str) -> tuple[str, ...]:
        """Return the forms that are a nickname of this one, or that it is a nickname of.

        Parameters
        ----------
        form : str
            One of `Folded.forms`.

        Returns
        -------
        tuple of str
            In order; empty if there are none.

        Examples
        --------
        >>> "BILL" in ENGLISH.of("WILLIAM"), "WILLIAM" in ENGLISH.of("BILL")
        (True, True)
        """
        return self._others.get(form, ())

    def __len__(self) -> int:
        return len(self._others)

    def __repr__(self) -> str:
        return f"<Nicknames: {len(self)} forms>"


def _pairs(rows: list[dict[str, str]]) -> Iterable[tuple[str, str]]:
    for index, row in enumerate(rows):
        for column in ("name1", "name2"):
            if not row.get(column):
                raise InvalidInput(
                    "a row of the table of nicknames lacks a name",
                    code="bad_nicknames",
                    field=column,
                    index=index,
                )
        yield row["name1"], row["name2"]


@cache
def _english() -> Nicknames:
    return Nicknames(_pairs(package_rows("prum_match.police_record", "nicknames_en.csv")))


# Read on first use: it would make every import slower.
def __getattr__(name: str) -> Any:
    if name == "ENGLISH":
        return _english()
    raise AttributeError(name)
