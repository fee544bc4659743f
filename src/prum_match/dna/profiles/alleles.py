"""One allele designation: what it means in bases, and which spellings are refused.

A designation counts repeats, with a fraction of single bases after the point: 9.3 is nine repeats
and three bases, 39 bases at a period of four. Lengths in bases are exact, sort correctly and turn
a one-base micro-variant into a difference of one.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from decimal import Decimal
from numbers import Integral
from types import MappingProxyType
from typing import SupportsIndex

from prum_match.dna.profiles.loci import AMELOGENIN, Locus
from prum_match.errors import InvalidInput

WILDCARD = 0xFFFF
"""The wildcard in integer views; as an integer it sorts after every length."""

AlleleValue = str | SupportsIndex | float | Decimal | None
"""One value as a caller may write it; ``None`` and blank text mean that there is no value."""

_ANNEX = "Decision 2008/616/JHA, Annex, chapter 1"
RULES: Mapping[str, str] = MappingProxyType(
    {
        "N1": f"{_ANNEX}: amelogenin is kept and never counted",
        "N2": f"{_ANNEX}: a rare or unresolved value becomes a wildcard",
        "N3": f"{_ANNEX}: the values 0, 1 and 99 become a wildcard",
        "N4": f"{_ANNEX}: of three values the first is kept, the others become one wildcard",
        "N5": f"{_ANNEX}: mixed profiles are not allowed; four or more values (interpretation)",
        "N5b": "custodians' practice (interpretation): three values at two loci suggest a mixture",
        "N6": f"{_ANNEX}: two equal values are a homozygote",
        "N7": f"{_ANNEX}, from memory: a locus without a pair of values is not compared",
        "N7b": "interpretation: a single value is completed as the profile's kind asks for",
        "N8": "interpretation: a locus of two wildcards is not compared",
        "N9": "interpretation: a malformed number is an error, never a wildcard",
        "export": "interpretation: Y-chromosomal markers and quality sensors are not compared",
    }
)
"""Text and source of each rule that a :class:`Note` or an error names."""

_NUMBER = re.compile(r"([0-9]{1,2})(?:\.([0-9]))?", re.ASCII)
_SIGNS = "+-.,\u2212\u2013"


def parse_allele(locus: Locus, value: AlleleValue) -> int | None:
    """Return the length in bases that an allele designation stands for.

    Parameters
    ----------
    locus : Locus
        The locus; its period turns a designation into a length (9.3 at a period of 4 is 39).
    value : str, int, float, Decimal or NumPy integer
        The designation. A float must print with at most one decimal.

    Returns
    -------
    int or None
        Length in bases, or ``None`` for a wildcard: text that is not a number (N2) and the
        numbers 0, 1 and 99 (N3).

    Raises
    ------
    InvalidInput
        Code ``"bad_allele"``: a malformed number, a fraction that reaches the period, an inexact
        type (bool, float32), or no value (N9).

    Examples
    --------
    >>> from prum_match.dna.profiles.loci import locus
    >>> parse_allele(locus("TH01"), "9.3")
    39
    >>> parse_allele(locus("FGA"), "<18") is None
    True
    """
    text = value_text(locus.name, value)
    if not text:
        raise bad_allele(locus.name, "there is no value", value)
    if locus.name == AMELOGENIN:
        raise bad_allele(locus.name, "amelogenin has no length", value)
    return allele_length(locus, text)[0]


def format_allele(locus: Locus, length: int) -> str:
    """Return the designation of an allele length, the inverse of :func:`parse_allele`.

    Parameters
    ----------
    locus : Locus
        The locus.
    length : int
        Length in bases, or :data:`WILDCARD`.

    Raises
    ------
    InvalidInput
        Code ``"bad_allele"`` for a length below 1 or without a designation.

    Examples
    --------
    >>> from prum_match.dna.profiles.loci import locus
    >>> format_allele(locus("TH01"), 39), format_allele(locus("TH01"), WILDCARD)
    ('9.3', '*')
    """
    if length == WILDCARD:
        return "*"
    if locus.period == 0 or not 0 < length < 100 * locus.period:
        raise bad_allele(locus.name, "no allele of this locus has this length", length)
    repeats, fraction = divmod(length, locus.period)
    return f"{repeats}.{fraction}" if fraction else str(repeats)


def value_text(name: str, value: object) -> str:
    """Return a value as stripped text, empty if it is blank."""
    if isinstance(value, str):
        return value.strip()
    if value is None:
        return ""
    if type(value) is int:
        return str(value)
    # float64 is a float; its own repr would name the type. float32 is not: 9.3 is not exact in it.
    if isinstance(value, float):
        if not math.isfinite(value):
            raise bad_allele(name, "not a finite number; a missing value is None or blank", value)
        return float.__repr__(value)
    if isinstance(value, Integral) and not isinstance(value, bool):
        return str(int(value))
    if isinstance(value, Decimal) and value.is_finite():
        return str(value)
    raise bad_allele(
        name, "a value is text, an integer, a decimal or a float of one decimal", value
    )


def allele_length(item: Locus, text: str) -> tuple[int | None, str | None]:
    """Return the length of a designation (None: wildcard) and the rule that changed it."""
    number = _NUMBER.fullmatch(text)
    if number is None:
        if resembles_number(text):
            raise bad_allele(item.name, "malformed number", text)
        return None, None if text == "*" else "N2"
    repeats = int(number[1])
    fraction = int(number[2] or 0)
    if fraction >= item.period:
        raise bad_allele(item.name, "the fraction reaches the repeat period", text)
    if fraction == 0 and repeats in (0, 1, 99):
        return None, "N3"
    return repeats * item.period + fraction, "N9" if number[2] == "0" else None


def resembles_number(text: str) -> bool:
    """Tell whether text starts like a number, so that it is malformed rather than a token."""
    return text[0] in _SIGNS or text[0].isnumeric()


def bad_allele(name: str, message: str, value: object, *, rule: str = "N9") -> InvalidInput:
    """Return the error for a value at a locus."""
    return InvalidInput(message, code="bad_allele", field=name, rule=rule, value=value)
