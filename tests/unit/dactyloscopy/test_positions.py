"""Positions of hands: names, fingers, and which may show the same skin."""

from __future__ import annotations

from itertools import product

import pytest

from prum_match.dactyloscopy import positions
from prum_match.dactyloscopy.positions import KNOWN_POSITIONS, fingers_of, is_palm, may_be_same
from prum_match.errors import InvalidInput

GROUPS = {
    11: {1},
    12: {6},
    13: {2, 3, 4, 5},
    14: {7, 8, 9, 10},
    15: {1, 6},
    40: {2, 3},
    41: {3, 4},
    42: {4, 5},
    43: {7, 8},
    44: {8, 9},
    45: {9, 10},
    46: {2, 7},
    47: {2, 3, 4},
    48: {3, 4, 5},
    49: {7, 8, 9},
    50: {8, 9, 10},
}
EVERY_PAIR = list(product(sorted(KNOWN_POSITIONS), repeat=2))


def test_the_codes() -> None:
    palms = {*range(20, 39), *range(81, 87)}
    assert {*range(20), *range(40, 51), *palms} == KNOWN_POSITIONS
    assert palms == positions.PALMS
    assert all(is_palm(code) == (code in palms) for code in range(256))


def test_names_of_positions_are_distinct() -> None:
    names = [positions.position_name(code) for code in sorted(KNOWN_POSITIONS)]
    assert len(set(names)) == len(names)
    assert positions.position_name(20) == "unknown palm"
    assert positions.position_name(48) == "right middle, ring and little"


@pytest.mark.parametrize("code", [-1, 39, 51, 60, 80, 87, 255])
def test_unknown_codes_have_no_name(code: int) -> None:
    with pytest.raises(InvalidInput) as error:
        positions.position_name(code)
    assert (error.value.code, error.value.field, error.value.value) == (
        "bad_position",
        "position",
        code,
    )


def test_fingers() -> None:
    shown = {code: set(fingers_of(code)) for code in range(256) if fingers_of(code)}
    assert shown == {**{code: {code} for code in range(1, 11)}, **GROUPS}


def test_the_name_of_a_group_lists_its_fingers() -> None:
    for code in range(40, 51):
        words = positions.position_name(code).replace(",", "").split()
        said = {word for word in words if word != "and"}
        assert said == {part for f in GROUPS[code] for part in positions.FINGERS[f].split()}


def test_symmetric_and_reflexive() -> None:
    assert all(may_be_same(a, b) == may_be_same(b, a) for a, b in EVERY_PAIR)
    assert all(may_be_same(code, code) for code in KNOWN_POSITIONS)


def test_an_unknown_position_may_be_any() -> None:
    for code in KNOWN_POSITIONS:
        assert may_be_same(18, code)
        if code != 18:
            assert may_be_same(0, code) == (not is_palm(code))
            assert may_be_same(20, code) == is_palm(code)
            assert may_be_same(19, code) == (not is_palm(code))


def test_fingers_and_groups_share_a_finger_or_not() -> None:
    shown = {**{code: {code} for code in range(1, 11)}, **GROUPS}
    for a, b in product(shown, repeat=2):
        assert may_be_same(a, b) == bool(shown[a] & shown[b])


def test_extra_digits() -> None:
    assert not may_be_same(16, 17)
    assert not any(may_be_same(extra, code) for extra in (16, 17) for code in (1, 5, 10, 13, 50))


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        (21, 31, True),
        (21, 33, True),
        (25, 32, True),
        (25, 31, False),
        (26, 31, True),
        (22, 33, True),
        (22, 32, False),
        (37, 22, True),
        (85, 81, True),
        (85, 21, False),
        (29, 85, True),
    ],
)
def test_parts_of_palms(a: int, b: int, same: bool) -> None:
    assert may_be_same(a, b) is same
    left = {21: 23, 22: 24, 25: 27, 26: 28, 29: 30, 31: 34, 32: 35, 33: 36, 37: 38}
    left |= {81: 82, 83: 84, 85: 86}
    assert may_be_same(left[a], left[b]) is same
    assert not may_be_same(a, left[b])
