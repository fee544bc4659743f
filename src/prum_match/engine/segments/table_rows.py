"""References from the rows of a table."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Set
from typing import Any

import numpy as np
from numpy.typing import NDArray

from prum_match import _native
from prum_match.engine.progress import paced
from prum_match.engine.protocol import Category
from prum_match.engine.ragged import Columns
from prum_match.engine.segments.enrolment import Keys
from prum_match.engine.segments.labels import LabelTable
from prum_match.engine.segments.rows import duplicate
from prum_match.engine.tables._strings import Strings
from prum_match.engine.tables.table import ArrowTable, Table, read_table
from prum_match.errors import DuplicateReference, InvalidInput, PrumError

_KEYS = ("reference_id", "subject_id", "label", "expires")
_MOST = 64


def open_table(
    category: Category[Any, Any],
    source: ArrowTable | object,
    ignore: Collection[str] = (),
    probes: bool = False,
) -> Table:
    """Read a table; a column that neither the engine nor the category knows is an error."""
    table = read_table(source, {ignore} if isinstance(ignore, str) else set(ignore))
    columns = (
        category.required_tables().probe_columns if probes else category.required_tables().columns
    )
    known = {*_KEYS, *columns([n for n in table.names if n not in _KEYS])}
    for name in table.names:
        if name not in known:
            raise InvalidInput(
                f"a column of the table is unknown to the category {category.name}; "
                "name it in ignore= to leave it out",
                code="unknown_column",
                field="table",
                value=name,
            )
    return table


class TableKeys(Keys):
    """Keys in the columns of a table, packed without a Python object for each row."""

    def __init__(self, table: Table) -> None:
        self._n = table.n
        self._ids = table.strings("reference_id")
        self._subjects = table.strings("subject_id") if "subject_id" in table else None
        self._labels = table.strings("label") if "label" in table else None
        self._expires = table.moments("expires") if "expires" in table else None

    def __len__(self) -> int:
        return self._n

    def reference_id(self, row: int) -> str:
        """Return the id of a row."""
        text: str = self._ids[row]
        return text

    def refused(self, already: Set[int], labels_of: LabelTable) -> dict[int, PrumError]:
        """Check the keys column by column."""
        refused: dict[int, PrumError] = {}
        for name, rows in self._bad():
            for row in rows.tolist():
                if row not in already and row not in refused:
                    refused[row] = self._error(name, row)
        kept = np.ones(self._n, np.bool_)
        kept[[*already, *refused]] = False
        refused |= self._repeated(kept)
        kept[list(refused)] = False
        return refused | self._unlabelled(np.flatnonzero(kept), labels_of)

    def columns(self, labels_of: LabelTable, kept: NDArray[np.int64]) -> Columns:
        """Copy the keys of some rows."""
        mask = np.zeros(self._n, np.bool_)
        mask[kept] = True
        for name, rows in self._bad():
            if mask[rows].any():
                raise self._error(name, int(rows[mask[rows]][0]))
        columns: Columns = {}
        columns["ids.offsets"], columns["ids.bytes"] = self._ids.take(mask)
        if self._subjects is not None:
            columns["subjects.offsets"], columns["subjects.bytes"] = self._subjects.take(mask)
        if self._labels is not None:
            columns["labels"] = _codes(labels_of, self._labels, kept)
        if self._expires is not None:
            # Rounded up, and at least 1, because 0 stands for "never".
            seconds = np.maximum(1, -(-self._expires.micros[kept] // 10**6))
            columns["expires"] = np.where(self._expires.null[kept], 0, seconds)
        return columns

    def _bad(self) -> Iterator[tuple[str, NDArray[np.int64]]]:
        """Yield for each column the rows with invalid values."""
        yield "reference_id", self._ids.unfit(_MOST)
        if self._subjects is not None:
            yield "subject_id", self._subjects.unfit(_MOST, optional=True)
        if self._labels is not None:
            yield "label", self._labels.unfit(_MOST, optional=True)
        if self._expires is not None:
            yield "expires", np.flatnonzero(self._expires.impossible)

    def _error(self, name: str, row: int) -> PrumError:
        if name == "expires":
            return InvalidInput(
                "a moment lies in the years 1 to 9999", code="bad_moment", index=row, field=name
            )
        column = {"reference_id": self._ids, "subject_id": self._subjects, "label": self._labels}
        strings = column[name]
        assert strings is not None
        return InvalidInput(
            f"not 1 to {_MOST} printable ASCII characters",
            code=f"bad_{name}",
            index=row,
            field=name,
            value=strings[row],
        )

    def _repeated(self, kept: NDArray[np.bool_]) -> dict[int, PrumError]:
        """Return an error for each row that repeats the id of an earlier row."""
        try:
            _native.make_id_index(*self._ids.take(kept))
        except DuplicateReference:
            pass
        else:
            return {}
        seen: set[str] = set()
        repeated: dict[int, PrumError] = {}
        for row in paced(np.flatnonzero(kept).tolist(), counted=False):
            reference_id = self.reference_id(row)
            if reference_id in seen:
                repeated[row] = duplicate(row, reference_id)
            seen.add(reference_id)
        return repeated

    def _unlabelled(self, kept: NDArray[np.int64], labels_of: LabelTable) -> dict[int, PrumError]:
        """Refuse rows whose labels the gallery does not take."""
        if self._labels is None:
            return {}
        try:
            _codes(labels_of, self._labels, kept)
        except InvalidInput:
            return _errors(labels_of, self._labels, kept)
        return {}


def _codes(labels_of: LabelTable, labels: Strings, kept: NDArray[np.int64]) -> NDArray[np.uint8]:
    """Return label codes; new labels get theirs in the order of their first rows."""
    numbers, texts = labels.distinct()
    used, first = np.unique(numbers[kept], return_index=True)
    code_of = np.zeros(len(texts), np.uint8)
    for i in np.argsort(first).tolist():
        number = int(used[i])
        code_of[number] = labels_of.code(texts[number], int(kept[first[i]]))
    return code_of[numbers[kept]]


def _errors(
    labels_of: LabelTable, labels: Strings, kept: NDArray[np.int64]
) -> dict[int, PrumError]:
    """Return the errors of the rows that have no code for their label."""
    errors: dict[int, PrumError] = {}
    for row in kept.tolist():
        try:
            labels_of.code(labels[row], row)
        except InvalidInput as error:
            errors[row] = error
    return errors
