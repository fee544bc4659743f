"""Folding of text, so that spellings of one thing become equal.

Nothing is transliterated.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

# Characters without a glyph that change neither the word nor its direction: soft hyphen, joiners,
# marks and overrides of direction, variation selectors, fillers, tags. Unicode Standard, 5.21.
_INVISIBLE_RANGES = (
    (0x00AD, 0x00AD),
    (0x034F, 0x034F),
    (0x061C, 0x061C),
    (0x115F, 0x1160),
    (0x17B4, 0x17B5),
    (0x180B, 0x180F),
    (0x200B, 0x200F),
    (0x202A, 0x202E),
    (0x2060, 0x206F),
    (0x3164, 0x3164),
    (0xFE00, 0xFE0F),
    (0xFEFF, 0xFEFF),
    (0xFFA0, 0xFFA0),
    (0xE0000, 0xE01EF),
)
_INVISIBLE = {code: None for first, last in _INVISIBLE_RANGES for code in range(first, last + 1)}

LOOKALIKES: Mapping[str, str] = MappingProxyType(
    dict(
        zip(
            "АВЕЅІЈКМНОРСТУХԚԜ" + "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ",  # noqa: RUF001
            "ABESIJKMHOPCTYXQW" + "ABEZHIKMNOPTYX",
            strict=True,
        )
    )
)
"""Cyrillic and Greek capitals with the Latin capital that they look like."""

# Letters with a stroke have no decomposition in Unicode.
_STROKES = {"Ħ": "H", "ħ": "h", "Ŧ": "T", "ŧ": "t", "Ł": "L", "ł": "l", "Ø": "O", "ø": "o"}
_STROKES |= {"Đ": "D", "đ": "d"}


def clean(text: str) -> tuple[str, tuple[str, ...]]:
    """Return a text in NFKC without invisible characters, and the kinds of changes."""
    if text.isascii():
        return text, ()
    visible = text.translate(_INVISIBLE)
    composed = unicodedata.normalize("NFKC", visible)
    # A compatibility form can stand for something invisible.
    result = unicodedata.normalize("NFKC", composed.translate(_INVISIBLE))
    changed = []
    if len(visible) != len(text) or result != composed:
        changed.append("invisible characters")
    if composed != unicodedata.normalize("NFC", visible):
        changed.append("compatibility forms")
    return result, tuple(changed)


def fold_lookalikes(text: str) -> str:
    """Replace Cyrillic and Greek capitals by the Latin letters that they look like.

    Other letters stay as they are; nothing is transliterated.
    """
    return text.translate(_LOOKALIKE_TABLE)


_LOOKALIKE_TABLE = str.maketrans(dict(LOOKALIKES))


def base_letter(letter: str) -> str:
    """Return the letter below one diacritic, or the letter itself if there is none."""
    parts = unicodedata.decomposition(letter)
    if not parts or parts.startswith("<"):
        return _STROKES.get(letter, letter)
    return chr(int(parts.split()[0], 16))


def strip_diacritics(text: str) -> str:
    """Replace letters with diacritics by their base letters."""
    marks = unicodedata.normalize("NFD", text)
    bare = "".join(_STROKES.get(c, c) for c in marks if not unicodedata.combining(c))
    return unicodedata.normalize("NFC", bare)


def unique_members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return the members of a JSON object; raise `ValueError` if a name occurs twice."""
    members = dict(pairs)
    if len(members) < len(pairs):
        raise ValueError("a name occurs twice")
    return members
