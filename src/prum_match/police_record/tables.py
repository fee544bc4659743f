"""Persons as tables of other libraries."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, overload

from prum_match.engine import Strings, Table
from prum_match.police_record.person import Person

__all__ = ["PersonTable", "table_columns"]

_TEXTS = ("first_names", "family_names", "birth_place", "country_of_birth", "gender")
_SEPARATORS = re.compile(r"[\s,;]+")


def table_columns() -> tuple[str, ...]:
    """Return the columns of a table of persons."""
    return (*_TEXTS, "aliases", "birth_date", "nationalities")


class PersonTable(Sequence[Person]):
    """Persons, one a row of a table; `Person` says what each column is.

    Aliases of one person are separated by semicolons, nationalities by blanks, commas or
    semicolons.

    Raises
    ------
    InvalidInput
        Code ``"bad_column_type"``.
    """

    def __init__(self, table: Table) -> None:
        self._n = table.n
        self._texts = {name: table.strings(name) for name in _TEXTS if name in table}
        self._aliases = _strings(table, "aliases")
        self._nationalities = _strings(table, "nationalities")
        self._birth_dates = _strings(table, "birth_date")

    def __len__(self) -> int:
        return self._n

    @overload
    def __getitem__(self, index: int) -> Person: ...
    @overload
    def __getitem__(self, index: slice) -> list[Person]: ...
    def __getitem__(self, index: int | slice) -> Person | list[Person]:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(self._n))]
        index = range(self._n)[index]
        values: dict[str, Any] = {name: column[index] for name, column in self._texts.items()}
        if self._birth_dates is not None:
            values["birth_date"] = self._birth_dates[index]
        if self._aliases is not None:
            values["aliases"] = [part for part in (self._aliases[index] or "").split(";") if part]
        if self._nationalities is not None:
            codes = _SEPARATORS.split(self._nationalities[index] or "")
            values["nationalities"] = [code for code in codes if code]
        return Person(**values)


def _strings(table: Table, name: str) -> Strings | None:
    return table.strings(name) if name in table else None
