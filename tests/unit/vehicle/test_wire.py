"""The wire form: one form for each object, and other bytes are refused."""

from __future__ import annotations

import dataclasses
import json
import traceback
from datetime import UTC, date, datetime
from typing import Any

import pytest

from prum_match import vehicle
from prum_match.errors import InvalidInput
from prum_match.vehicle.registrations import registration as bounds
from prum_match.vehicle.registrations.details import MAX_BYTES, details_from_bytes, details_to_bytes
from prum_match.vehicle.wire import (
    item_from_bytes,
    item_to_bytes,
    probe_from_bytes,
    probe_to_bytes,
)

NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)
HOLDER = vehicle.Holder(
    "Vermeer", "Johannes", "Oude Langendijk 25, Delft", "M", "1632-10", start="1660"
)
CAR = vehicle.Registration(
    "NL",
    "GB-001-B",
    "XLRZZZ1JZOW000001",
    "77",
    date(2020, 3, 1),
    NOON,
    "scrapped",
    status_from="2024-05",
    make="DAF",
    commercial_type="44 «Luxe»",
    vehicle_category="M1",
    first_registration="1987",
    power_kw=32.5,
    capacity_cm3=844,
    plate_type="standard",
    document_ids=("1", "2"),
    holders=(HOLDER, vehicle.Holder("Παπαδόπουλος")),
    owners=(HOLDER,),
    insurances=(vehicle.Insurance("Nationale", end="2024", number="7"),),
)


def changed(data: bytes, **values: Any) -> bytes:
    record = {**json.loads(data), **values}
    text = json.dumps(record, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode()


@pytest.mark.parametrize(
    "query",
    [
        vehicle.ExactQuery("DE", "b-äb 123"),
        vehicle.ExactQuery("DE", "BA-B 123", at=date(1969, 1, 1)),
        vehicle.ExactQuery("UK", vin="12345/O", at=NOON),
        vehicle.ExactQuery(vin="WVWZZZ1JZOW000001", at=datetime(1, 1, 1, tzinfo=UTC)),
    ],
)
def test_exact_queries_come_back(query: vehicle.ExactQuery) -> None:
    data = probe_to_bytes(query)
    assert data is not None
    assert probe_from_bytes(data) == query


def test_queries_that_are_not_exact_are_not_sent() -> None:
    assert probe_to_bytes(vehicle.FuzzyQuery("B-AB 123", max_cost=1)) is None
    assert probe_to_bytes(vehicle.PatternQuery("B-AB 123")) is None
    assert probe_to_bytes(CAR) is None
    assert probe_to_bytes("B-AB 123") is None


def test_the_longest_query_fits() -> None:
    plate = "-".join("Ő" * 16)
    query = vehicle.ExactQuery("DE", plate, at=datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC))
    data = probe_to_bytes(query)
    assert data is not None
    assert probe_from_bytes(data) == query
    data = probe_to_bytes(vehicle.ExactQuery("DE", vin="Ő" * 30, at=NOON))
    assert data is not None
    back = probe_from_bytes(data)
    assert isinstance(back, vehicle.ExactQuery)
    assert back.vin == "Ő" * 30
    longest = vehicle.OwnerQuery(
        "𝄞" * 199 + "a", "𝄞" * 199 + "b", "1632-10-31", role="either", country="DE", at=NOON
    )
    data = probe_to_bytes(longest)
    assert data is not None
    assert len(data) > 1600
    assert probe_from_bytes(data) == longest
    with pytest.raises(InvalidInput) as caught:
        probe_from_bytes(data + b" " * 2048)
    assert "larger" in str(caught.value)


def test_registrations_and_their_details_have_one_form() -> None:
    car = vehicle.Registration("NL", "12-ABC-3", vehicle_id="77", make="DAF", power_kw=32)
    data = b'{"country":"NL","make":"DAF","plate":"12-ABC-3","power_kw":32}'
    assert item_to_bytes(car) == data
    assert item_from_bytes(data) == dataclasses.replace(car, vehicle_id=None)
    details = b'{"make":"DAF","power_kw":32,"vehicle_id":"77"}'
    assert details_to_bytes(car) == details
    assert details_from_bytes(details, "NL", "12-ABC-3") == car


def test_queries_have_one_form() -> None:
    exact = vehicle.ExactQuery("DE", "B-AB 123", at=date(2024, 5, 1))
    company = vehicle.OwnerQuery(legal_name="ACME")
    forms = [
        (exact, b'{"at":"2024-05-01T00:00:00Z","country":"DE","plate":"B-AB 123"}'),
        (company, b'{"legal_name":"ACME","role":"either"}'),
    ]
    for query, data in forms:
        assert probe_to_bytes(query) == data
        assert probe_from_bytes(data) == query


