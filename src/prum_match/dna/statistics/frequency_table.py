"""Reading allele frequencies from a CSV file in long form: one row per allele.

Tables come from spreadsheets and packages of many countries, so the reader accepts a byte order
mark, quotes, either line ending, a decimal comma and any spelling of a locus. Rows that it leaves
out are listed in ``notes``; unreadable files are refused.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from os import PathLike

from prum_match.dna.profiles.loci import AMELOGENIN, ignored_marker, locus
from prum_match.errors import InvalidInput


@dataclass(frozen=True)
class Columns:
    """Names of the columns; case and surrounding blanks make no difference."""

    locus: str = "locus"
    allele: str = "allele"
    frequency: str = "frequency"
    population: str = "population"
    individuals: str = "n"
    chromosomes: str = "n_alleles"
    count: str = "count"


@dataclass
class RawTable:
    """One population of a file, before the checks of a frequency table."""

    population: str | None
    rows: list[tuple[str, str, float]] = field(default_factory=list)
    individuals: dict[str, int] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def read_table(
    path: str | PathLike[str],
    *,
    population: str | None,
    columns: Columns,
    delimiter: str,
    decimal: str,
    skip_unknown_loci: bool,
) -> RawTable:
    """Read one population of a file."""
    try:
        with open(path, encoding="utf-8-sig", newline="") as file:
            rows = list(csv.reader(file, delimiter=delimiter, strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise _bad(f"not a CSV file in UTF-8 ({type(error).__name__})") from error
    if not rows:
        raise _bad("the file is empty")
    header = {name.strip().casefold(): place for place, name in enumerate(rows[0])}
    records = list(_records(rows[1:], header, columns))
    chosen = _chosen_population(records, population)
    table = RawTable(chosen)
    counts: dict[str, int] = {}
    left_out: dict[str, None] = {}
    for index, record in records:
        if record.get("population") != chosen:
            continue
        name = _locus_name(record["locus"], index, skip_unknown_loci)
        if name is None:
            left_out[record["locus"]] = None
            continue
        if count := record.get("count"):
            counts[name] = counts.get(name, 0) + _whole(count, index, columns.count)
        # Without a column of frequencies, counts are read and divided below.
        text = record.get("frequency", record.get("count", ""))
        table.rows.append(
            (
                name,
                record["allele"].replace(decimal, "."),
                _number(text.replace(decimal, "."), index, columns.frequency),
            )
        )
        _note_individuals(table.individuals, name, record, index, columns)
    if columns.frequency.casefold() not in header:
        table.rows = [(name, allele, n / counts[name]) for name, allele, n in table.rows]
    for name, total in counts.items():
        table.individuals.setdefault(name, total // 2)
    table.notes.extend(f"{name}: not a locus that is compared, left out" for name in left_out)
    return table


def _records(
    rows: list[list[str]], header: Mapping[str, int], columns: Columns
) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield the row number and the fields by meaning; blank rows are passed over."""
    places = {
        meaning: header[name.casefold()]
        for meaning, name in vars(columns).items()
        if name.casefold() in header
    }
    missing = [name for name in (columns.locus, columns.allele) if name.casefold() not in header]
    if "frequency" not in places and "count" not in places:
        missing.append(columns.frequency)
    if missing:
        raise _bad(f"the header lacks {', '.join(missing)}")
    for index, row in enumerate(rows):
        if not any(cell.strip() for cell in row):
            continue
        if len(row) <= max(places.values()):
            raise _bad("the row is too short").at(index)
        yield index, {meaning: row[place].strip() for meaning, place in places.items()}


def _chosen_population(records: list[tuple[int, dict[str, str]]], wanted: str | None) -> str | None:
    """Return the population to read, as the file writes it."""
    names = list(dict.fromkeys(record.get("population") for _, record in records))
    known = ", ".join(str(name) for name in names if name)
    if wanted is None:
        if len(names) > 1:
            raise _no_population(f"the file holds several populations, name one of: {known}")
        return names[0] if names else None
    if wanted in names:
        return wanted
    # A file may have EUROPE and a caller Europe; an exact match comes first.
    alike = [name for name in names if name and name.casefold() == wanted.strip().casefold()]
    if len(alike) != 1:
        raise _no_population(f"the file has no such population; it holds: {known or 'none'}")
    return alike[0]


def _locus_name(name: str, index: int, skip_unknown: bool) -> str | None:
    """Return the canonical name, or ``None`` for a marker that is left out."""
    try:
        item = locus(name)
    except InvalidInput as error:
        if skip_unknown or ignored_marker(name):
            return None
        raise error.at(index) from None
    return None if item.name == AMELOGENIN else item.name


def _note_individuals(
    individuals: dict[str, int], name: str, record: Mapping[str, str], index: int, columns: Columns
) -> None:
    """Note the number of people typed at a locus; all rows of the locus must agree."""
    if text := record.get("individuals"):
        people = _whole(text, index, columns.individuals)
    elif text := record.get("chromosomes"):
        people = _whole(text, index, columns.chromosomes) // 2
    else:
        return
    if individuals.setdefault(name, people) != people:
        raise _bad("the rows of one locus give different sample sizes", name).at(index)


def _number(text: str, index: int, column: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise _bad("not a number", column, text).at(index)
    return value


def _whole(text: str, index: int, column: str) -> int:
    value = _number(text, index, column)
    if value < 0 or value != int(value):
        raise _bad("not a whole number", column, text).at(index)
    return int(value)


def _bad(message: str, column: str | None = None, value: object = None) -> InvalidInput:
    return InvalidInput(message, code="bad_table", field=column, value=value)


def _no_population(message: str) -> InvalidInput:
    return InvalidInput(message, code="no_population", field="population")
