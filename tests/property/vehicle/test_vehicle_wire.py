"""Bytes from the wire are read back completely, or refused by a `PrumError`."""

from __future__ import annotations

import dataclasses
from contextlib import suppress
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from prum_match import vehicle
from prum_match.errors import InvalidInput
from prum_match.testing.strategies import vehicle as vehicles
from prum_match.vehicle.registrations.details import details_from_bytes, details_to_bytes, dump
from prum_match.vehicle.wire import (
    item_from_bytes,
    item_to_bytes,
    probe_from_bytes,
    probe_to_bytes,
)


@given(vehicles.exact_queries())
def test_queries_come_back(query: vehicle.ExactQuery) -> None:
    data = probe_to_bytes(query)
    assert data is not None
    back = probe_from_bytes(data)
    assert isinstance(back, vehicle.ExactQuery)
    assert back == query
    assert back.keys == query.keys


@given(vehicles.owner_queries())
def test_queries_by_owner_come_back(query: vehicle.OwnerQuery) -> None:
    data = probe_to_bytes(query)
    assert data is not None
    back = probe_from_bytes(data)
    assert back == query
    assert isinstance(back, vehicle.OwnerQuery)
    assert back.identity == query.identity


@given(vehicles.fuzzy_queries() | vehicles.pattern_queries() | vehicles.registrations())
def test_other_queries_have_no_wire_form(query: Any) -> None:
    assert probe_to_bytes(query) is None


@given(vehicles.registrations())
def test_registrations_come_back(registration: vehicle.Registration) -> None:
    back = item_from_bytes(item_to_bytes(registration))
    assert back == dataclasses.replace(registration, vehicle_id=None)
    assert (back.chassis and back.chassis.raw) == (
        registration.chassis and registration.chassis.raw
    )


@given(vehicles.registrations())
def test_details_come_back(registration: vehicle.Registration) -> None:
    names = ("country", "plate", "vin", "valid_from", "valid_to")
    columns = {name: getattr(registration, name) for name in names}
    back = details_from_bytes(details_to_bytes(registration), **columns)
    assert back == registration
    assert details_to_bytes(back) == details_to_bytes(registration)


@given(st.data())
def test_damaged_bytes_are_refused_or_canonical(data: st.DataObject) -> None:
    whole = data.draw(
        vehicles.registrations().map(item_to_bytes)
        | (vehicles.exact_queries() | vehicles.owner_queries()).map(probe_to_bytes)
    )
    assert whole is not None
    at = data.draw(st.integers(0, len(whole)))
    end = data.draw(st.integers(at, min(len(whole), at + 3)))
    damaged = whole[:at] + data.draw(st.binary(max_size=3)) + whole[end:]
    with suppress(InvalidInput):
        assert item_to_bytes(item_from_bytes(damaged)) == damaged
    with suppress(InvalidInput):
        assert probe_to_bytes(probe_from_bytes(damaged)) == damaged
    with suppress(InvalidInput):
        details_from_bytes(damaged, "DE", "B-AB 123")


@given(
    st.sampled_from([*(f.name for f in dataclasses.fields(vehicle.Registration)), "vin_raw"]),
    st.recursive(st.none() | st.text() | st.floats() | st.booleans(), st.lists),
)
def test_any_json_is_refused_or_read(name: str, value: Any) -> None:
    with suppress(UnicodeEncodeError):
        data = dump({"country": "DE", "plate": "B-1", name: value})
        for read in (item_from_bytes, probe_from_bytes):
            with suppress(InvalidInput):
                read(data)
