"""Bit patterns: of pieces of text, of values, and how many of them are kept."""

from __future__ import annotations

import hmac
from collections.abc import Sequence

import numpy as np
import pytest

from prum_match.police_record.filters import (
    Patterns,
    Words,
    bigrams,
    date_parts,
    fold_halves,
    keyed,
    united,
)
from prum_match.values.dates import PartialDate


def digest(message: bytes) -> bytes:
    return hmac.digest(b"key", message, "sha256")


def letters(text: str) -> list[str]:
    return list(text)


def places(words: Words) -> list[int]:
    return [64 * i + j for i, word in enumerate(words.tolist()) for j in range(64) if word >> j & 1]


@pytest.mark.parametrize("bits_set", [1, 16, 17, 64])
@pytest.mark.parametrize("bits", [64, 256, 2048])
def test_as_many_places_as_asked_for(bits_set: int, bits: int) -> None:
    found = keyed(digest, bits_set, bits)(["MU", "UL", "É"])
    assert found.shape == (3, bits // 64)
    assert np.bitwise_count(found).sum(axis=1).tolist() == [bits_set] * 3


def test_the_places_are_those_of_the_digests() -> None:
    numbers: list[int] = []
    for counter in (b"\0\0", b"\0\1", b"\0\2"):
        block = digest(counter + b"MU")
        numbers += [int.from_bytes(block[i : i + 2], "big") % 256 for i in range(0, 32, 2)]
    expected = list(dict.fromkeys(numbers))[:20]
    assert places(keyed(digest, 20, 256)(["MU"])[0]) == sorted(expected)


def test_fewer_places_are_some_of_the_more() -> None:
    few, more = (keyed(digest, k, 1024)(["MU"])[0] for k in (5, 30))
    assert {*places(few)} < {*places(more)}


def test_patterns_are_made_once() -> None:
    made: list[int] = []

    def make(values: Sequence[int]) -> Words:
        made.extend(values)
        return np.array(values, np.uint64)[:, None]

    patterns = Patterns(make, 1)
    for values in ([5, 3, 5], [3, 7], [], [7] * 9):
        assert patterns.of(values)[:, 0].tolist() == values
    assert made == [5, 3, 7]


def test_patterns_are_bounded() -> None:
    patterns: Patterns[int] = Patterns(lambda vs: np.array(vs, np.uint64)[:, None], 1, limit=10)
    for first in range(0, 100, 4):
        values = [first, first + 1, first + 2, 0]
        assert patterns.of(values)[:, 0].tolist() == values
        assert len(patterns) <= 10
    assert patterns.of(list(range(20)))[:, 0].tolist() == list(range(20))


def test_forgotten_patterns_are_overwritten() -> None:
    patterns: Patterns[int] = Patterns(lambda vs: np.array(vs, np.uint64)[:, None], 1)
    patterns.of([7, 9])
    table = patterns._table
    patterns.forget()
    assert len(patterns) == 0
    assert not table.any()


def test_a_value_is_the_union_of_its_pieces() -> None:
    pieces = Patterns(keyed(digest, 7, 256), 4)
    words = united(letters, pieces)(["AB", "", "B", "BAB"])
    a, b = pieces.of(["A", "B"])
    assert np.array_equal(words, [a | b, 0 * a, b, a | b])
    assert united(letters, pieces)([""]).tolist() == [[0] * 4]


def test_bigrams_are_of_parts_and_not_of_their_order() -> None:
    assert bigrams(["AB"]) == ["_A", "AB", "B_"]
    assert sorted(bigrams(["AB C"])) == sorted(bigrams(["C AB"])) == ["AB", "B_", "C_", "_A", "_C"]
    assert bigrams([]) == []


def test_parts_of_dates() -> None:
    def common(one: str, other: str) -> int:
        parse = PartialDate.parse
        return len({*date_parts(parse(one))} & {*date_parts(parse(other))})

    assert len(date_parts(PartialDate(1984, 3, 12))) == 4
    assert common("1984-03-12", "1984-12-03") == 2
    assert common("1984-03-12", "1985-03-12") == 1
    assert common("1984-03-12", "1984-03-13") == 2
    assert common("1984-03-12", "1984") == 1
    assert common("1984-03-12", "1984-03") == 2
    assert common("1984-03-12", "1985-04-13") == 0
    assert date_parts(None) == []


def test_folding_is_the_exclusive_or_of_the_halves() -> None:
    words = np.random.default_rng(1).integers(0, 2**63, (5, 8)).astype(np.uint64)
    folded = fold_halves(words)
    assert folded.shape == (5, 4)
    assert [{*places(row)} for row in folded] == [
        {*places(row[:4])} ^ {*places(row[4:])} for row in words
    ]
