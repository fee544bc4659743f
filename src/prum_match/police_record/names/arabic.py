"""Names of Arabic origin in Latin letters: one spelling for Mohammed, Muhammad and Mohamed.

Registers write such names by ear, in the French, English or German manner. Applied to every name,
the sound rules would merge three European first names in ten with another; a table of names
decides where they apply.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache, lru_cache

from prum_match.values.packagedata import package_rows

_SOUNDS = tuple(
    (re.compile(pattern), sound)
    for pattern, sound in (
        ("SH|CH", "S"),
        ("([KGDT])H", r"\1"),
        ("DJ", "J"),
        ("PH", "F"),
        ("[QC]", "K"),
        ("NE$", "N"),
        ("OU|OO|O|W(?![AEI])", "U"),
        ("[AE][IY]", "AI"),
        ("EE|Y(?![AEU])", "I"),
        ("(?<=.)E", "A"),
        (r"(.)\1+", r"\1"),
        ("(?<=A)H$", ""),
    )
)
# Abd never stands alone: Abd al-Rahman, Abdul Rahman, Abdelrahman, Abderrahmane.
_SERVANT = re.compile("ABD(?:OU|[AEOU])?(?:[LRNSZDT])?")
_SERVANT_OF = re.compile(r"ABD(?:OU|[AEOU])(?:L|([RNSZDT])(?=\1))(?P<name>\w{2,})")
_ARTICLES = frozenset({"AL", "EL", "UL"})


def arabic_spelling(parts: Sequence[str]) -> tuple[str, ...] | None:
    """Return the parts, those of Arabic origin in one common spelling."""
    spelled: list[str] = []
    found = servant = False
    for part in parts:
        if servant and part in _ARTICLES:
            continue
        if not servant and not _may_be_arabic(part):
            spelled.append(part)
        elif servant:
            spelled[-1] = "ABD" + _sounds(part)
            servant, found = False, True
        elif _SERVANT.fullmatch(part):
            spelled.append(part)
            servant = True
        elif joined := _SERVANT_OF.fullmatch(part):
            spelled.append("ABD" + _sounds(joined["name"]))
            found = True
        else:
            name = names_by_sounds().get(_sounds(part))
            spelled.append(name or part)
            found = found or name is not None
    return tuple(spelled) if found else None


def is_servant(part: str) -> bool:
    """Tell whether a part joins with the next one, as Abd does in Abd Allah."""
    return _SERVANT.fullmatch(part) is not None


# No sound rule changes the consonant classes that remain, nor the order of their first letters.
_CLASSES = str.maketrans("CQSJP", "KKKDF", "AEIOUWYH")


def _skeleton(part: str) -> str:
    return "".join(dict.fromkeys(part.translate(_CLASSES)))


@cache
def _skeletons() -> frozenset[str]:
    return frozenset(map(_skeleton, names_by_sounds()))


def _may_be_arabic(part: str) -> bool:
    """Rule out nearly all names: the sound rules cost more than the rest of folding together."""
    return part.startswith("ABD") or _skeleton(part) in _skeletons()


@lru_cache(maxsize=2**16)
def _sounds(part: str) -> str:
    for pattern, sound in _SOUNDS:
        part = pattern.sub(sound, part)
    return part


@cache
def names_by_sounds() -> dict[str, str]:
    """Return the table of Arabic names by their approximate sound."""
    rows = package_rows("prum_match.police_record", "arabic_names.csv")
    return {sounds: row["name"] for row in rows for sounds in row["sounds"].split()}
