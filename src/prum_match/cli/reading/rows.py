"""Rows of CSV and JSON Lines, one item each; refusals name the line, and no value."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, TextIO

from prum_match.cli.reading.keys import COLUMNS, Keys, parsed
from prum_match.cli.reading.problems import FileProblem
from prum_match.errors import InvalidInput, PrumError
from prum_match.values.text import unique_members

_ID = "reference_id"

_Make = Callable[[dict[str, Any]], Any]
_Row = tuple[int, _Make, dict[str, Any] | InvalidInput]


@dataclass(frozen=True)
class ItemFile:
    """Some of the items of a file."""

    ids: Sequence[str]
    items: Sequence[Any]
    problems: tuple[FileProblem, ...] = ()
    keys: Sequence[Keys] = ()


@dataclass(frozen=True)
class Kind:
    """Format of the rows of a file; those that need an id can have keys."""

    of_cells: _Make
    of_record: _Make
    columns: tuple[str, ...]
    names: frozenset[str]
    longest_line: int
    needs_id: bool = False
    needed: tuple[str, ...] = ()

    @property
    def around(self) -> frozenset[str]:
        """The columns beside those of the item."""
        return frozenset((_ID, *COLUMNS) if self.needs_id else (_ID,))


def read_rows(path: str, size: int | None, kind: Kind) -> Iterator[ItemFile]:
    """Read the rows of a file."""
    ids: list[str] = []
    items: list[Any] = []
    keys: list[Keys] = []
    problems: list[FileProblem] = []
    with open(path, encoding="utf-8-sig", newline="") as file:
        for number, (line, make, row) in enumerate(_rows(file, kind, problems)):
            name = row.pop(_ID, None) if isinstance(row, dict) else None
            try:
                if isinstance(row, InvalidInput):
                    raise row
                own = parsed({name: row.pop(name) for name in COLUMNS if name in row})
                item = make(row)
                ids.append(_checked(name, number, kind))
                items.append(item)
                keys.append(own)
            except PrumError as error:
                shown = name if isinstance(name, str) else None
                message = str(error.args[0])
                problems.append(FileProblem(shown, error.field, error.code, message, True, line))
            if size is not None and len(ids) >= size:
                yield ItemFile(ids, items, tuple(problems), keys)
                ids, items, keys, problems[:] = [], [], [], []
    yield ItemFile(ids, items, tuple(problems), keys)


def _checked(name: Any, number: int, kind: Kind) -> str:
    if name is None and not kind.needs_id:
        return str(number)
    if not isinstance(name, str):
        raise InvalidInput("the row has no id", code="missing_id", field=_ID)
    return name


def _rows(file: TextIO, kind: Kind, problems: list[FileProblem]) -> Iterator[_Row]:
    """Yield the rows in the order of the file, each with its line, or with its error."""
    try:
        first = file.readline(kind.longest_line)
        if not first:
            raise InvalidInput("the file is empty", code="empty_file", field="FILE")
        if first.lstrip().startswith("{"):
            yield from _json_rows(first, file, kind, problems)
        else:
            yield from _csv_rows(first, file, kind, problems)
    except (csv.Error, UnicodeDecodeError):
        # Such errors quote the text that they could not read.
        message = "neither CSV nor JSON in UTF-8"
        raise InvalidInput(message, code="bad_csv", field="FILE") from None


def _csv_rows(first: str, file: TextIO, kind: Kind, problems: list[FileProblem]) -> Iterator[_Row]:
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(chain([first], file), delimiter=delimiter, strict=True)
    header = [cell.strip() for cell in next(reader)]
    needed = {_ID, *kind.needed} if kind.needs_id else set(kind.needed)
    if len(set(header)) < len(header) or not needed <= set(header):
        message = f"a column is missing ({', '.join(sorted(needed))}) or there twice"
        raise InvalidInput(message, code="bad_header", field="FILE")
    known = {*kind.around, *kind.columns}
    for name in header:
        if name not in known:
            problems.append(_ignored(name, "ignored_column", "the column is not read", 1))
    for cells in reader:
        if len(cells) == len(header):
            given = zip(header, cells, strict=True)
            row = {
                name: cell
                for name, cell in given
                if name in known and (cell.strip() or name in COLUMNS)
            }
            yield reader.line_num, kind.of_cells, row
        elif cells:
            message = "more or fewer cells than the header"
            yield reader.line_num, kind.of_cells, InvalidInput(message, code="ragged_row")


def _json_rows(first: str, file: TextIO, kind: Kind, problems: list[FileProblem]) -> Iterator[_Row]:
    ignored: set[str] = set()
    lines = chain([first], iter(lambda: file.readline(kind.longest_line), ""))
    for line, text in enumerate(lines, 1):
        if len(text) >= kind.longest_line:
            raise InvalidInput(
                f"line {line} is longer than any item", code="too_large", field="FILE"
            )
        if text.isspace():
            continue
        record = _parsed(text)
        if record is None:
            message = "the line is not a JSON object in which every name occurs once"
            yield line, kind.of_record, InvalidInput(message, code="bad_json")
            continue
        for name in record.keys() - kind.names - kind.around - ignored:
            ignored.add(name)
            problems.append(_ignored(name, "ignored_element", "the element is not read", line))
        known = record.keys() & (kind.names | kind.around)
        yield line, kind.of_record, {name: record[name] for name in known}


def _parsed(text: str) -> dict[str, Any] | None:
    try:
        record = json.loads(text, object_pairs_hook=unique_members)
    except (ValueError, RecursionError):
        return None
    return record if isinstance(record, dict) else None


def _ignored(name: str, code: str, message: str, line: int) -> FileProblem:
    return FileProblem(None, name, code, message, False, line)