def test_queries_by_owner_have_one_form() -> None:
    query = vehicle.OwnerQuery("Vermeer", "Johannes", date(1632, 10, 31), at=NOON, country="NL")
    data = (
        b'{"at":"2024-05-01T12:00:00Z","birth_date":"1632-10-31","country":"NL",'
        b'"family_name":"Vermeer","first_name":"Johannes","role":"either"}'
    )
    assert probe_to_bytes(query) == data
    assert probe_from_bytes(data) == query
    other = [
        data.replace(b',"role":"either"', b""),
        data.replace(b'"either"', b"null"),
        data.replace(b'"either"', b'["either"]'),
        data.replace(b'"birth_date":"1632-10-31",', b""),
        data.replace(b"1632-10-31", b"1632-10"),
        data.replace(b'"NL"', b'"nl"'),
        data.replace(b'"family_name"', b'"legal_name"'),
        data.replace(b'"role"', b'"plate":"A1","role"'),
        data.replace(b'"Johannes"', b"7"),
    ]
    for damaged in other:
        with pytest.raises(InvalidInput) as caught:
            probe_from_bytes(damaged)
        assert caught.value.code == "bad_query_bytes"
        assert "Vermeer" not in "".join(traceback.format_exception(caught.value))


def test_registrations_come_back_without_the_key_of_the_register() -> None:
    back = item_from_bytes(item_to_bytes(CAR))
    assert back == dataclasses.replace(CAR, vehicle_id=None)
    # The repair of the chassis number is known on the other side too.
    assert back.chassis is not None
    assert back.chassis.raw == "XLRZZZ1JZOW000001"


def test_details_and_columns_make_the_registration() -> None:
    columns = {n: getattr(CAR, n) for n in ("country", "plate", "vin", "valid_from", "valid_to")}
    data = details_to_bytes(CAR)
    back = details_from_bytes(data, **columns)
    assert back == CAR
    assert back.chassis == CAR.chassis
    for plain in ("NL", "GB-001-B", "2020"):
        assert plain.encode() not in data
    bare = vehicle.Registration("DE", vin="123", valid_to=NOON)
    assert details_to_bytes(bare) == b""
    assert details_from_bytes(b"", "DE", vin="123", valid_to=NOON) == bare


def test_details_of_another_row_are_refused() -> None:
    with pytest.raises(InvalidInput) as caught:
        details_from_bytes(details_to_bytes(CAR), "NL", "GB-001-B", "XLRZZZ1JZ0W000002")
    assert caught.value.code == "bad_registration_bytes"
    for data in (b"{}", b'{"country":"NL"}', b'{"vehicle_id":7}', b"\xff", b"[]"):
        with pytest.raises(InvalidInput) as caught:
            details_from_bytes(data, "NL", "GB-001-B")
        assert caught.value.code == "bad_registration_bytes"


QUERY = b'{"at":"2024-05-01T12:00:00Z","country":"DE","plate":"B-AB 123"}'


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"null",
        b"[]",
        b'"B-AB 123"',
        b"{",
        b"{}",
        QUERY[:-1],
        QUERY + b" ",
        b" " + QUERY,
        QUERY.replace(b'{"at', b'{ "at'),
        QUERY.replace(b"DE", b"D"),
        QUERY.replace(b"DE", b"de"),
        QUERY.replace(b"DE", b"XX"),
        QUERY.replace(b"B-AB", b"b-ab"),
        QUERY.replace(b"B-AB", b"B--AB"),
        QUERY.replace(b"B-AB", b"B-\\u0041B"),
        QUERY.replace(b"123", b"12*"),
        QUERY.replace(b"00Z", b"00+00:00"),
        QUERY.replace(b"00Z", b"00"),
        QUERY.replace(b"00Z", b"00.5Z"),
        QUERY.replace(b"12:00:00Z", b""),
        QUERY.replace(b"05-01", b"13-01"),
        QUERY.replace(b'"plate"', b'"plate":"A","plate"'),
        QUERY.replace(b'"plate"', b'"pattern"'),
        QUERY.replace(b'"plate"', b'"self"'),
        QUERY.replace(b'"plate"', b'"key"'),
        changed(QUERY, vin="123"),
        changed(QUERY, vin=None),
        changed(QUERY, plate=None),
        changed(QUERY, plate=7),
        changed(QUERY, plate=["B-AB 123"]),
        changed(QUERY, at=0),
        changed(QUERY, country=None),
        changed(QUERY, extra="x" * 300),
        b"\xff\xfe",
        b"[" * 60,
        b"9" * 200,
        b'{"at":NaN}',
        b'{"plate":"\\ud800"}',
    ],
)
def test_hostile_queries(data: bytes) -> None:
    with pytest.raises(InvalidInput) as caught:
        probe_from_bytes(data)
    assert caught.value.code == "bad_query_bytes"
    assert "AB" not in str(caught.value)


