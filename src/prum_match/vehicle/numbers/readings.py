"""National readings: other spellings of the same plate in a register."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import NamedTuple

from prum_match.values.text import strip_diacritics
from prum_match.vehicle.numbers.syntax import districts

_EXPANDED = str.maketrans({"Ä": "AE", "Ö": "OE", "Ü": "UE"})
# District and letters, then the number; H is a historic car, E an electric one.
_GERMAN = re.compile(r"[A-ZÄÖÜ]+[0-9]{1,4}([HE]?)")
_BEHIND_DISTRICT = re.compile(r"[A-Z]{0,2}[0-9]{1,6}[HE]?")


class Reading(NamedTuple):
    """Another way to write a plate."""

    compact: str
    district: int


def readings(country: str | None, compact: str, district: int) -> tuple[Reading, ...]:
    """Return the other ways to write a plate, without the one given."""
    if country == "DE":
        return tuple(dict.fromkeys(_german(compact, district)))
    if country == "GR" and "R" in compact:
        return (Reading(compact.replace("R", "P"), 0),)
    return ()


def umlaut_ways() -> Mapping[str, Sequence[str]]:
    """Return the other spellings for each spelling of a German district with an umlaut."""
    return _umlauts()


def _german(compact: str, district: int) -> Iterator[Reading]:
    suffixes = _other_suffixes(compact)
    names = [compact[:district]] if district else [compact[:n] for n in range(1, 5)]
    others = [
        (name, other)
        for name in names
        for other in _umlauts().get(name, ())
        if district or _BEHIND_DISTRICT.fullmatch(compact, len(name))
    ]
    for text in (compact, *suffixes):
        for name, other in others:
            yield Reading(other + text[len(name) :], len(other) if district else 0)
    for text in suffixes:
        yield Reading(text, district)


def _other_suffixes(compact: str) -> tuple[str, ...]:
    whole = _GERMAN.fullmatch(compact)
    if whole is None:
        return ()
    return (compact[:-1],) if whole[1] else (compact + "H", compact + "E")


@cache
def _umlauts() -> dict[str, list[str]]:
    """Map each spelling of a district with an umlaut to the others."""
    known = districts()
    others: dict[str, list[str]] = {}
    for name in sorted(known):
        written = {name: None, name.translate(_EXPANDED): None, strip_diacritics(name): None}
        # BÖ without its points is Bochum, not another way to write BÖ.
        ways = [way for way in written if way == name or way not in known]
        for way in ways:
            others.setdefault(way, []).extend(other for other in ways if other != way)
    return others
