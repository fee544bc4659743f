"""Transliterations of names to Latin letters and ASCII, by several rules.

The tables are not those of the matcher: what it has to find was written by somebody else.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from functools import cache
from typing import TypeAlias

from prum_match.values.packagedata import package_rows

Rule: TypeAlias = Mapping[str, str]

_DIAERESIS, _END = "\u0308", "$"


def plain(name: str) -> str:
    """Return a name without diacritics, in the letters of its script; Latin ones in ASCII."""
    composed = unicodedata.normalize("NFC", name)
    return _written(_bare(composed), _rules()["LATIN"]["stripped"])


def transliterations(name: str) -> tuple[str, ...]:
    """Return the ASCII spellings of a name, one for each rule of its script.

    Of Latin names that is the one which spells letters out, where there are such.
    """
    script = next((_script(letter) for letter in name if letter.isalpha()), "LATIN")
    rules = _rules()[script]
    if script != "LATIN":
        return tuple(_written(name, rule) for rule in rules.values())
    spelled = plain(_written(name, rules["expanded"]))
    return (spelled,) if spelled != plain(name) else ()


def _script(letter: str) -> str:
    return unicodedata.name(letter).partition(" ")[0]


@cache
def _rules() -> Mapping[str, Mapping[str, Rule]]:
    """Return the rules by script and name: replacements of one letter or two."""
    rules: dict[str, dict[str, dict[str, str]]] = {}
    for row in package_rows("prum_match.samples.persons", "transliterations.csv"):
        by_name = rules.setdefault(row["script"], {})
        by_name.setdefault(row["rule"], {})[row["letters"]] = row["latin"]
    return rules


def _bare(name: str) -> str:
    # The short i of Cyrillic is a letter of its own, which nobody writes without its breve.
    return "".join(each if each in "йЙ" else _base(each) for each in name)


def _base(letter: str) -> str:
    decomposed = unicodedata.normalize("NFD", letter)
    return "".join(part for part in decomposed if not unicodedata.combining(part))


def _written(name: str, rule: Rule) -> str:
    """Return a name by a rule, the most letters first; ``$`` is the end of the name."""
    name = unicodedata.normalize("NFC", name)
    letters = [*name.lower(), _END]
    # The accent of two vowels that are one stands on the second; a diaeresis parts them.
    joined = [
        each if _DIAERESIS in unicodedata.normalize("NFD", each) else _bare(each)
        for each in letters
    ]
    out, at = "", 0
    while at < len(name):
        for size in (3, 2, 1):
            key = letters[at] + "".join(joined[at + 1 : at + size])
            if key in rule:
                break
        text = rule.get(key) or rule.get(_bare(key), name[at])
        out += _cased(text, name, at)
        at += size
    return out


def _cased(text: str, name: str, at: int) -> str:
    if name.isupper():
        return text.upper()
    return text.capitalize() if name[at].isupper() and text.islower() else text
