# ruff: noqa: RUF001
"""Romanisation: letters of any script written in A-Z, in each of the ways that states use.

Tables are data: ``latin.csv``, ``cyrillic.csv`` and ``greek.csv``; rules that depend on the
neighbours of a letter are here. All other scripts are left to anyascii, an optional package.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache

from prum_match.errors import InvalidInput, missing_extra
from prum_match.values.packagedata import package_rows

_CYRILLIC = re.compile("[\u0400-\u04ff]")
_GREEK = re.compile("[\u0370-\u03ff\u1f00-\u1fff]")
_DIAERESIS = "\u0308"

# In decomposed text, marks are characters of their own.
_START = r"(?<![\w\u0300-\u036f])"

Rules = tuple[tuple[re.Pattern[str], str], ...]


def _rules(*pairs: tuple[str, str]) -> Rules:
    return tuple((re.compile(pattern), written) for pattern, written in pairs)


_FIRST = ("YE", "YI", "Y", "YU", "YA")

# Column of the table, and the rules that depend on neighbours. The first scheme whose alphabet
# holds all letters of the name gives the plain spelling.
_CYRILLIC_SCHEMES: tuple[tuple[str, Rules], ...] = (
    # Transliteration Act 2009, Art. 5(2).
    ("bulgarian", _rules((r"ИЯ\b", "ИА"))),
    ("serbian", ()),
    # Resolution 55/2010 of the Cabinet of Ministers: the first letter of a word, and зг.
    (
        "ukrainian",
        _rules(
            *((_START + first, written) for first, written in zip("ЄЇЙЮЯ", _FIRST, strict=True)),
            ("ЗГ", "ZGH"),
        ),
    ),
    ("russian", _rules((r"[ИЫ]Й\b", "Y"))),
    ("belarusian", ()),
    ("macedonian", ()),
    ("icao", ()),
    # Ü and Ö of a foreign name are Ю and Ё behind a consonant.
    (
        "icao",
        _rules(("(?<=[БВГДЖЗКЛМНПРСТФХЦЧШЩ])Ю", "U"), ("(?<=[БВГДЖЗКЛМНПРСТФХЦЧШЩ])Ё", "O")),
    ),
)  # fmt: skip

_VOICED = _rules(
    # A stress or a diaeresis on or between the two keeps them apart; here it is a separate mark.
    (rf"([ΑΕΗ])Υ(?!{_DIAERESIS})(?=[\u0300-\u036f]*[ΑΕΗΙΟΥΩΒΓΔΖΛΜΝΡ])", r"\1V"),
    (rf"([ΑΕΗ])Υ(?!{_DIAERESIS})", r"\1F"),
)
_COMMON = _rules(
    (rf"ΟΥ(?!{_DIAERESIS})", "OU"), (_START + "ΜΠ", "B"), (r"ΜΠ\b", "B"),
    ("ΓΓ", "NG"), ("ΓΞ", "NX"),
)  # fmt: skip
_GREEK_SCHEMES: tuple[tuple[str, Rules], ...] = (
    ("elot", (*_VOICED, *_COMMON, *_rules(("ΓΧ", "NCH")))),
    (
        "popular",
        (*_VOICED, *_COMMON, *_rules((_START + "ΝΤ", "D"), (_START + "ΓΚ", "G"), ("ΓΧ", "NH"))),
    ),
    (
        "older",
        (
            *_rules((rf"([ΑΕ])Υ(?!{_DIAERESIS})", r"\1U")),
            *_VOICED,
            *_COMMON,
            *_rules((_START + "ΓΙ(?=[ΑΕΟΩ])", "YI"), ("ΓΧ", "NCH")),
        ),
    ),
)


def romanise(text: str) -> tuple[str, ...]:
    """Write a text in A-Z, in each of the ways that are in use."""
    if text.isascii():
        return (text,)
    spellings = [text]
    if _GREEK.search(text):
        spellings = [_greek(text, *scheme) for scheme in _GREEK_SCHEMES]
    if letters := set(_CYRILLIC.findall(text)):
        spellings = [
            _apply(spelling, rules).translate(_table("cyrillic.csv", column))
            for spelling in spellings
            for column, rules in _CYRILLIC_SCHEMES
            if column == "icao" or letters <= _alphabet(column)
        ]
    spellings = [
        _strip(spelling.translate(_table("latin.csv", column)))
        for column in ("plain", "expanded")
        for spelling in spellings
    ]
    return tuple(dict.fromkeys(s if s.isascii() else _other(s) for s in spellings))


def latin_spellings(capital: str) -> tuple[str, str] | None:
    """Return the plain spelling of a Latin letter and the other one, where A-Z have them."""
    plain, expanded = (
        _strip(capital.translate(_table("latin.csv", column))) for column in ("plain", "expanded")
    )
    written = plain + expanded
    return (plain, expanded) if written.isascii() and written.isalpha() else None


def _greek(text: str, column: str, rules: Rules) -> str:
    written = _apply(unicodedata.normalize("NFD", text), rules)
    return unicodedata.normalize("NFC", written.translate(_table("greek.csv", column)))


def _apply(text: str, rules: Rules) -> str:
    for pattern, written in rules:
        text = pattern.sub(written, text)
    return text


@cache
def _table(file_name: str, column: str) -> dict[int, str]:
    rows = package_rows("prum_match.police_record", file_name)
    return {ord(row["letter"]): row[column].replace("-", "") for row in rows if row[column]}


@cache
def _alphabet(column: str) -> frozenset[str]:
    return frozenset(map(chr, _table("cyrillic.csv", column)))


def _strip(text: str) -> str:
    if text.isascii():
        return text
    marks = unicodedata.normalize("NFD", text)
    return "".join(c for c in marks if not "\u0300" <= c <= "\u036f")


def _other(text: str) -> str:
    return "".join(c if c.isascii() else _other_letter(c) for c in text)


# Alef and ayn are vowels, or their seat, in Latin spellings; anyascii writes none.
_ARABIC = {"\u0627": "A", "\u0622": "A", "\u0623": "A", "\u0625": "I", "\u0639": "A"}


# The cache is bounded, and a single letter identifies nobody.
@lru_cache(maxsize=4096)
def _other_letter(letter: str) -> str:
    if letter in _ARABIC:
        return _ARABIC[letter]
    try:
        from anyascii import anyascii
    except ImportError:
        raise missing_extra("anyascii", "names") from None
    written = anyascii(letter).upper()
    # Marks and modifiers may be silent. Hamza is written with a mark that is no letter.
    if not written and unicodedata.category(letter) in ("Lu", "Ll", "Lt", "Lo"):
        raise InvalidInput(
            "a letter that cannot be written in A-Z",
            code="no_romanisation",
            field="name",
            value=letter,
        )
    return re.sub("[^A-Z0-9]", "", written)
