"""Prints in tables: a column of records of minutiae, as bytes."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from prum_match.dactyloscopy.formats.detect import read
from prum_match.dactyloscopy.template import Template
from prum_match.engine import Table, TableReader
from prum_match.errors import InvalidInput, PrumError
from prum_match.values.rows import Rows

RECORD = "record"
"""Name of the column, and of the argument in a mapping."""


def print_of(record: bytes | None) -> Template:
    """Return the print of a record of one print."""
    templates: Sequence[Template] = () if record is None else read(record)
    if len(templates) != 1:
        raise InvalidInput(
            "a row of a table holds a record of one print", code="not_one_print", field=RECORD
        )
    return templates[0]


class TablePrints(Rows[Template]):
    """Records of one print each, a row a record; a row that is none raises when it is read."""

    def __init__(self, table: Table) -> None:
        self._records = table.binary(RECORD)

    def __len__(self) -> int:
        return len(self._records)

    def _item_at(self, index: int) -> Template:
        try:
            return print_of(self._records[index])
        except PrumError as error:
            raise error.at(index) from None


class PrintTables(TableReader[Template]):
    """Prints in tables of other libraries."""

    def columns(self, names: Sequence[str]) -> Collection[str]:
        """Return ``record``: a record of any edition, or a transaction with one print, as bytes."""
        return (RECORD,)

    def items(self, table: Table) -> TablePrints:
        """Read the records, each when it is asked for."""
        return TablePrints(table)
