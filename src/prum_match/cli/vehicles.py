"""Files of registrations and of queries as CSV or JSON Lines, and a query as options."""

from __future__ import annotations

import argparse
import csv
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from itertools import chain
from typing import Any, TextIO

from prum_match.cli.problems import FileProblem
from prum_match.errors import InvalidInput, PrumError
from prum_match.vehicle import (
    OCR_COSTS,
    UNIT_COSTS,
    ExactQuery,
    FuzzyQuery,
    PatternQuery,
    Query,
    Registration,
    normalise_vin,
)
from prum_match.vehicle.details import MAX_BYTES
from prum_match.vehicle.tables import query_columns, table_columns

__all__ = ["VehicleFile", "add_query", "query_of", "read_queries", "read_registrations"]

_ID = "reference_id"
_COSTS = {"ocr": OCR_COSTS, "unit": UNIT_COSTS}
# Options that say more about one kind of query.
_OF_ONE_KIND = {"max_cost": "fuzzy", "costs": "fuzzy", "of": "pattern"}
_MOMENTS = ("valid_from", "valid_to", "at")
# A registration at its bounds, and its id.
_LONGEST_LINE = 2 * MAX_BYTES

_Row = tuple[int, dict[str, Any] | InvalidInput]


@dataclass(frozen=True)
class VehicleFile:
    """Some of the items of a file."""

    ids: Sequence[str]
    items: Sequence[Any]
    problems: tuple[FileProblem, ...] = ()


@dataclass(frozen=True)
class _Kind:
    """What a file holds."""

    make: Callable[..., Any]
    columns: tuple[str, ...]
    names: frozenset[str]
    needs_id: bool


def _registration(**record: Any) -> Registration:
    # A number that was repaired stands beside its first spelling (`vehicle.wire`).
    raw = record.pop("vin_raw", None)
    if raw is None:
        return Registration(**record)
    made = Registration(**record | {"vin": raw})
    if "vin" in record and normalise_vin(record["vin"]).value != made.vin:
        raise InvalidInput("vin and vin_raw are two numbers", code="bad_vin", field="vin_raw")
    return made


_REGISTRATIONS = _Kind(
    _registration,
    table_columns(),
    frozenset((*(f.name for f in fields(Registration) if f.init), "vin_raw")),
    needs_id=True,
)
_QUERIES = _Kind(ExactQuery, query_columns(), frozenset(query_columns()), needs_id=False)


def read_registrations(path: str, size: int | None) -> Iterator[VehicleFile]:
    """Read registrations, by the names of `Registration` and ``reference_id``.

    Parameters
    ----------
    path : str
        CSV with the columns of a table, or JSON Lines with all names, in UTF-8.
    size : int or None
        Most items of a piece; None: all are one piece.

    Raises
    ------
    InvalidInput
        Codes ``"empty_file"``, ``"bad_csv"``, ``"bad_header"``, ``"too_large"``.
    OSError
        The file cannot be read.
    """
    return _read(path, size, _REGISTRATIONS)


def read_queries(path: str, size: int | None) -> Iterator[VehicleFile]:
    """Read exact queries: ``country``, ``plate``, ``vin``, ``at``; as `read_registrations`.

    Without a ``reference_id`` they are numbered from 0.
    """
    return _read(path, size, _QUERIES)


def add_query(parser: argparse.ArgumentParser) -> None:
    """Add a query for vehicles, which takes the place of a file."""
    group = parser.add_argument_group("vehicle, instead of FILE")
    kind = group.add_mutually_exclusive_group()
    kind.add_argument("--plate", metavar="TEXT", help="a complete plate; with --country")
    kind.add_argument("--vin", metavar="TEXT", help="a complete chassis number")
    kind.add_argument("--fuzzy", metavar="TEXT", help="a plate as it was read")
    kind.add_argument("--pattern", metavar="TEXT", help="what is known: ? * [A-F] [!0]")
    group.add_argument(
        "--country",
        metavar="CODE",
        action="append",
        help="DE, or D; more than once with --fuzzy and --pattern",
    )
    group.add_argument("--at", type=_at, metavar="DATE", help="a date, or a moment with its zone")
    group.add_argument("--max-cost", type=float, metavar="X", help="with --fuzzy; by default 1.5")
    group.add_argument("--costs", choices=_COSTS, help="with --fuzzy; by default ocr")
    group.add_argument("--of", choices=("plate", "vin"), help="with --pattern; by default plate")


def query_of(options: argparse.Namespace) -> Query | None:
    """Return the query that options are, if they are one."""
    kinds = [kind for kind in ("plate", "vin", "fuzzy", "pattern") if getattr(options, kind)]
    for name, kind in _OF_ONE_KIND.items():
        if getattr(options, name) is not None and kind not in kinds:
            options.usage_error(f"--{name.replace('_', '-')} goes with --{kind}")
    if not kinds:
        if options.at or options.country:
            options.usage_error("--at and --country are of a query")
        return None
    countries = options.country
    if options.fuzzy:
        cost = 1.5 if options.max_cost is None else options.max_cost
        costs = _COSTS[options.costs or "ocr"]
        return FuzzyQuery(options.fuzzy, countries, max_cost=cost, costs=costs, at=options.at)
    if options.pattern:
        return PatternQuery(options.pattern, countries, of=options.of or "plate", at=options.at)
    if countries and len(countries) > 1:
        options.usage_error("a complete number is looked for in one state")
    country = countries[0] if countries else None
    return ExactQuery(country, options.plate or None, options.vin or None, options.at)


