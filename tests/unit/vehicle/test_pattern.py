"""Patterns: their syntax, and what they match."""

from __future__ import annotations

from typing import Any

import pytest

from prum_match.errors import InvalidInput
from prum_match.vehicle.numbers.alphabet import CODE_OF, SYMBOLS
from prum_match.vehicle.numbers.pattern import ANY, compile_pattern, matches, places


def mask(symbols: str) -> int:
    return sum(1 << CODE_OF[symbol] for symbol in symbols)


@pytest.mark.parametrize(
    ("text", "compiled"),
    [
        ("AB", (mask("A"), mask("B"))),
        ("ab-1 .2", (mask("A"), mask("B"), mask("1"), mask("2"))),
        ("A?*", (mask("A"), ANY, None)),
        ("**A***", (None, mask("A"), None)),
        ("*-*", (None,)),
        ("[abc]", (mask("ABC"),)),
        ("[a-c1]", (mask("ABC1"),)),
        ("[A-C-E]", (mask("ABCE"),)),
        ("[-A]", (mask("A"),)),
        ("[A-]", (mask("A"),)),
        ("[9-A]", (mask("9A"),)),
        ("[!0-9]", (ANY & ~mask("0123456789"),)),
        ("[!ä]", (ANY & ~mask("Ä"),)),
        ("[Z-Ä]", (mask("ZÁÄ"),)),
        ("В*", (mask("B"), None)),  # noqa: RUF001
        ("Q\u0308*", (mask("Q"), None)),
        ("\uff21\uff1f\uff0a", (mask("A"), ANY, None)),
        ("A\u200bB", (mask("A"), mask("B"))),
        ("?" * 30, (ANY,) * 30),
    ],
)
def test_patterns_compile_to_masks(text: str, compiled: tuple[int | None, ...]) -> None:
    assert compile_pattern(text) == compiled


@pytest.mark.parametrize(
    "text",
    [
        *("", "-", " . ", "[", "A[BC", "[]", "[!]", "[]A]", "[-]", "[!-]", "[B-A]", "]", "A]"),
        *("[^A]", "\0", "😀", "Ж", "A\nB!", "[😀]", "[A-😀]", "[ß-z]", "?" * 31, "A" * 1001),
        *(None, b"A*", 7),
    ],
)
def test_invalid_patterns_are_refused(text: Any) -> None:
    with pytest.raises(InvalidInput) as caught:
        compile_pattern(text)
    assert (caught.value.code, caught.value.field) == ("bad_pattern", "pattern")
    assert caught.value.value == text


def test_a_class_that_excludes_all_symbols() -> None:
    with pytest.raises(InvalidInput):
        compile_pattern(f"[!{SYMBOLS}]", "vin")


@pytest.mark.parametrize(
    ("text", "compact", "match"),
    [
        ("AB?12*", "ABC12", True),
        ("AB?12*", "ABC1299", True),
        ("AB?12*", "AB12", False),
        ("*123*", "123", True),
        ("*123*", "BAB1234", True),
        ("??9?B*", "AB9ABC", True),
        ("123", "1234", False),
        ("123", "0123", False),
        ("*", "A", True),
        ("*1*1", "111", True),
        ("*1*1", "1", False),
        ("*A*B*C", "AABBCC", True),
    ],
)
def test_patterns_match_whole_numbers(text: str, compact: str, match: bool) -> None:
    assert matches(compile_pattern(text), compact) is match


def test_places_cover_the_key_and_stars_take_the_least() -> None:
    found = places(compile_pattern("*B*3"), "ABAB123")
    assert found == ((0, 1), (1, 2), (2, 6), (6, 7))
    assert places(compile_pattern("B*3"), "ABAB123") is None


def test_many_stars_are_matched_quickly() -> None:
    assert not matches(compile_pattern("*A" * 30), "A" * 29 + "B")
    assert matches(compile_pattern("*A" * 30), "A" * 30)


def test_a_slash_is_only_a_symbol_of_chassis_numbers() -> None:
    assert compile_pattern("12/3", "vin") == (*map(mask, "12/3"),)
    assert compile_pattern("12/3") == (*map(mask, "123"),)


def test_letters_that_chassis_numbers_lack_stand_for_digits_too() -> None:
    assert compile_pattern("IOQ", "vin") == (mask("I1"), mask("O0"), mask("Q0"))
    assert compile_pattern("[O5]", "vin") == (mask("O05"),)
    # Excluding the letter does not exclude the digit.
    assert compile_pattern("[!O]", "vin") == (ANY & ~mask("O"),)
    assert compile_pattern("[N-P]", "vin") == (mask("NOP"),)
    assert compile_pattern("IOQ") == (mask("I"), mask("O"), mask("Q"))