ITEM = item_to_bytes(CAR)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{}",
        b"[]",
        ITEM + b"\n",
        ITEM.replace(b'"NL"', b'"nl"'),
        ITEM.replace(b"32.5", b"32.50"),
        ITEM.replace(b"32.5", b"3.25e1"),
        ITEM.replace(b"32.5", b"NaN"),
        ITEM.replace(b"32.5", b"1" * 5000),
        ITEM.replace(b"844", b"844.0"),
        ITEM.replace(b"844", b"-0"),
        ITEM.replace("«".encode(), b"\\u00ab"),
        ITEM.replace("«".encode(), b"\xab"),
        ITEM.replace("«".encode(), b"\\u202e"),
        changed(ITEM, vehicle_id="77"),
        changed(ITEM, vin_raw="XLRZZZ1JZ0W000001"),
        changed(ITEM, vin_raw="XLRZZZ1JZOW000002"),
        changed(ITEM, vin="XLRZZZ1JZOW000001"),
        changed(ITEM, key=None),
        changed(ITEM, interval=[0, 1]),
        changed(ITEM, holders=[]),
        changed(ITEM, holders={}),
        changed(ITEM, holders=[[]]),
        changed(ITEM, holders=[{"name": {"name": "x"}}]),
        changed(ITEM, holders=[{}] * 17),
        changed(ITEM, holders=[{"name": None}]),
        changed(ITEM, document_ids="12"),
        changed(ITEM, document_ids=["1", "2", "3"]),
        changed(ITEM, make=""),
        changed(ITEM, make="x" * 101),
        changed(ITEM, valid_from=CAR.interval[0]),
        changed(ITEM, valid_from="2024-05-01T12:00:00Z"),
        changed(ITEM, first_registration="1987-1"),
        changed(ITEM, gender="M"),
        b'{"country":"NL","plate":"' + b"A" * MAX_BYTES + b'"}',
        b"[" * MAX_BYTES,
        b'{"a":' * 10_000,
    ],
)
def test_hostile_registrations(data: bytes) -> None:
    with pytest.raises(InvalidInput) as caught:
        item_from_bytes(data)
    assert caught.value.code == "bad_registration_bytes"
    assert "XLR" not in str(caught.value)


@pytest.mark.parametrize("data", [None, "text", bytearray(ITEM), memoryview(ITEM)])
def test_bytes_are_bytes(data: Any) -> None:
    for read in (probe_from_bytes, item_from_bytes):
        with pytest.raises(InvalidInput):
            read(data)


def filled(kind: type[vehicle.Holder | vehicle.Insurance], characters: int) -> Any:
    """All elements of a holder or an insurance, in characters of four bytes."""
    days = {"birth_date", "start", "end", "begin"}
    names = {f.name for f in dataclasses.fields(kind)} - days - {"gender", "address"}
    values: dict[str, Any] = dict.fromkeys(names, "𝄞")
    if kind is vehicle.Holder:
        values["gender"] = "unknown"
    values["address"] = "𝄞" * (characters - sum(map(len, values.values())))
    days &= {f.name for f in dataclasses.fields(kind)}
    return kind(**values, **dict.fromkeys(days, "2024-05-01"))


def test_a_registration_at_its_bounds_fits() -> None:
    share = bounds.MAX_CHARACTERS // (3 * bounds.MAX_PEOPLE)
    holders = (filled(vehicle.Holder, share),) * bounds.MAX_PEOPLE
    text = "𝄞" * 100
    largest = vehicle.Registration(
        "DE",
        "-".join("Ő" * 16),
        "ŐŐŐŐŐŐŐŐŐŐŐŐŐŐŐŐO",
        "𝄞" * 64,
        date(2020, 1, 1),
        date(2021, 1, 1),
        "𝄞" * 64,
        status_from="2024-05-01",
        status_to="2024-05-01",
        make=text,
        commercial_type=text,
        vehicle_category=text,
        first_registration="2024-05-01",
        power_kw=123456.789012345,
        capacity_cm3=1_000_000,
        plate_type=text,
        document_ids=(text, text),
        holders=holders,
        owners=holders,
        insurances=(filled(vehicle.Insurance, share),) * bounds.MAX_PEOPLE,
    )
    for data in (item_to_bytes(largest), details_to_bytes(largest)):
        assert 55_000 < len(data) <= MAX_BYTES
    assert item_from_bytes(item_to_bytes(largest)).holders == largest.holders
    with pytest.raises(InvalidInput):
        dataclasses.replace(largest, owners=(filled(vehicle.Holder, share + 1), *holders[1:]))


@pytest.mark.parametrize(
    "data",
    [
        b'{"Vermeer":1,"country":"FR","plate":"AB-123-CD"}',
        b'{"country":"FR","plate":"AB-123-CD","valid_from":"Vermeer"}',
        b'{"country":"FR","plate":"AB-123-CD","status_from":"Vermeer"}',
        b'{"country":"FR","plate":"AB-123-CD","at":"Vermeer"}',
    ],
)
def test_logged_errors_omit_the_refused_value(data: bytes) -> None:
    for read in (item_from_bytes, probe_from_bytes):
        with pytest.raises(InvalidInput) as caught:
            read(data)
        assert "Vermeer" not in "".join(traceback.format_exception(caught.value))
