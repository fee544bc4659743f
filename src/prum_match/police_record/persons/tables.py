"""Persons as tables of other libraries."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from prum_match.engine import Strings, Table
from prum_match.police_record.persons.person import Person
from prum_match.values.rows import Rows

_TEXTS = ("first_names", "family_names", "birth_place", "country_of_birth", "gender")
_DATE = "birth_date"
_ALIAS_END = re.compile(";")


def table_columns() -> tuple[str, ...]:
    """Return the columns of a table of persons."""
    return (*_TEXTS, "aliases", _DATE, "nationalities")


class PersonTable(Rows[Person]):
    """Persons, one a row of a table; `Person` says what each column is.

    Aliases of one person are separated by semicolons, nationalities by blanks, commas or
    semicolons; birth dates are texts or dates.
    """

    def __init__(self, table: Table) -> None:
        self._n = table.n
        self._columns: dict[str, Strings | list[str | None]] = {
            name: table.strings(name) for name in table_columns() if name in table and name != _DATE
        }
        if _DATE in table:
            self._columns[_DATE] = _dates(table)

    def __len__(self) -> int:
        return self._n

    def _item_at(self, index: int) -> Person:
        return person_of_cells({name: column[index] for name, column in self._columns.items()})


def _dates(table: Table) -> Strings | list[str | None]:
    if not table.is_days(_DATE):
        return table.strings(_DATE)
    moments = table.moments(_DATE, days=True)
    days = moments.micros.astype("M8[us]").astype("M8[D]").astype(str).tolist()
    # What is no day of the calendar is refused as any other text that is no date.
    given = (
        "impossible" if bad else day for day, bad in zip(days, moments.impossible, strict=True)
    )
    return [None if null else day for day, null in zip(given, moments.null, strict=True)]


def person_of_cells(cells: Mapping[str, str | None]) -> Person:
    """Return the person in a row: aliases are separated by semicolons."""
    values: dict[str, Any] = dict(cells)
    parts = _ALIAS_END.split(values.pop("aliases", None) or "")
    values["aliases"] = [part for part in parts if part]
    return Person(**values)
