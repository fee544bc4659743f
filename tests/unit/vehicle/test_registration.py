"""Registrations: what they hold, what they refuse, and when they hold."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest

from prum_match import vehicle
from prum_match.errors import InvalidInput, PrumError

NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def refused(code: str, field: str, **values: Any) -> InvalidInput:
    given: dict[str, Any] = {"country": "DE", "plate": "B-AB 123"} | values
    with pytest.raises(InvalidInput) as caught:
        vehicle.Registration(**given)
    assert (caught.value.code, caught.value.field) == (code, field)
    return caught.value


def test_numbers_are_normalised() -> None:
    car = vehicle.Registration("D", "b-ab 123", "wvw zzz1jzOw000001")
    assert (car.country, car.plate, car.compact) == ("DE", "B-AB 123", "BAB123")
    assert car.vin == "WVWZZZ1JZ0W000001"
    assert car.key is not None
    assert "lower case" in car.key.changed
    assert car.chassis is not None
    assert car.chassis.raw == "WVWZZZ1JZOW000001"


def test_a_registration_has_a_number() -> None:
    refused("no_key", "plate", plate=None)
    assert vehicle.Registration("DE", vin="123").plate is None


@pytest.mark.parametrize("country", ["", "XX1", None, 7])
def test_a_registration_has_a_state(country: Any) -> None:
    refused("unknown_country", "country", country=country)


def test_intervals_are_half_open() -> None:
    car = vehicle.Registration("DE", "B-1", valid_from=NOON, valid_to=NOON + SECOND)
    assert not car.valid_at(NOON - SECOND)
    assert car.valid_at(NOON)
    assert car.valid_at(NOON + SECOND - timedelta(microseconds=1))
    assert not car.valid_at(NOON + SECOND)


def test_open_ends() -> None:
    always = vehicle.Registration("DE", "B-1")
    assert always.interval == (-(2**63), 2**63 - 1)
    assert always.valid_at(datetime.min.replace(tzinfo=UTC))
    assert not vehicle.Registration("DE", "B-1", valid_to=NOON).valid_at(NOON)


def test_a_date_is_the_start_of_its_day_in_universal_time() -> None:
    car = vehicle.Registration("DE", "B-1", valid_from=date(2024, 5, 1))
    assert car.valid_from == datetime(2024, 5, 1, tzinfo=UTC)


def test_a_moment_of_another_zone_is_the_same_moment() -> None:
    there = NOON.astimezone(timezone(timedelta(hours=5)))
    assert vehicle.Registration("DE", "B-1", valid_from=there).valid_from == NOON


@pytest.mark.parametrize(
    "moment",
    [
        datetime(2024, 5, 1),
        NOON + timedelta(microseconds=1),
        "2024-05-01",
        1_700_000_000,
        datetime.min.replace(tzinfo=timezone(timedelta(hours=5))),
        datetime.max.replace(microsecond=0, tzinfo=timezone(timedelta(hours=-5))),
    ],
)
def test_moments_without_a_zone_or_with_parts_of_a_second_are_refused(moment: Any) -> None:
    refused("bad_moment", "valid_from", valid_from=moment)


def test_moments_of_pandas() -> None:
    pandas = pytest.importorskip("pandas")
    noon = pandas.Timestamp(NOON)
    assert vehicle.Registration("DE", "B-1", valid_from=noon).valid_from == NOON
    for moment in (pandas.NaT, noon + pandas.Timedelta(nanoseconds=1)):
        refused("bad_moment", "valid_from", valid_from=moment)
    with pytest.raises(InvalidInput):
        vehicle.ExactQuery("DE", "B-1", at=pandas.NaT)


@pytest.mark.parametrize("end", [NOON, NOON - SECOND])
def test_an_interval_ends_after_it_began(end: datetime) -> None:
    refused("bad_interval", "valid_to", valid_from=NOON, valid_to=end)


def test_status_is_the_registers_own_word() -> None:
    known = vehicle.Registration("DE", "B-1", status=vehicle.RegistrationStatus.SCRAPPED)
    assert known == vehicle.Registration("DE", "B-1", status="scrapped")
    assert type(known.status) is str
    assert vehicle.Registration("FR", "AB-123-CD", status="gagé").status == "gagé"
    refused("bad_text", "status", status="x" * 65)


@pytest.mark.parametrize(
    "text", ["", "a\nb", "a\0", "\ud800", "\u202eabc", "\u2028", "x" * 101, 7, b"VW"]
)
def test_texts_are_printable_and_bounded(text: Any) -> None:
    refused("bad_text", "make", make=text)
    refused("bad_text", "document_ids[1]", document_ids=("1", text))


def test_texts_of_all_scripts_are_kept() -> None:
    holder = vehicle.Holder("Παπαδόπουλος", "Łukasz", address='Weg 3, "Hof" \\ 4')
    assert vehicle.Registration("DE", "B-1", holders=(holder,)).holders == (holder,)


def test_partial_dates() -> None:
    car = vehicle.Registration("DE", "B-1", first_registration="1987", status_from=date(2024, 5, 1))
    assert (str(car.first_registration), str(car.status_from)) == ("1987", "2024-05-01")
    again = dataclasses.replace(car, status_to=car.first_registration)
    assert again.status_to == car.first_registration
    refused("bad_date", "first_registration", first_registration="1987-13")
    refused("bad_date", "first_registration", first_registration=NOON)
    refused("bad_date", "status_to", status_to=1987)


@pytest.mark.parametrize("power", [-1, 1_000_001, float("nan"), float("inf"), True, "77", 10**400])
def test_numbers_are_bounded(power: Any) -> None:
    refused("bad_number", "power_kw", power_kw=power)


def test_a_number_without_a_fraction_is_whole() -> None:
    car = vehicle.Registration("DE", "B-1", power_kw=77.0, capacity_cm3=1984)
    assert (repr(car.power_kw), repr(car.capacity_cm3)) == ("77", "1984")
    assert vehicle.Registration("DE", "B-1", power_kw=77.5).power_kw == 77.5
    refused("bad_number", "capacity_cm3", capacity_cm3=1984.5)


def test_holders_are_read_from_mappings() -> None:
    car = vehicle.Registration("DE", "B-1", holders=[{"name": "Vermeer", "gender": "M"}])  # type: ignore[arg-type, list-item]
    assert car.holders == (vehicle.Holder("Vermeer", gender="M"),)


@pytest.mark.parametrize(
    ("holders", "code", "field"),
    [
        ([{"name": "x"}, {"name": "a\nb"}], "bad_text", "holders[1].name"),
        ([{"gender": "m"}], "bad_option", "holders[0].gender"),
        ([{"birth_date": "31.10.1632"}], "bad_date", "holders[0].birth_date"),
        ([{"surname": "x"}], "unknown_field", "holders[0]"),
        (["Vermeer"], "bad_part", "holders[0]"),
        ("Vermeer", "bad_part", "holders"),
        ({"name": "Vermeer"}, "bad_part", "holders"),
        (None, "bad_part", "holders"),
        ([{}] * 17, "too_many", "holders"),
        ([vehicle.Insurance("x")], "bad_part", "holders[0]"),
    ],
)
def test_refused_holders_are_named(holders: Any, code: str, field: str) -> None:
    refused(code, field, holders=holders)
    refused(code, field.replace("holders", "owners"), owners=holders)


def test_at_most_two_documents() -> None:
    refused("too_many", "document_ids", document_ids=("1", "2", "3"))


def test_a_registration_has_a_size() -> None:
    large = vehicle.Holder("x" * 200, "x" * 200, "x" * 500)
    refused("too_large", "holders", holders=(large,) * 14)
    assert len(vehicle.Registration("DE", "B-1", holders=(large,) * 13).holders) == 13


def test_error_texts_omit_the_refused_value() -> None:
    error = refused("bad_text", "holders[0].name", holders=[{"name": "Vermeer\n"}])
    assert "Vermeer" not in str(error) + repr(error)
    assert error.value == "Vermeer\n"


def test_a_registration_is_a_value() -> None:
    car = vehicle.Registration("DE", "B-AB 123", valid_from=NOON, holders=(vehicle.Holder("A"),))
    twin = vehicle.Registration("D", "b-ab 123", valid_from=NOON, holders=(vehicle.Holder("A"),))
    assert car == twin
    assert hash(car) == hash(twin)
    assert car != dataclasses.replace(car, plate="BA-B 123")
    for again in (pickle.loads(pickle.dumps(car)), copy.deepcopy(car)):
        assert again == car
        assert again.interval == car.interval
    with pytest.raises(dataclasses.FrozenInstanceError):
        car.plate = "B-1"  # type: ignore[misc]


def test_the_short_form_contains_no_name() -> None:
    holder, insurance = vehicle.Holder("Vermeer"), vehicle.Insurance("Nationale", number="7")
    car = vehicle.Registration("DE", "B-AB 123", holders=(holder,), insurances=(insurance,))
    assert repr(car) == "<Registration: DE, ... to ...>"
    assert repr(car.holders + car.insurances) == "(<Holder: 1 element>, <Insurance: 2 elements>)"


@pytest.mark.parametrize(
    "query",
    [
        vehicle.ExactQuery("DE", "X-QZ 77"),
        vehicle.ExactQuery(vin="XWZ77000000000000"),
        vehicle.FuzzyQuery("X-QZ 77", max_cost=1),
        vehicle.PatternQuery("XQZ77?"),
    ],
)
def test_the_short_form_of_a_query_has_no_number(query: vehicle.Query) -> None:
    parts = [query, getattr(query, "key", None), getattr(query, "chassis", None)]
    assert "77" not in repr(parts)


def test_a_refused_plate_is_a_prum_error() -> None:
    with pytest.raises(PrumError):
        vehicle.Registration("DE", "B-AB 12?")
