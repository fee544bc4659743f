"""Folding of registration and chassis numbers: any text to symbols and separators."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from prum_match.errors import InvalidInput
from prum_match.values.text import LOOKALIKES, base_letter, clean
from prum_match.vehicle.numbers.alphabet import CODE_OF

WILDCARDS = frozenset("?*[]")
"""Characters that stand for others in a pattern."""

# What stands between groups besides space, hyphen and dot: rings and discs are coats of arms and
# seals.
_OTHER_SEPARATORS = {
    **dict.fromkeys("\t\n\r\u2028\u2029", " "),
    **dict.fromkeys("·∙•‧⋅・。", "."),
    **dict.fromkeys("\u2212\u02d7/:_|¦\\●○◦◯⬤⚫⚪∘◉", "-"),
}


def refuse_wildcards(text: str, field: str, rule: str) -> None:
    """Raise ``incomplete_key`` for a text with wildcards, in any Unicode form."""
    if not WILDCARDS.isdisjoint(clean(text)[0]):
        raise InvalidInput(
            "the number has to be complete, without ?, *, [ or ]",
            code="incomplete_key",
            field=field,
            rule=rule,
            value=text,
        )


def fold(text: str, slash: bool = False) -> tuple[str, tuple[str, ...]] | None:
    """Fold a text to symbols of the alphabet and the separators space, hyphen and dot."""
    cleaned, notes = clean(text)
    changed = dict.fromkeys(notes)
    written: list[str] = []
    for character in cleaned:
        if slash and character == "/":
            written.append(character)
            continue
        symbol, what = folded_character(character)
        if symbol is None or (not symbol and not (written and written[-1].isalpha())):
            return None
        written.append(symbol)
        changed.update(dict.fromkeys(what))
    return "".join(written), tuple(changed)


# Bounded; single characters are no personal data.
@lru_cache(maxsize=1024)
def folded_character(character: str) -> tuple[str | None, tuple[str, ...]]:
    """Return the symbol or separator for a character in NFKC, and the changes."""
    if character in " -.":
        return character, ()
    if character in _OTHER_SEPARATORS:
        return _OTHER_SEPARATORS[character], ("other separators",)
    category = unicodedata.category(character)
    if category in ("Zs", "Pd"):
        return (" " if category == "Zs" else "-"), ("other separators",)
    # Class 1 strikes a letter out; all others stand above, below or beside it.
    if category == "Mn" and unicodedata.combining(character) > 1:
        return "", ("diacritics",)
    return _folded_letter(character)


def _folded_letter(letter: str) -> tuple[str | None, tuple[str, ...]]:
    changed: list[str] = []
    while True:
        upper = letter.upper()
        # ß has two capitals: it is not the lower case of a symbol.
        if len(upper) == 1 and upper != letter:
            changed.append("lower case")
            letter = upper
        if letter in LOOKALIKES:
            changed.append("Cyrillic or Greek lookalikes")
            letter = LOOKALIKES[letter]
        if letter in CODE_OF:
            return letter, tuple(changed)
        base = base_letter(letter)
        if base == letter:
            return None, ()
        changed.append("diacritics")
        letter = base
