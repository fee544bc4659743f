"""The forms of registration numbers, country by country: to score, to repair and to spell.

Syntax never rejects: the table is compiled from public sources and from memory, not from national
law, and old, custom and official plates go beyond any table.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from itertools import combinations
from typing import NamedTuple

from prum_match.values.packagedata import package_rows

__all__ = ["Form", "districts", "fitting", "forms", "repaired"]

MOST_REPAIRS = 4
"""Most symbols that a repair changes."""

# The letter that the syntax wants for the digit, and the other way round.
_SWAPS = {"0": "O", "1": "I", "O": "0", "Q": "0", "I": "1"}


class Form(NamedTuple):
    """One form of the registration numbers of a country.

    Parameters
    ----------
    form : str
        ``standard``, ``former`` (older series), ``custom``, ``historic``, ``electric``,
        ``temporary``, ``dealer``, ``diplomatic``, ``authority``, ``military``, ``moped`` or
        ``special``.
    pattern : re.Pattern
        What the compact key has to match as a whole. A known district is marked with a hyphen.
    spelling : str
        Template of the outbound spelling over the groups of the pattern; empty: not known.
    source, note : str
        Where the row is from, and what else is known.
    """

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
    """Return the German districts: what stands before the first separator.

    Examples
    --------
    >>> "TÖL" in districts(), "B" in districts(), "BAB" in districts()
    (True, True, False)
    """
    return frozenset(
        row["district"] for row in package_rows("prum_match.vehicle", "de_districts.csv")
    )


def forms(country: str | None) -> tuple[Form, ...]:
    """Return the forms of a country; none if there is no table for it.

    Parameters
    ----------
    country : str or None
        ISO 3166-1 alpha-2 code.

    Examples
    --------
    >>> [form.form for form in forms("LI")]
    ['standard', 'dealer']
    """
    return _table().get(country or "", ())


def fitting(country: str | None, compact: str) -> Iterator[tuple[Form, re.Match[str]]]:
    """Yield the forms that a compact key fits.

    Parameters
    ----------
    country : str or None
        ISO 3166-1 alpha-2 code.
    compact : str
        Symbols without separators; a known district is followed by a hyphen.

    Examples
    --------
    >>> [form.form for form, _ in fitting("DE", "B-AB123H")]
    ['historic']
    """
    for form in forms(country):
        match = form.pattern.fullmatch(compact)
        if match:
            yield form, match


def _fits(country: str | None, compact: str) -> bool:
    # A custom plate says whatever its owner likes: no reason to change a symbol.
    return any(form.form != "custom" for form, _ in fitting(country, compact))


def repaired(country: str | None, compact: str) -> str | None:
    """Return the key that fits with the fewest changes between 0 and O, 1 and I, Q and 0.

    Parameters
    ----------
    country : str or None
        ISO 3166-1 alpha-2 code.
    compact : str
        A key that fits no form; a known district is followed by a hyphen.

    Returns
    -------
    str or None
        None: no key fits with up to four changes, or several do with equally few.

    Examples
    --------
    >>> repaired("CZ", "4BO4979"), repaired("SK", "RK3OOAG"), repaired("ES", "1234ABC")
    ('4B04979', 'RK300AG', None)
    """
    places = [place for place, symbol in enumerate(compact) if symbol in _SWAPS]
    for n in range(1, MOST_REPAIRS + 1):
        keys = (_swapped(compact, chosen) for chosen in combinations(places, n))
        found = [key for key in keys if _fits(country, key)]
        if found:
            return found[0] if len(found) == 1 else None
    return None


def _swapped(compact: str, places: tuple[int, ...]) -> str:
    return "".join(_SWAPS[c] if i in places else c for i, c in enumerate(compact))
