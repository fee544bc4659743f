"""Files of registrations and of queries as CSV or JSON Lines, and a query as options."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import fields
from datetime import date, datetime
from typing import Any

from prum_match.cli.reading.rows import ItemFile, Kind, read_rows
from prum_match.errors import InvalidInput
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
from prum_match.vehicle.registrations.details import MAX_BYTES
from prum_match.vehicle.tables import query_columns, table_columns

_COSTS = {"ocr": OCR_COSTS, "unit": UNIT_COSTS}
# Options for one kind of query.
_OF_ONE_KIND = {"max_cost": "fuzzy", "costs": "fuzzy", "of": "pattern"}
_MOMENTS = ("valid_from", "valid_to", "at")
# A registration at its bounds, and its id.
_LONGEST_LINE = 2 * MAX_BYTES


def _registration(record: dict[str, Any]) -> Registration:
    given = _with_moments(record)
    # A number that was repaired stands beside its first spelling (`vehicle.wire`).
    raw = given.pop("vin_raw", None)
    if "country" not in given:
        raise InvalidInput("give the state", code="unknown_country", field="country")
    if raw is None:
        return Registration(**given)
    made = Registration(**given | {"vin": raw})
    if "vin" in given and normalise_vin(given["vin"]).value != made.vin:
        raise InvalidInput("vin and vin_raw are different numbers", code="bad_vin", field="vin_raw")
    return made


def _query(record: dict[str, Any]) -> ExactQuery:
    return ExactQuery(**_with_moments(record))


def _with_moments(record: dict[str, Any]) -> dict[str, Any]:
    given = {name: value for name, value in record.items() if value is not None}
    for name in _MOMENTS:
        if name in given:
            given[name] = _moment(given[name], name)
    return given


_REGISTRATIONS = Kind(
    _registration,
    _registration,
    table_columns(),
    frozenset((*(f.name for f in fields(Registration) if f.init), "vin_raw")),
    _LONGEST_LINE,
    needs_id=True,
    needed=("country",),
)
_QUERIES = Kind(_query, _query, query_columns(), frozenset(query_columns()), _LONGEST_LINE)


def read_registrations(path: str, size: int | None) -> Iterator[ItemFile]:
    """Read registrations, by the names of `Registration` and ``reference_id``."""
    return read_rows(path, size, _REGISTRATIONS)


def read_queries(path: str, size: int | None) -> Iterator[ItemFile]:
    """Read exact queries: ``country``, ``plate``, ``vin``, ``at``; as `read_registrations`.

    Without a ``reference_id`` they are numbered from 0.
    """
    return read_rows(path, size, _QUERIES)


def add_query(parser: argparse.ArgumentParser) -> None:
    """Add the options for a query for vehicles, instead of a file."""
    group = parser.add_argument_group("vehicle, instead of FILE")
    kind = group.add_mutually_exclusive_group()
    kind.add_argument("--plate", metavar="TEXT", help="a complete plate; with --country")
    kind.add_argument("--vin", metavar="TEXT", help="a complete chassis number")
    kind.add_argument("--fuzzy", metavar="TEXT", help="a plate as read")
    kind.add_argument("--pattern", metavar="TEXT", help="the known part: ? * [A-F] [!0]")
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
    """Return the query in the options, if there is one."""
    kinds = [kind for kind in ("plate", "vin", "fuzzy", "pattern") if getattr(options, kind)]
    for name, kind in _OF_ONE_KIND.items():
        if getattr(options, name) is not None and kind not in kinds:
            options.usage_error(f"--{name.replace('_', '-')} goes with --{kind}")
    if not kinds:
        if options.at or options.country:
            options.usage_error("--at and --country need a query")
        return None
    countries = options.country
    if options.fuzzy:
        cost = 1.5 if options.max_cost is None else options.max_cost
        costs = _COSTS[options.costs or "ocr"]
        return FuzzyQuery(options.fuzzy, countries, max_cost=cost, costs=costs, at=options.at)
    if options.pattern:
        return PatternQuery(options.pattern, countries, of=options.of or "plate", at=options.at)
    if countries and len(countries) > 1:
        options.usage_error("a complete number is searched for in one state")
    country = countries[0] if countries else None
    return ExactQuery(country, options.plate or None, options.vin or None, options.at)


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
