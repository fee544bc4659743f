"""The forms of registration numbers by country: for hints, repairs and spellings.

No number is rejected for its syntax: the table is compiled from public sources and from memory, not
from national law, and old, custom and official plates go beyond any table.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from itertools import combinations
from typing import NamedTuple

from prum_match.values.packagedata import package_rows

MOST_REPAIRS = 4
"""Most symbols that a repair changes."""

# Digits and letters that are taken for each other.
_SWAPS = {"0": "O", "1": "I", "O": "0", "Q": "0", "I": "1"}


class Form(NamedTuple):
    """One form of the registration numbers of a country."""

    form: str
    pattern: re.Pattern[str]
    spelling: str
    source: str
    note: str


@cache
def _table() -> dict[str, tuple[Form, ...]]:
    table: dict[str, tuple[Form, ...]] = {}
    for row in package_rows("prum_match.vehicle", "plate_syntax.csv"):
        form = Form(
            row["form"],
            re.compile(row["pattern"]),
            re.sub(r"(\d)", r"\\\1", row["spelling"]),
            row["source"],
            row["note"],
        )
        table[row["country"]] = (*table.get(row["country"], ()), form)
    return table


@cache
def districts() -> frozenset[str]:
    """Return the German districts, the letters before the first separator."""
    return frozenset(
        row["district"] for row in package_rows("prum_match.vehicle", "de_districts.csv")
    )


def forms(country: str | None) -> tuple[Form, ...]:
    """Return the forms of a country; none if there is no table for it."""
    return _table().get(country or "", ())


def fitting(country: str | None, compact: str) -> Iterator[tuple[Form, re.Match[str]]]:
    """Yield the forms that a compact key fits."""
    for form in forms(country):
        match = form.pattern.fullmatch(compact)
        if match:
            yield form, match


def _fits(country: str | None, compact: str) -> bool:
    # Any text may stand on a custom plate, so it is no reason to change a symbol.
    return any(form.form != "custom" for form, _ in fitting(country, compact))


def repaired(country: str | None, compact: str) -> str | None:
    """Return the key that fits with the fewest changes between 0 and O, 1 and I, Q and 0."""
    places = [place for place, symbol in enumerate(compact) if symbol in _SWAPS]
    for n in range(1, MOST_REPAIRS + 1):
        keys = (_swapped(compact, chosen) for chosen in combinations(places, n))
        found = [key for key in keys if _fits(country, key)]
        if found:
            return found[0] if len(found) == 1 else None
    return None


def _swapped(compact: str, places: tuple[int, ...]) -> str:
    return "".join(_SWAPS[c] if i in places else c for i, c in enumerate(compact))
