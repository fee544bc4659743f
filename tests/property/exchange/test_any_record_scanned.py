"""A scan reads only written records; the general reader is its oracle."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime, timedelta, timezone
from enum import StrEnum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prum_match.errors import ExchangeError, PrumError
from prum_match.exchange.messages.encoding import dumps
from prum_match.exchange.messages.records import (
    BYTES,
    FLAG,
    SPAN,
    TIME,
    check_fields,
    from_json,
    integer,
    member,
    one_of,
    optional,
    record,
    scan_record,
    text,
    tuple_of,
    write_record,
)
from support.exchange.messages import damaged, messages

pytestmark = pytest.mark.native

JOINING = {"digest": '"0"', "kind": '"k"', "version": '"v/1"'}


class Mood(StrEnum):
    """Some words."""

    GOOD = "good"
    BAD = "bad"


@dataclass(frozen=True)
class Inner:
    """A record inside another."""

    word: str = field(metadata=text(r"[^\x00-\x1f]{0,9}").meta)

    def __post_init__(self) -> None:
        """Check."""
        check_fields(self)


@dataclass(frozen=True)
class Outer:
    """One field of each kind."""

    word: str = field(metadata=text(r"[^\x00-\x09]{0,9}").meta)
    number: int = field(metadata=integer(0, 10**20).meta)
    choice: str = field(metadata=one_of(("P", "S")).meta)
    gender: int = field(metadata=one_of((0, 1, 2, 9)).meta)
    mood: Mood = field(metadata=member(Mood).meta)
    flag: bool = field(metadata=FLAG.meta)
    time: datetime = field(metadata=TIME.meta)
    pause: timedelta | None = field(metadata=optional(SPAN).meta)
    data: bytes = field(metadata=BYTES.meta)
    inner: Inner | None = field(metadata=optional(record(Inner)).meta)
    words: tuple[str, ...] = field(metadata=tuple_of(text("[a-z]{1,3}"), 3).meta)
    inners: tuple[Inner, ...] = field(metadata=tuple_of(record(Inner)).meta)

    def __post_init__(self) -> None:
        """Check."""
        check_fields(self)


_letters = st.characters(min_codepoint=32, exclude_categories=["Cs"])
inners = st.builds(Inner, st.text(_letters, max_size=9))
outers = st.builds(
    Outer,
    word=st.text(st.characters(min_codepoint=10, exclude_categories=["Cs"]), max_size=9),
    number=st.integers(0, 10**20) | st.sampled_from([0, 10**17, 10**18 - 1, 10**18, 2**63]),
    choice=st.sampled_from("PS"),
    gender=st.sampled_from([0, 1, 2, 9]),
    mood=st.sampled_from(Mood),
    flag=st.booleans(),
    time=st.datetimes(timezones=st.just(UTC)),
    pause=st.none() | st.timedeltas(min_value=timedelta(microseconds=1)),
    data=st.binary(max_size=9),
    inner=st.none() | inners,
    words=st.lists(st.from_regex("[a-z]{1,3}", fullmatch=True), max_size=3).map(tuple),
    inners=st.lists(inners, max_size=3).map(tuple),
)


def plain(record_type: type[Any], data: bytes, joining: dict[str, str]) -> Any:
    """Read with the general reader: parse, make the record, write it again, compare."""
    try:
        raw = json.loads(data)
        for name, written in joining.items():
            if raw.pop(name) != json.loads(written):
                return None
        found = from_json(record_type, raw)
    except (PrumError, ValueError, KeyError, TypeError, AttributeError, ArithmeticError):
        return None
    return found if write_record(found, joining) == data else None


def is_plain_ascii(data: bytes) -> bool:
    """Tell whether a text has no escapes and nothing beyond printable ASCII."""
    return b"\\" not in data and all(0x20 <= byte <= 0x7E for byte in data)


def check(record_type: type[Any], data: bytes, joining: dict[str, str]) -> Any:
    """Check a scan against the general reader and return its result."""
    found = scan_record(record_type, data, joining)
    if found is not None:
        assert found == plain(record_type, data, joining)
        assert write_record(found, joining) == data
    return found


@given(outers, st.booleans())
def test_a_written_record_is_scanned(made: Outer, joined: bool) -> None:
    joining = JOINING if joined else {}
    written = write_record(made, joining)
    assert plain(Outer, written, joining) == made
    found = check(Outer, written, joining)
    if is_plain_ascii(written) and made.number < 10**18 and made.pause is None:
        assert found == made


@given(outers)
def test_the_canonical_form_equals_json_dumps(made: Outer) -> None:
    raw = {one.name: getattr(made, one.name) for one in fields(made)}
    raw["time"] = made.time.isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"
    raw["pause"] = None if made.pause is None else made.pause // timedelta(microseconds=1)
    raw["data"] = json.loads(BYTES.write(made.data))
    raw["inner"] = None if made.inner is None else {"word": made.inner.word}
    raw["inners"] = [{"word": one.word} for one in made.inners]
    assert write_record(made) == dumps(raw)
    assert write_record(made, JOINING) == dumps(
        {**raw, **{name: json.loads(one) for name, one in JOINING.items()}}
    )


@given(st.data())
def test_a_damaged_record_is_not_misread(data: st.DataObject) -> None:
    written = bytearray(write_record(data.draw(outers), JOINING))
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(written) - 1))
        how = data.draw(st.sampled_from(["byte", "cut", "twice", "insert"]))
        if how == "byte":
            written[place] = data.draw(st.integers(0, 255))
        elif how == "cut":
            del written[place : place + data.draw(st.integers(1, 9))]
        elif how == "twice":
            written[place:place] = written[place : place + data.draw(st.integers(1, 30))]
        else:
            written[place:place] = data.draw(st.sampled_from([b" ", b'"', b"0", b"-", b"]", b"}"]))
        if not written:
            break
    check(Outer, bytes(written), JOINING)


@given(st.binary(max_size=60))
def test_any_bytes_are_scanned_like_the_general_reader(data: bytes) -> None:
    check(Outer, data, {})


@given(messages)
def test_any_record_type_of_messages(message: Any) -> None:
    written = write_record(message)
    found = check(type(message), written, {})
    assert found is not None or not is_plain_ascii(written)


@given(st.data())
def test_a_damaged_message_is_scanned_like_the_general_reader(data: st.DataObject) -> None:
    message = data.draw(messages)
    check(type(message), data.draw(damaged(write_record(message))), {})


def one(codec: Any) -> type[Any]:
    """Return a record type with one field of this codec."""

    @dataclass(frozen=True)
    class Single:
        value: Any = field(metadata=codec.meta)

        def __post_init__(self) -> None:
            check_fields(self)

    return Single


@pytest.mark.parametrize(
    ("codec", "written", "is_read"),
    [
        (integer(0, 10**18), "0", True),
        (integer(0, 10**18), "00", False),
        (integer(0, 10**18), "01", False),
        (integer(0, 10**18), "", False),
        (integer(0, 10**18), "999999999999999999", True),
        (integer(0, 10**18), "1000000000000000000", False),  # odd, and the general way reads it
        (integer(0, 10**18), "99999999999999999999999999", False),
        (integer(-9, 9), "-1", False),
        (integer(0, 9), "10", False),
        (integer(0, 9), "1.0", False),
        (integer(0, 9), "true", False),
        (one_of((0, 1)), "1", True),
        (one_of((0, 1)), "2", False),
        (one_of((0, 1)), '"1"', False),
        (one_of(("P",)), '"P"', True),
        (one_of(("P",)), "P", False),
        (one_of(("P",)), '"Q"', False),
        (member(Mood), '"good"', True),
        (member(Mood), '"GOOD"', False),
        (FLAG, "true", True),
        (FLAG, "false", True),
        (FLAG, "1", False),
        (FLAG, "tru", False),
        (optional(FLAG), "null", True),
        (optional(FLAG), "nul", False),
        (FLAG, "null", False),
        (TIME, '"2026-03-01T12:00:00.000000Z"', True),
        (TIME, '"0001-01-01T00:00:00.000000Z"', True),
        (TIME, '"9999-12-31T23:59:59.999999Z"', True),
        (TIME, '"2024-02-29T00:00:00.000001Z"', True),
        (TIME, '"2026-02-29T12:00:00.000000Z"', False),
        (TIME, '"0000-01-01T12:00:00.000000Z"', False),
        (TIME, '"2026-03-01T24:00:00.000000Z"', False),
        (TIME, '"2026-03-01T12:60:00.000000Z"', False),
        (TIME, '"2026-03-01T12:00:60.000000Z"', False),
        (TIME, '"2026-03-01T12:00:00.000000"', False),
        (TIME, '"2026-03-01T12:00:00Z"', False),
        (TIME, '"2026-03-01 12:00:00.000000Z"', False),
        (TIME, '"2026-03-01T12:00:00.00000 Z"', False),
        (TIME, '"2026-03-01T12:00:00.000000z"', False),
        (BYTES, '""', True),
        (BYTES, '"QQ=="', True),
        (BYTES, '"QR=="', False),  # the same byte, spelt another way
        (BYTES, '"QUE="', True),
        (BYTES, '"QUF="', False),
        (BYTES, '"QUFB"', True),
        (BYTES, '"QQ="', False),
        (BYTES, '"QQ"', False),
        (BYTES, '"QQ==QQ=="', False),
        (BYTES, '"Q Q=="', False),
        (BYTES, '"="', False),
        (text(".*"), '"a b~"', True),
        (text(".*"), '"\\u0041"', False),
        (text(".*"), '"\\""', False),
        (text(".*"), '"é"', False),  # odd, and the general way reads it
        (text(".*"), '"\x7f"', False),
        (text(".*"), '"a', False),
        (text("a"), '"b"', False),
        (tuple_of(FLAG, 2), "[]", True),
        (tuple_of(FLAG, 2), "[true,false]", True),
        (tuple_of(FLAG, 2), "[true,false,true]", False),
        (tuple_of(FLAG, 2), "[true,]", False),
        (tuple_of(FLAG, 2), "[,true]", False),
        (tuple_of(FLAG, 2), "[true", False),
        (tuple_of(FLAG, 2), "[true true]", False),
        (tuple_of(FLAG, 2), "{}", False),
    ],
)
def test_forms_of_values(codec: Any, written: str, is_read: bool) -> None:
    data = f'{{"value":{written}}}'.encode()
    for end in range(len(data)):
        assert check(one(codec), data[:end], {}) is None
    assert check(one(codec), data + b" ", {}) is None
    assert (check(one(codec), data, {}) is not None) == is_read


@pytest.mark.parametrize("value", [5, None, "2026-03-01", object()])
def test_only_times_are_written_as_times(value: object) -> None:
    with pytest.raises(TypeError):
        TIME.write(value)


@pytest.mark.parametrize("written", ["1e400", "9" * 31])
def test_a_duration_out_of_range_is_refused(written: str) -> None:
    with pytest.raises(ExchangeError, match="invalid_field"):
        from_json(one(SPAN), {"value": json.loads(written)})


@pytest.mark.parametrize("zone", [None, timezone(timedelta(hours=1))])
def test_only_utc_times_are_accepted(zone: timezone | None) -> None:
    assert not TIME.check(datetime(2026, 3, 1, tzinfo=zone))
    assert TIME.check(datetime(2026, 3, 1, tzinfo=timezone(timedelta(0))))
