"""An entry holds the data that the law requires in a log, and cannot hold more."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from prum_match.errors import ExchangeError, InvalidInput, PrumError
from prum_match.exchange.audit import RETENTION_YEARS, UNKNOWN, Act, Entry, erase_before
from prum_match.exchange.audit.entries import content_of, from_content, time_bytes
from support.exchange.audits import entry

LONGEST = Entry(
    act=Act.CORE_DATA_RECEIVED,
    time=datetime.max.replace(tzinfo=UTC),
    party="EUROPOL",
    category="c" * 64,
    number="n" * 64,
    reference='"' * 64,
    result="r" * 64,
    code="c" * 64,
    type="P",
    candidates=2**53 - 1,
    actor="\\" * 64,
)


@pytest.mark.parametrize(
    "one",
    [
        entry(1),
        LONGEST,
        entry(2, party=UNKNOWN, category=UNKNOWN, number=UNKNOWN, reference=None),
        entry(3, time=datetime.min.replace(tzinfo=UTC)),
    ],
)
def test_an_entry_comes_back(one: Entry) -> None:
    assert from_content(time_bytes(one.time), content_of(one)) == one


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("act", "asked"),
        ("time", datetime(2026, 1, 1)),
        ("time", datetime(2026, 1, 1, tzinfo=timezone(timedelta(hours=1)))),
        ("party", "XX"),
        ("category", "Erika Mustermann"),
        ("number", "Erika Mustermann"),
        ("number", "n" * 65),
        ("reference", ""),
        ("reference", "Müller"),
        ("reference", "r" * 65),
        ("result", "Erika Mustermann"),
        ("code", "Erika Mustermann"),
        ("type", "M"),
        ("candidates", -1),
        ("candidates", True),
        ("candidates", [{"name": "Erika Mustermann"}]),
        ("actor", "a" * 65),
    ],
)
def test_a_field_refuses_invalid_values_without_repeating_them(field: str, value: object) -> None:
    with pytest.raises(ExchangeError) as error:
        entry(1, **{field: value})
    assert (error.value.code, error.value.field) == ("invalid_field", field)
    assert "Erika" not in str(error.value) + repr(error.value)


def test_nothing_can_be_added_to_the_list() -> None:
    with pytest.raises(TypeError):
        entry(1, profile=b"...")
    assert not hasattr(entry(1), "__dict__")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"{}",
        content_of(entry(1))[:-1],
        content_of(entry(1)).replace(b'"act":"answered"', b'"act":"nothing"'),
        content_of(entry(1)).replace(b'"actor"', b'"names"'),
        content_of(entry(1)).replace(b'"DE"', b"[]"),
        content_of(entry(1)).replace(b'"DE"', b'"XX"'),
        b" " * 4096,
    ],
)
def test_content_of_another_kind_is_refused(content: bytes) -> None:
    with pytest.raises(ExchangeError):
        from_content(time_bytes(entry(1).time), content)


@pytest.mark.parametrize("time", [b"\xff" * 8, b"\xff" * 9])
def test_an_invalid_time_is_refused(time: bytes) -> None:
    with pytest.raises(ExchangeError):
        from_content(time, content_of(entry(1)))


def test_an_entry_is_written_in_the_form_of_earlier_logs() -> None:
    one = Entry(
        act=Act.ERASED, time=datetime(1, 1, 1, 0, 0, 1, tzinfo=UTC), party="DE", category="dna",
        number="1",
    )  # fmt: skip
    # Microseconds since the year 1.
    assert time_bytes(one.time).hex() == "00000000000f4240"
    assert content_of(one) == (
        b'{"act":"erased","actor":null,"candidates":0,"category":"dna","code":null,"number":"1",'
        b'"party":"DE","reference":null,"result":null,"type":null}'
    )


def test_time_bytes_sort_by_time_in_all_zones() -> None:
    east = datetime(2026, 1, 1, 12, tzinfo=timezone(timedelta(hours=2)))
    moments = [datetime(1, 1, 1, tzinfo=UTC), east, datetime(2026, 1, 1, 10, 0, 0, 1, tzinfo=UTC)]
    written = [time_bytes(moment) for moment in moments]
    assert written == sorted(set(written))
    assert time_bytes(east) == time_bytes(datetime(2026, 1, 1, 10, tzinfo=UTC))


@pytest.mark.parametrize("moment", [datetime(2026, 1, 1), "2026-01-01", None])
def test_a_moment_needs_a_time_zone(moment: object) -> None:
    with pytest.raises(InvalidInput) as error:
        time_bytes(moment, name="since")  # type: ignore[arg-type]
    assert (error.value.code, error.value.field) == ("bad_moment", "since")
    assert isinstance(error.value, PrumError)


@pytest.mark.parametrize(
    ("now", "before"),
    [
        # Golden vector L01: created on 1 January 2030, erased on 1 January 2033.
        ("2033-01-01T09:00:00+00:00", "2030-01-01T09:00:00+00:00"),
        ("2031-02-28T23:59:59+00:00", "2028-02-28T23:59:59+00:00"),
        ("2031-03-01T00:00:00+00:00", "2028-03-01T00:00:00+00:00"),
        # 29 February has no counterpart: all of the 28th is three years old.
        ("2032-02-29T12:30:00+00:00", "2029-03-01T00:00:00+00:00"),
    ],
)
def test_three_years_ago(now: str, before: str) -> None:
    assert erase_before(datetime.fromisoformat(now)) == datetime.fromisoformat(before)
    assert RETENTION_YEARS == 3
