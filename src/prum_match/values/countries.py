"""Country codes of two systems, and how a text in either is read.

ISO 3166-1 alpha-2 codes and the distinguishing signs of vehicles in international traffic are two
systems that share letters: ``ES`` is Spain in the first and El Salvador in the second. The
library holds and writes ISO codes.
"""

from __future__ import annotations

from functools import cache
from typing import Literal, NamedTuple

from prum_match.errors import InvalidInput
from prum_match.values.checks import one_of
from prum_match.values.packagedata import package_rows

# The Union's own style (Interinstitutional style guide, 7.1.1); read and never written.
_ALIASES = {"EL": "GR", "UK": "GB"}


class Country(NamedTuple):
    """One country."""

    # ISO 3166-1 alpha-2; XK (Kosovo) is a user-assigned one.
    code: str
    name: str
    # Distinguishing sign of its vehicles; empty where none is known.
    sign: str
    # Former signs, and others in use.
    other_signs: tuple[str, ...]
    source: str


@cache
def _countries() -> dict[str, Country]:
    return {
        row["code"]: Country(
            row["code"], row["name"], row["sign"], tuple(row["other_signs"].split()), row["source"]
        )
        for row in package_rows("prum_match.values", "countries.csv")
    }


@cache
def _readings() -> dict[str | None, dict[str, str]]:
    """Map texts to ISO codes for each system."""
    iso = {code: code for code in _countries()}
    signs = {
        sign: row.code
        for row in _countries().values()
        for sign in (row.sign, *row.other_signs)
        if sign
    }
    return {
        "iso": _ALIASES | iso,
        "sign": _ALIASES | iso | signs,
        None: signs | _ALIASES | iso,
    }


def country_code(text: str, system: Literal["iso", "sign"] | None = None) -> str:
    """Read the code of a country.

    Parameters
    ----------
    text : str
        A code, in upper or lower case.
    system : {"iso", "sign"}, optional
        ``"iso"``: ISO 3166-1 alpha-2. ``"sign"``: distinguishing signs, then ISO codes that are
        not a sign. None: ISO codes, then signs that are not an ISO code: ``D``, ``E``, ``EST``.
        ``EL`` and ``UK`` are read in all of them.

    Returns
    -------
    str
        The ISO 3166-1 alpha-2 code.

    Raises
    ------
    InvalidInput
        ``unknown_country``: no such code; ``bad_option``: no such system.

    Examples
    --------
    >>> country_code("D"), country_code("E"), country_code("EL"), country_code("SLO")
    ('DE', 'ES', 'GR', 'SI')
    >>> country_code("ES"), country_code("ES", system="sign")
    ('ES', 'SV')
    """
    readings = _readings()
    one_of(system, "system", ("iso", "sign", None), code="bad_option")
    # str.upper makes two letters of some others: ß would be South Sudan.
    key = text.upper() if isinstance(text, str) and text.isascii() else ""
    code = readings[system].get(key)
    if code is None:
        raise InvalidInput(
            "not the code of a country",
            code="unknown_country",
            field="country",
            rule="ISO 3166-1 alpha-2, or a distinguishing sign of vehicles",
            value=text,
        )
    return code


def country(code: str) -> Country:
    """Return the entry of a country by any code that `country_code` reads."""
    return _countries()[country_code(code)]


def distinguishing_sign(code: str) -> str:
    """Return the distinguishing sign of the vehicles of a country.

    Parameters
    ----------
    code : str
        A code that `country_code` reads.

    Returns
    -------
    str
        The sign: ``D``, not ``DE``.

    Raises
    ------
    InvalidInput
        ``unknown_country``: no such country; ``no_sign``: the table has no sign for it.

    Examples
    --------
    >>> distinguishing_sign("ES"), distinguishing_sign("DE"), distinguishing_sign("SI")
    ('E', 'D', 'SLO')
    """
    found = country(code)
    if not found.sign:
        raise InvalidInput(
            "no distinguishing sign is known for the country",
            code="no_sign",
            field="country",
            rule="UN list of distinguishing signs of vehicles in international traffic",
            value=code,
        )
    return found.sign


@cache
def _successors() -> dict[str, tuple[str, ...]]:
    rows = package_rows("prum_match.values", "former_countries.csv")
    return {row["code"]: tuple(row["successors"].split()) for row in rows}


def successors(code: str) -> tuple[str, ...]:
    """Return the codes of the successors of a country that has left ISO 3166-1.

    ``CS`` was the code of Czechoslovakia, and later of Serbia and Montenegro.
    """
    return _successors().get(code.upper() if code.isascii() else "", ())
