"""Patterns: the levels of all fields of two persons, as a tuple and as one number."""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from prum_match.errors import InvalidInput
from prum_match.police_record.linkage.levels import CountryLevel, DateLevel, NameLevel

LEVELS = {
    "family": len(NameLevel),
    "first": len(NameLevel),
    "exchanged": 3,
    "alias": 3,
    "date": len(DateLevel),
    "place": len(NameLevel),
    "country": len(CountryLevel),
    "nationality": len(CountryLevel),
    "gender": len(CountryLevel),
}
"""The components of a pattern, and how many levels each has; level 0 is always *not known*.

``exchanged`` is 1 where family names were compared with family names, 2 crosswise, and ``alias`` 1
for the own names of both, 2 otherwise.
"""

Levels: TypeAlias = dict[str, NDArray[np.intp]]
"""For each component the level of every pattern."""

_NAMES = len(NameLevel)
_EXCHANGED = _NAMES * _NAMES
_CLEAR = ("date", "place", "country", "nationality", "gender")

PATTERNS = (_EXCHANGED + 1) * 2 * int(np.prod([LEVELS[name] for name in _CLEAR]))
"""Number of patterns."""


class Pattern(NamedTuple):
    """How two persons agree.

    Parameters
    ----------
    family, first : NameLevel
        Levels of the names in the reading that weighs most; both MISSING if they are exchanged.
    exchanged : bool
        Whether the names are exchanged, both crosswise comparisons CLOSE or better.
    alias : bool
        Whether a name of the reading is an alias.
    date : DateLevel
        Of the birth dates.
    place : NameLevel
        Of the birth places.
    country, nationality, gender : CountryLevel
        Of the countries of birth, the nationalities, the genders.

    Examples
    --------
    >>> pattern = Pattern(NameLevel.EXACT, NameLevel.CLOSE, date=DateLevel.EXACT)
    >>> code_of(pattern)
    301077
    >>> pattern_of(301077) == pattern
    True
    """

    family: NameLevel = NameLevel.MISSING
    first: NameLevel = NameLevel.MISSING
    exchanged: bool = False
    alias: bool = False
    date: DateLevel = DateLevel.MISSING
    place: NameLevel = NameLevel.MISSING
    country: CountryLevel = CountryLevel.MISSING
    nationality: CountryLevel = CountryLevel.MISSING
    gender: CountryLevel = CountryLevel.MISSING


def code_of(pattern: Pattern) -> int:
    """Return the number of a pattern."""
    code = _EXCHANGED if pattern.exchanged else pattern.family * _NAMES + pattern.first
    code = code * 2 + pattern.alias
    for name in _CLEAR:
        code = code * LEVELS[name] + int(getattr(pattern, name))
    return int(code)


def pattern_of(code: int) -> Pattern:
    """Return the pattern that a number stands for."""
    levels = {name: int(column[0]) for name, column in levels_of([code]).items()}
    return Pattern(
        NameLevel(levels["family"]),
        NameLevel(levels["first"]),
        levels["exchanged"] == 2,
        levels["alias"] == 2,
        DateLevel(levels["date"]),
        NameLevel(levels["place"]),
        CountryLevel(levels["country"]),
        CountryLevel(levels["nationality"]),
        CountryLevel(levels["gender"]),
    )


def levels_of(codes: ArrayLike) -> Levels:
    """Return the levels of many patterns, component by component."""
    rest = np.asarray(codes)
    if rest.size and (rest.dtype.kind not in "iu" or rest.min() < 0 or rest.max() >= PATTERNS):
        raise InvalidInput(
            f"no pattern: numbers from 0 to {PATTERNS - 1} are needed",
            code="bad_pattern",
            field="codes",
            value=codes,
        )
    rest = rest.astype(np.intp)
    clear: Levels = {}
    for name in reversed(_CLEAR):
        rest, clear[name] = np.divmod(rest, LEVELS[name])
    names, alias = np.divmod(rest, 2)
    exchanged = names == _EXCHANGED
    straight = np.where(exchanged, 0, names)
    found: Levels = {
        "family": straight // _NAMES,
        "first": straight % _NAMES,
        "exchanged": np.where(exchanged, 2, 1),
        "alias": alias + 1,
    }
    return found | {name: clear[name] for name in _CLEAR}


def are_exact(codes: ArrayLike) -> NDArray[np.bool_]:
    """Return which patterns make the match quality *exact*.

    Both names are the same, transliterated or not, the birth dates too, and nothing is different.
    """
    levels = levels_of(codes)
    exact = np.minimum(levels["family"], levels["first"]) >= NameLevel.EQUIVALENT
    exact &= levels["date"] == DateLevel.EXACT
    exact &= levels["place"] != NameLevel.DIFFERENT
    for name in ("country", "nationality", "gender"):
        exact &= levels[name] != CountryLevel.DIFFERENT
    return np.asarray(exact)
