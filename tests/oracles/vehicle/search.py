"""The search for registrations: compares every row by textbook distance or `fnmatch`.

This oracle does not use native code. Keys come as compact symbols and patterns already folded;
moments are whole seconds, None an open end; costs are whole thousandths. Every search returns
``(grade, cost, reference_id)``, in order.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Literal, NamedTuple


class Row(NamedTuple):
    """One registration; a plain tuple of the same values works too."""

    country: str
    compact: str | None
    district: int = 0
    vin: str | None = None
    valid_from: int | None = None
    valid_to: int | None = None


class Prices(NamedTuple):
    """The costs of errors by symbol; of a substitution by the symbols of plate and read."""

    substitution: Mapping[tuple[str, str], int]
    deletion: Mapping[str, int]
    insertion: Mapping[str, int]
    leading: Mapping[str, int]
    trailing: Mapping[str, int]


Plain = tuple[str, str | None, int, str | None, int | None, int | None]
Rows = Mapping[str, Row] | Mapping[str, Plain]
Key = tuple[str, int]
"""Compact symbols and how many of them are the district, 0 if that is not known."""
Found = list[tuple[int, int, str]]


def prices(
    symbols: str,
    substitution: Sequence[Sequence[int]],
    deletion: Sequence[int],
    insertion: Sequence[int],
    leading: Sequence[int],
    trailing: Sequence[int],
) -> Prices:
    """Return costs from tables indexed by the numbers of symbols."""
    pairs = {
        (truth, read): int(substitution[t][r])
        for t, truth in enumerate(symbols)
        for r, read in enumerate(symbols)
    }
    lists = (deletion, insertion, leading, trailing)
    return Prices(pairs, *(dict(zip(symbols, map(int, each), strict=True)) for each in lists))


def unit_prices(symbols: str, price: int = 1000) -> Prices:
    """Return costs that give the Levenshtein distance."""
    all_same = [price] * len(symbols)
    table = [[price * (t != r) for r in symbols] for t in symbols]
    return prices(symbols, table, all_same, all_same, all_same, all_same)


def exact(
    rows: Rows,
    *,
    country: str,
    keys: Sequence[Key],
    at: int | None,
    now: int,
    history: bool = True,
) -> Found:
    """Search with a complete plate of a country; the first key is that of the query.

    Parameters
    ----------
    at : int or None
    The reference date; None means `now`.
    history : bool
        Whether the registers keep former registrations.
    """
    found: Found = []
    for name, row in _rows(rows):
        grades = [
            _grade(row, own=place == 0, at=at, now=now, history=history)
            for place, key in enumerate(keys)
            if row.country == country and _same_plate(row, key)
        ]
        found.extend((grade, 0, name) for grade in grades[:1] if grade is not None)
    return _ordered(found)


def exact_vin(
    rows: Rows,
    vin: str,
    *,
    country: str | None = None,
    at: int | None,
    now: int,
    history: bool = True,
) -> Found:
    """Search with a complete chassis number, in one country or in all."""
    found: Found = []
    for name, row in _rows(rows):
        if row.vin == vin and country in (None, row.country):
            grade = _grade(row, own=True, at=at, now=now, history=history)
            found.extend([] if grade is None else [(grade, 0, name)])
    return _ordered(found)


def fuzzy(
    rows: Rows,
    read: str,
    *,
    costs: Prices,
    max_cost: int,
    countries: Collection[str] | None = None,
    at: int | None = None,
) -> Found:
    """Search for plates that may have given the read."""
    found: Found = []
    for name, row in _rows(rows):
        if row.compact is not None and _wanted(row, countries, at):
            cost = distance(row.compact, read, costs)
            found.extend([(1, cost, name)] if cost <= max_cost else [])
    return _ordered(found)


def pattern(
    rows: Rows,
    text: str,
    *,
    of: Literal["plate", "vin"] = "plate",
    countries: Collection[str] | None = None,
    at: int | None = None,
) -> Found:
    """Search for plates or chassis numbers that a pattern matches as a whole."""
    return _ordered(
        (1, 0, name)
        for name, row in _rows(rows)
        for key in [row.compact if of == "plate" else row.vin]
        if key is not None and fnmatchcase(key, text) and _wanted(row, countries, at)
    )


def linked(rows: Rows, probe: Row) -> Found:
    """Search with a registration of another register, at any time."""
    found: Found = []
    for name, row in _rows(rows):
        vin = probe.vin is not None and row.vin == probe.vin
        plate = (
            probe.compact is not None
            and row.country == probe.country
            and _same_plate(row, (probe.compact, probe.district))
        )
        if plate or vin:
            found.append((1 if plate and vin else 2 if plate else 3, 0, name))
    return _ordered(found)


def distance(truth: str, read: str, costs: Prices) -> int:
    """Return the least cost of the errors that turn a plate into a read."""
    last = len(truth)
    table = [[0] * (len(read) + 1) for _ in range(last + 1)]
    for i in range(last + 1):
        inserted = costs.leading if i == 0 else costs.trailing if i == last else costs.insertion
        for j in range(len(read) + 1):
            ways = []
            if i and j:
                pair = truth[i - 1], read[j - 1]
                ways.append(table[i - 1][j - 1] + costs.substitution[pair])
            if i:
                ways.append(table[i - 1][j] + costs.deletion[truth[i - 1]])
            if j:
                ways.append(table[i][j - 1] + inserted[read[j - 1]])
            table[i][j] = min(ways, default=0)
    return table[last][len(read)]


def valid(row: Row, moment: int) -> bool:
    """Tell whether a registration holds at a moment: from its start up to, but not at, its end."""
    begun = row.valid_from is None or row.valid_from <= moment
    return begun and (row.valid_to is None or moment < row.valid_to)


def _grade(row: Row, *, own: bool, at: int | None, now: int, history: bool) -> int | None:
    """Return 1 for the key of the query, 2 for another reading, 3 for current data."""
    moment = now if at is None else at
    if row.valid_to is not None and row.valid_to <= moment:
        return None
    if row.valid_from is None and at is not None:
        return 3
    if row.valid_from is not None and row.valid_from > moment:
        return None if history or at is None else 3
    return 1 if own else 2


def _same_plate(row: Row, key: Key) -> bool:
    compact, district = key
    return row.compact == compact and (0 in (district, row.district) or row.district == district)


def _wanted(row: Row, countries: Collection[str] | None, at: int | None) -> bool:
    return (countries is None or row.country in countries) and (at is None or valid(row, at))


def _rows(rows: Rows) -> Iterable[tuple[str, Row]]:
    return ((name, Row(*row)) for name, row in rows.items())


def _ordered(found: Iterable[tuple[int, int, str]]) -> Found:
    return sorted(found, key=lambda each: (each[0], each[1], each[2].encode()))
