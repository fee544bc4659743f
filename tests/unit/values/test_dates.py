# ruff: noqa: RUF001
from __future__ import annotations

import datetime

import pytest

from prum_match.errors import InvalidInput
from prum_match.values.dates import PartialDate


@pytest.mark.parametrize("text", ["1984", "1984-02", "1984-02-29", "0001-01-01", "9999-12-31"])
def test_texts_survive_a_round_trip(text):
    assert str(PartialDate.parse(text)) == text


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("1984", (1984, 1, 1), (1984, 12, 31)),
        ("1984-02", (1984, 2, 1), (1984, 2, 29)),
        ("1985-02", (1985, 2, 1), (1985, 2, 28)),
        ("1985-02-03", (1985, 2, 3), (1985, 2, 3)),
    ],
)
def test_the_days_that_it_can_be(text, first, last):
    date = PartialDate.parse(text)
    assert (date.first, date.last) == (datetime.date(*first), datetime.date(*last))


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "84",
            "1984-2",
            "1984-13",
            "1984-00",
            "1985-02-29",
            "1984-02-00",
            "0000",
            "1984-02-29 ",
        ),
        *("1984-02-29T00:00", "19840229", "１９８４", "1984\n", "-1984", None, 1984),
    ],
)
def test_anything_else_is_refused_without_showing_it(text):
    with pytest.raises(InvalidInput) as caught:
        PartialDate.parse(text)
    assert caught.value.code == "bad_date"
    assert caught.value.value == text
    assert not text or str(text) not in str(caught.value)


@pytest.mark.parametrize(
    "parts",
    [
        *(
            (1984, None, 2),
            (1984, 0),
            (1984, 1, 0),
            (1984.0,),
            (True,),
            (None,),
            (10**30,),
            ("1984",),
        ),
        *((1984, -1), (1984, 4, 31), (0,), (10000,)),
    ],
)
def test_parts_that_make_no_date(parts):
    with pytest.raises(InvalidInput) as caught:
        PartialDate(*parts)
    assert caught.value.code == "bad_date"


def test_order_is_that_of_all_days():
    year, month, day = map(PartialDate.parse, ("1984", "1984-02", "1984-02-03"))
    later = PartialDate(1985)
    assert year.is_before(later)
    assert not later.is_before(year)
    for one, other in [(year, month), (month, day), (year, day), (year, year)]:
        assert one.overlaps(other)
        assert other.overlaps(one)
        assert not one.is_before(other)
    assert day.is_before(PartialDate(1984, 3))
    assert not day.overlaps(PartialDate(1984, 2, 4))
