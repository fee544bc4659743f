"""Nicknames: pairs of first names that stand for each other."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from prum_match.errors import InvalidInput
from prum_match.police_record.names.folding import fold_name
from prum_match.values.packagedata import package_rows


class Nicknames:
    """Pairs of first names, one of them a nickname of the other.

    Parameters
    ----------
    pairs : iterable of tuple of str, optional
        Names in any spelling; either may come first. None: the English ones that are shipped,
        read when the first name is looked up.

    Examples
    --------
    >>> names = Nicknames([("Johannes", "Hans"), ("Johannes", "Hannes")])
    >>> names.of("HANS"), names.of("JOHANNES")
    (('JOHANNES',), ('HANNES', 'HANS'))
    """

    def __init__(self, pairs: Iterable[tuple[str, str]] | None = None) -> None:
        self._others = None if pairs is None else _both_ways(pairs)

    @classmethod
    def load(cls, path: str | Path) -> Nicknames:
        """Read a CSV file with the columns ``name1`` and ``name2``.

        Parameters
        ----------
        path : str or Path
            The file, in UTF-8; other columns are ignored.

        Raises
        ------
        InvalidInput
            ``bad_nicknames``: a column or a name is missing.
        """
        with open(path, encoding="utf-8", newline="") as file:
            return cls(_pairs(list(csv.DictReader(file))))

    def of(self, form: str) -> tuple[str, ...]:
        """Return the forms that are nicknames of this one, or of which it is a nickname.

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
        >>> from prum_match.police_record.names.nicknames import ENGLISH
        >>> "BILL" in ENGLISH.of("WILLIAM"), "WILLIAM" in ENGLISH.of("BILL")
        (True, True)
        """
        return self._table().get(form, ())

    def __len__(self) -> int:
        return len(self._table())

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Nicknames):
            return NotImplemented
        return self is other or self._table() == other._table()

    def __hash__(self) -> int:
        # The same for all: a hash of the names would load those that are shipped.
        return hash(Nicknames)

    def __reduce__(self) -> str | tuple[Any, ...]:
        return "ENGLISH" if self is ENGLISH else super().__reduce__()

    def __repr__(self) -> str:
        return "<Nicknames>"

    def _table(self) -> dict[str, tuple[str, ...]]:
        # Not at import time, which it would slow down.
        if self._others is None:
            rows = package_rows("prum_match.police_record", "nicknames_en.csv")
            self._others = _both_ways(_pairs(rows))
        return self._others


ENGLISH = Nicknames()
"""English nicknames."""


def _both_ways(pairs: Iterable[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    others: dict[str, set[str]] = {}
    for index, pair in enumerate(pairs):
        if len(pair) != 2 or not all(isinstance(name, str) for name in pair):
            raise InvalidInput(
                "two names are needed", code="bad_nicknames", field="pairs", index=index
            )
        first, second = (fold_name(name).forms for name in pair)
        for one in first:
            for other in second:
                if one != other:
                    others.setdefault(one, set()).add(other)
                    others.setdefault(other, set()).add(one)
    return {form: tuple(sorted(names)) for form, names in others.items()}


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
