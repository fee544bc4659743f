"""Typing errors: a letter added, missing, beside the right key, or exchanged with the next."""

from __future__ import annotations

import unicodedata

from prum_match.samples.persons.urns import Chance

# Rows of keys; the keys beside and above or below one are hit in its place.
_KEYBOARDS = (
    ("qwertyuiop", "asdfghjkl", "zxcvbnm"),
    ("ςερτυθιοπ", "ασδφγηξκλ", "ζχψωβνμ"),
    ("явертъуиопшщ", "асдфгхйкл", "зьцжбнм"),
)
_KINDS = ("insert", "delete", "substitute", "swap")


def _neighbours() -> dict[str, str]:
    found = {}
    for rows in _KEYBOARDS:
        for y, row in enumerate(rows):
            for x, key in enumerate(row):
                near = [(y, x - 1), (y, x + 1), (y - 1, x), (y - 1, x + 1), (y + 1, x - 1)]
                near.append((y + 1, x))
                found[key] = "".join(
                    rows[b][a] for b, a in near if 0 <= b < len(rows) and 0 <= a < len(rows[b])
                )
    return found


_NEAR = _neighbours()


def slip(name: str, chance: Chance) -> str | None:
    """Return a name with one typing error; None if it is too short or would not change."""
    places = [at for at, letter in enumerate(name) if letter.isalpha()]
    if len(places) < 3:
        return None
    at = places[chance.below(len(places))]
    kind = _KINDS[chance.below(len(_KINDS))]
    before, letter, after = name[:at], name[at], name[at + 1 :]
    if kind == "delete":
        return before + after
    if kind == "swap":
        if not after or not after[0].isalpha() or after[0].lower() == letter.lower():
            return None
        return before + _cased(after[0], letter) + _cased(letter, after[0]) + after[1:]
    near = _NEAR.get(unicodedata.normalize("NFD", letter.lower())[0])
    if near is None:
        return None
    hit = near[chance.below(len(near))]
    return before + (_cased(hit, letter) if kind == "substitute" else letter + hit) + after


def _cased(letter: str, like: str) -> str:
    return letter.upper() if like.isupper() else letter.lower()
