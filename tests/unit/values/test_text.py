# ruff: noqa: RUF001
from __future__ import annotations

import unicodedata

import pytest

from prum_match.values.text import LOOKALIKES, base_letter, clean, fold_lookalikes, strip_diacritics


@pytest.mark.parametrize(
    ("text", "result", "changed"),
    [
        ("AB 12", "AB 12", ()),
        ("A\x00B", "A\x00B", ()),
        ("ÄÖ", "ÄÖ", ()),
        ("A\u0308", "Ä", ()),
        ("\u200fAB\u200d12\ufeff\xad", "AB12", ("invisible characters",)),
        ("ＡＢ１２", "AB12", ("compatibility forms",)),
        ("ﬁ²", "fi2", ("compatibility forms",)),
        ("A\u200d\u0308", "Ä", ("invisible characters",)),
        ("\u3164A", "A", ("invisible characters",)),
        ("Ａ\u202e", "A", ("invisible characters", "compatibility forms")),
    ],
)
def test_clean(text, result, changed):
    assert clean(text) == (result, changed)
    assert clean(result) == (result, ())


def test_visible_format_characters_stay():
    # The Arabic number sign is a format character with a glyph.
    assert clean("\u0600A") == ("\u0600A", ())


def test_lookalikes_are_capitals_of_cyrillic_or_greek():
    for letter, latin in LOOKALIKES.items():
        assert unicodedata.name(letter).startswith(("CYRILLIC CAPITAL", "GREEK CAPITAL"))
        assert latin in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    assert fold_lookalikes("СВ ΡΗ ЖΣ") == "CB PH ЖΣ"


@pytest.mark.parametrize(("letter", "base"), [("Ǟ", "Ä"), ("Ä", "A"), ("Ø", "O"), ("ﬁ", "ﬁ")])
def test_one_diacritic_at_a_time(letter, base):
    assert base_letter(letter) == base


def test_strip_diacritics():
    assert strip_diacritics("Łódź Müller Søren Đorđe Ệ Þ") == "Lodz Muller Soren Dorde E Þ"
