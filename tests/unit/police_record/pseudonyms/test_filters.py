"""Bit patterns: of pieces of names and dates, drawn from keyed digests."""

from __future__ import annotations

import hmac
from collections.abc import Sequence

import numpy as np
import pytest

from oracles.police_record.filters import bigrams, date_parts, places
from prum_match._native import Hmac, NamePatterns
from prum_match.errors import InvalidInput
from prum_match.police_record.names.spelled import spell
from prum_match.police_record.persons.clear_fields import pack_date
from prum_match.values.dates import PartialDate

pytestmark = pytest.mark.native

KEY = b"a key of some field"


def digest(field: str, message: bytes) -> bytes:
    return hmac.digest(KEY, message, "sha256")


def patterns(bits_set: int = 15, bits: int = 256) -> NamePatterns:
    return NamePatterns(Hmac(KEY), bits_set, bits)


def set_by(made: NamePatterns, names: Sequence[str], bits: int = 256) -> list[set[int]]:
    rows = np.zeros((len(names), bits // 64), np.uint64)
    made.add_names(spell([(name,) for name in names], range(len(names))), rows)
    return [
        {64 * i + j for i, word in enumerate(row) for j in range(64) if word >> j & 1}
        for row in rows.tolist()
    ]


def set_by_dates(made: NamePatterns, dates: Sequence[PartialDate | None]) -> list[set[int]]:
    rows = np.zeros((len(dates), 4), np.uint64)
    made.add_dates(np.array([pack_date(date) for date in dates], np.uint32), rows)
    return [
        {64 * i + j for i, word in enumerate(row) for j in range(64) if word >> j & 1}
        for row in rows.tolist()
    ]


def drawn(pieces: set[str], bits_set: int = 15, bits: int = 256) -> set[int]:
    return {place for piece in pieces for place in places(digest, "name", piece, bits_set, bits)}


@pytest.mark.parametrize("bits_set", [1, 16, 17, 32])
@pytest.mark.parametrize("bits", [64, 256, 2048])
def test_the_places_are_those_of_the_digests(bits_set: int, bits: int) -> None:
    found = set_by(patterns(bits_set, bits), ["MULLER", "Ad", ""], bits)
    assert found == [
        drawn({"_M", "MU", "UL", "LL", "LE", "ER", "R_"}, bits_set, bits),
        drawn({"_A", "AD", "D_"}, bits_set, bits),
        set(),
    ]
    assert len(places(digest, "name", "MU", bits_set, bits)) == bits_set


def test_places_by_hand() -> None:
    numbers: list[int] = []
    for counter in (b"\0\0", b"\0\1", b"\0\2"):
        block = digest("name", counter + b"MU")
        numbers += [int.from_bytes(block[i : i + 2], "big") % 256 for i in range(0, 32, 2)]
    expected = {*list(dict.fromkeys(numbers))[:20]}
    assert expected == places(digest, "name", "MU", 20, 256)
    assert expected <= set_by(patterns(20), ["MU"])[0]


def test_fewer_places_are_some_of_the_more() -> None:
    few, more = (set_by(patterns(k, 1024), ["MULLER"], 1024)[0] for k in (5, 30))
    assert few < more


def test_bits_are_added_to_those_that_are_there() -> None:
    made = patterns()
    rows = np.full((1, 4), 1 << 63, np.uint64)
    made.add_names(spell([()], [0]), rows)
    assert (rows == 1 << 63).all()
    made.add_names(spell([("Eva",)], [0]), rows)
    assert (rows >= 1 << 63).all()
    assert np.bitwise_count(rows).sum() > 4


def test_forgotten_patterns_are_made_again() -> None:
    key = Hmac(KEY)
    made = NamePatterns(key, 15, 256)
    before = set_by(made, ["MULLER"])
    made.forget()
    assert set_by(made, ["MULLER"]) == before
    # Nothing is kept that a key was needed for.
    made.forget()
    key.forget()
    assert set_by(made, ["MULLER"]) != before


def test_invalid_shapes_of_filters_are_refused() -> None:
    for bits_set, bits in ((15, 100), (15, 32), (65, 128), (15, 1 << 17)):
        with pytest.raises(InvalidInput) as error:
            patterns(bits_set, bits)
        assert error.value.code == "bad_shape"
    for shape in ((2, 4), (1, 5), (4,)):
        with pytest.raises(InvalidInput) as error:
            patterns().add_names(spell([("Eva",)], [0]), np.zeros(shape, np.uint64))
        assert error.value.code == "bad_shape"


def test_bigrams_are_of_parts_and_not_of_their_order() -> None:
    assert bigrams(["AB"]) == {"_A", "AB", "B_"}
    assert set_by(patterns(), ["BO AB", "AB BO", "Bo-Ab"])[0] == drawn(bigrams(["AB BO"]))
    assert len({frozenset(f) for f in set_by(patterns(), ["BO AB", "AB BO"])}) == 1


def test_parts_of_dates() -> None:
    def common(one: str, other: str) -> int:
        parse = PartialDate.parse
        return len(date_parts(parse(one)) & date_parts(parse(other)))

    assert len(date_parts(PartialDate(1984, 3, 12))) == 4
    assert common("1984-03-12", "1984-12-03") == 2
    assert common("1984-03-12", "1985-03-12") == 1
    assert common("1984-03-12", "1984-03-13") == 2
    assert common("1984-03-12", "1984") == 1
    assert common("1984-03-12", "1984-03") == 2
    assert common("1984-03-12", "1985-04-13") == 0
    assert date_parts(None) == set()


def test_dates_set_the_bits_of_their_parts() -> None:
    dates = [
        PartialDate(1984, 3, 12),
        PartialDate(1984, 12, 3),
        PartialDate(1984, 3),
        PartialDate(1984),
        None,
        PartialDate(812, 1, 1),
    ]
    assert set_by_dates(patterns(), dates) == [drawn(date_parts(date)) for date in dates]