def _read(path: str, size: int | None, kind: _Kind) -> Iterator[VehicleFile]:
    ids: list[str] = []
    items: list[Any] = []
    problems: list[FileProblem] = []
    with open(path, encoding="utf-8-sig", newline="") as file:
        for number, (line, row) in enumerate(_rows(file, kind, problems)):
            name = row.pop(_ID, None) if isinstance(row, dict) else None
            try:
                if isinstance(row, InvalidInput):
                    raise row
                item = _item(row, kind)
                ids.append(_checked(name, number, kind))
                items.append(item)
            except PrumError as error:
                shown = name if isinstance(name, str) else None
                message = str(error.args[0])
                problems.append(FileProblem(shown, error.field, error.code, message, True, line))
            if size is not None and len(ids) >= size:
                yield VehicleFile(ids, items, tuple(problems))
                ids, items, problems[:] = [], [], []
    yield VehicleFile(ids, items, tuple(problems))


def _item(row: dict[str, Any], kind: _Kind) -> Any:
    given = {name: value for name, value in row.items() if value is not None}
    for name in _MOMENTS:
        if name in given:
            given[name] = _moment(given[name], name)
    if "country" not in given and kind.needs_id:
        raise InvalidInput("no state", code="unknown_country", field="country")
    return kind.make(**given)


def _checked(name: Any, number: int, kind: _Kind) -> str:
    if name is None and not kind.needs_id:
        return str(number)
    if not isinstance(name, str):
        raise InvalidInput("the row has no id", code="missing_id", field=_ID)
    return name


def _rows(file: TextIO, kind: _Kind, problems: list[FileProblem]) -> Iterator[_Row]:
    """Return rows as they lie in the file, each with its line, or why it is none."""
    try:
        first = file.readline(_LONGEST_LINE)
        if not first:
            raise InvalidInput("the file is empty", code="empty_file", field="FILE")
        if first.lstrip().startswith("{"):
            yield from _json_rows(first, file, kind, problems)
        else:
            yield from _csv_rows(first, file, kind, problems)
    except (csv.Error, UnicodeDecodeError) as error:
        raise InvalidInput("neither CSV nor JSON in UTF-8", code="bad_csv", field="FILE") from error


def _csv_rows(first: str, file: TextIO, kind: _Kind, problems: list[FileProblem]) -> Iterator[_Row]:
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(chain([first], file), delimiter=delimiter, strict=True)
    header = [cell.strip() for cell in next(reader)]
    needed = {_ID, "country"} if kind.needs_id else set()
    if len(set(header)) < len(header) or not needed <= set(header):
        message = f"a column is missing ({', '.join(sorted(needed))}) or there twice"
        raise InvalidInput(message, code="bad_header", field="FILE")
    known = {_ID, *kind.columns}
    for name in header:
        if name not in known:
            problems.append(_ignored(name, "ignored_column", "the column is not read", 1))
    for cells in reader:
        if len(cells) == len(header):
            given = zip(header, cells, strict=True)
            row = {name: cell for name, cell in given if name in known and cell.strip()}
            yield reader.line_num, row
        elif cells:
            yield reader.line_num, _no_row("ragged_row", "more or fewer cells than the header")


def _json_rows(
    first: str, file: TextIO, kind: _Kind, problems: list[FileProblem]
) -> Iterator[_Row]:
    ignored: set[str] = set()
    lines = chain([first], iter(lambda: file.readline(_LONGEST_LINE), ""))
    for line, text in enumerate(lines, 1):
        if len(text) >= _LONGEST_LINE:
            raise InvalidInput(
                f"line {line} is longer than any registration", code="too_large", field="FILE"
            )
        if text.isspace():
            continue
        record = _parsed(text)
        if record is None:
            message = "the line is not a JSON object in which every name occurs once"
            yield line, _no_row("bad_json", message)
            continue
        for name in record.keys() - kind.names - {_ID} - ignored:
            ignored.add(name)
            problems.append(_ignored(name, "ignored_element", "the element is not read", line))
        yield line, {name: record[name] for name in record.keys() & (kind.names | {_ID})}


def _parsed(text: str) -> dict[str, Any] | None:
    try:
        record = json.loads(text, object_pairs_hook=_once)
    except (ValueError, RecursionError):
        return None
    return record if isinstance(record, dict) else None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    record = dict(pairs)
    if len(record) < len(pairs):
        raise ValueError("a name occurs twice")
    return record


def _moment(value: Any, name: str) -> date:
    try:
        return date.fromisoformat(value) if len(value) <= 10 else datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise InvalidInput(
            "not a date or a moment of ISO 8601", code="bad_moment", field=name, value=value
        ) from None


def _at(text: str) -> date:
    try:
        return _moment(text, "at")
    except InvalidInput as error:
        raise argparse.ArgumentTypeError(str(error.args[0])) from None


def _no_row(code: str, message: str) -> InvalidInput:
    return InvalidInput(message, code=code)


def _ignored(name: str, code: str, message: str, line: int) -> FileProblem:
    return FileProblem(None, name, code, message, False, line)
