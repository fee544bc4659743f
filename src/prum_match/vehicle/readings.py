"""National readings: other spellings under which a register may hold the same plate."""

from __future__ import annotations

import re
from functools import cache

from prum_match.values.text import strip_diacritics
from prum_match.vehicle.syntax import districts

__all__ = ["readings", "umlaut_names"]

_EXPANDED = str.maketrans({"Ä": "AE", "Ö": "OE", "Ü": "UE"})
# District and letters, then the number; H is a historic car, E an electric one.
_GERMAN = re.compile(r"([A-ZÄÖÜ]+[0-9]{1,4})([HE]?)")
_BEHIND_DISTRICT = re.compile(r"[A-Z]{0,2}[0-9]{1,6}[HE]?")


def readings(country: str | None, spelling: str, compact: str, district: int) -> list[str]:
    """Return the other spellings of a plate, without the one given.

    Parameters
    ----------
    country : str or None
        ISO 3166-1 alpha-2 code.
    spelling, compact : str
        The key with and without its separators.
    district : int
        Symbols of its district; 0 if they are not known.

    Returns
    -------
    list of str
        Germany: umlauts of the district as ``Ä``, ``AE`` and ``A``, where the list of districts
        knows them and no other district is written so; the suffixes H and E absent or present.
        Greece: P for R, since Ρ is printed as R too. Empty for others.

    Examples
    --------
    >>> readings("DE", "TOL-BA 218H", "TOLBA218H", 3)
    ['TÖL-BA 218H', 'TOEL-BA 218H', 'TÖL-BA 218', 'TOEL-BA 218', 'TOL-BA 218']
    >>> readings("GR", "ABR-1234", "ABR1234", 0)
    ['ABP-1234']
    """  # noqa: RUF002
    if country == "DE":
        return _german(spelling, compact, district)
    if country == "GR" and "R" in compact:
        return [spelling.replace("R", "P")]
    return []


def umlaut_names() -> frozenset[str]:
    """Return all ways to write a district with an umlaut, by which readings differ."""
    return frozenset(_umlauts())


def _german(spelling: str, compact: str, district: int) -> list[str]:
    whole = _GERMAN.fullmatch(compact)
    spellings = [spelling]
    if whole:
        base = spelling.removesuffix(whole[2]) if whole[2] else spelling
        spellings += [base] if whole[2] else [base + "H", base + "E"]
    names = [compact[:district]] if district else [compact[:n] for n in range(1, 5)]
    # A prefix lies before the first separator: the spelling begins with it as well.
    found = [
        other + text[len(name) :]
        for text in spellings
        for name in names
        if district or _BEHIND_DISTRICT.fullmatch(compact, len(name))
        for other in _umlauts().get(name, ())
    ]
    return list(dict.fromkeys(found + spellings[1:]))


@cache
def _umlauts() -> dict[str, list[str]]:
    """Map each way to write a district with an umlaut to the other ways."""
    known = districts()
    others: dict[str, list[str]] = {}
    for name in sorted(known):
        written = {name: None, name.translate(_EXPANDED): None, strip_diacritics(name): None}
        # BÖ without its points is Bochum, not another way to write BÖ.
        ways = [way for way in written if way == name or way not in known]
        for way in ways:
            others.setdefault(way, []).extend(other for other in ways if other != way)
    return others
