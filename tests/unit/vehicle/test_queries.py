"""Queries: what they are made of, and what they refuse."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest

from prum_match import vehicle
from prum_match.errors import InvalidInput

NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)


def code_of(make: Any, *args: Any, **values: Any) -> tuple[str, str | None]:
    with pytest.raises(InvalidInput) as caught:
        make(*args, **values)
    return caught.value.code, caught.value.field


def test_a_plate_is_looked_for_in_one_state() -> None:
    query = vehicle.ExactQuery("D", "b-ab 123")
    assert (query.country, query.plate, query.keys[0]) == ("DE", "B-AB 123", "BAB123")
    assert code_of(vehicle.ExactQuery, plate="B-AB 123") == ("bad_query", "country")
    assert code_of(vehicle.ExactQuery, "Narnia", "B-AB 123") == ("unknown_country", "country")


def test_e_is_spain() -> None:
    assert vehicle.ExactQuery("E", "1234 BCD").country == "ES"


def test_a_chassis_number_is_looked_for_everywhere_or_in_one_state() -> None:
    query = vehicle.ExactQuery(vin="wvwzzz1jzOw000001")
    assert (query.country, query.vin) == (None, "WVWZZZ1JZ0W000001")
    assert (query.keys, query.districts) == (("WVWZZZ1JZ0W000001",), (0,))
    assert query.chassis is not None
    assert query.chassis.raw == "WVWZZZ1JZOW000001"
    assert vehicle.ExactQuery("UK", vin="123").country == "GB"


@pytest.mark.parametrize("numbers", [{}, {"plate": "B-1", "vin": "123"}])
def test_exactly_one_number(numbers: dict[str, str]) -> None:
    assert code_of(vehicle.ExactQuery, "DE", **numbers) == ("bad_query", "plate")


@pytest.mark.parametrize("plate", ["AB-12*", "AB-1?", "AB-[12]"])
def test_a_plate_is_complete(plate: str) -> None:
    assert code_of(vehicle.ExactQuery, "DE", plate)[0] == "incomplete_key"
    assert code_of(vehicle.ExactQuery, vin=plate)[0] == "incomplete_key"
    assert code_of(vehicle.FuzzyQuery, plate, max_cost=1)[0] == "incomplete_key"


def test_national_readings_are_further_keys_with_their_own_districts() -> None:
    query = vehicle.ExactQuery("DE", "TÜ-AB 123")
    districts = dict(zip(query.keys, query.districts, strict=True))
    assert districts["TÜAB123"] == 2
    assert districts["TUEAB123"] == 3
    assert districts["TÜAB123H"] == 2
    assert vehicle.ExactQuery("FR", "AB-123-CD").keys == ("AB123CD",)


def test_now_is_when_it_is_asked() -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    query = vehicle.ExactQuery("DE", "B-1")
    assert query.at is None
    assert before <= query.moment <= datetime.now(UTC)


@pytest.mark.parametrize(
    "at",
    [NOON, NOON + timedelta(microseconds=999_999), NOON.astimezone(timezone(timedelta(hours=-3)))],
)
def test_the_reference_date_is_a_whole_second_of_universal_time(at: datetime) -> None:
    query = vehicle.ExactQuery("DE", "B-1", at=at)
    assert query.at == query.moment == NOON
    assert query.at.utcoffset() == timedelta(0)


def test_a_date_is_the_start_of_its_day() -> None:
    day = date(1969, 5, 1)
    assert vehicle.ExactQuery("DE", "B-1", at=day).at == datetime(1969, 5, 1, tzinfo=UTC)


@pytest.mark.parametrize("at", [datetime(2024, 5, 1), "2024-05-01", 0])
def test_moments_without_a_zone_are_refused(at: Any) -> None:
    assert code_of(vehicle.ExactQuery, "DE", "B-1", at=at) == ("bad_moment", "at")
    assert code_of(vehicle.FuzzyQuery, "B-1", max_cost=1, at=at) == ("bad_moment", "at")
    assert code_of(vehicle.PatternQuery, "B*", at=at) == ("bad_moment", "at")


def test_queries_are_values() -> None:
    exact = vehicle.ExactQuery("DE", "B-AB 123", at=NOON)
    assert exact == vehicle.ExactQuery("D", "b-ab 123", at=NOON)
    assert exact != vehicle.ExactQuery("DE", "BA-B 123", at=NOON)
    fuzzy = vehicle.FuzzyQuery("B-1", ["E", "D", "DE"], max_cost=1)
    assert fuzzy == vehicle.FuzzyQuery("b-1", ("DE", "ES"), max_cost=1.0)
    pattern = vehicle.PatternQuery("B*", at=NOON)
    assert len({exact, fuzzy, pattern, vehicle.PatternQuery("B*", at=NOON)}) == 3
    for query in (exact, fuzzy, pattern):
        assert pickle.loads(pickle.dumps(query)) == copy.deepcopy(query) == query
    assert dataclasses.replace(pattern, at=None) == vehicle.PatternQuery("B*")
    with pytest.raises(dataclasses.FrozenInstanceError):
        exact.plate = "B-1"  # type: ignore[misc]


def test_a_fuzzy_query_has_normalised_attributes() -> None:
    query = vehicle.FuzzyQuery("eb-a8 i23", max_cost=1.23456)
    assert (query.plate, query.compact) == ("EB-A8 I23", "EBA8I23")
    assert (query.max_cost, query.max_thousandths) == (1.235, 1235)
    assert query.costs is vehicle.OCR_COSTS
    assert query.countries is None


@pytest.mark.parametrize(
    "cost", [-0.001, 16.001, float("nan"), float("inf"), "1", b"1", None, True, 10**400]
)
def test_the_most_that_errors_cost_is_bounded(cost: Any) -> None:
    assert code_of(vehicle.FuzzyQuery, "B-1", max_cost=cost) == ("bad_query", "max_cost")


@pytest.mark.parametrize("cost", [0, 16])
def test_the_bounds_of_the_cost(cost: int) -> None:
    assert vehicle.FuzzyQuery("B-1", max_cost=cost).max_thousandths == 1000 * cost


def test_costs_are_a_table() -> None:
    assert code_of(vehicle.FuzzyQuery, "B-1", max_cost=1, costs={"0O": 0.2}) == (
        "bad_query",
        "costs",
    )


@pytest.mark.parametrize(
    "make",
    [lambda c: vehicle.FuzzyQuery("B-1", c, max_cost=1), lambda c: vehicle.PatternQuery("B*", c)],
)
def test_states(make: Any) -> None:
    assert make(["SLO", "A", "A"]).countries == ("AT", "SI")
    # One state, not Germany and Spain by its letters.
    assert make("DE").countries == ("DE",)
    assert code_of(make, []) == ("bad_query", "countries")
    assert code_of(make, 49) == ("bad_query", "countries")
    assert code_of(make, ["DE", "??"])[0] == "unknown_country"


def test_a_pattern_is_of_a_plate_or_of_a_vin() -> None:
    assert vehicle.PatternQuery("WVW*", of="vin").of == "vin"
    assert code_of(vehicle.PatternQuery, "WVW*", of="engine") == ("bad_option", "of")


def test_beginnings_and_ends() -> None:
    assert vehicle.PatternQuery.prefix("wvw", of="vin") == vehicle.PatternQuery("wvw*", of="vin")
    assert vehicle.PatternQuery.suffix("12", "D", at=NOON) == vehicle.PatternQuery(
        "*12", ["DE"], at=NOON
    )
    for text in ("W*", "W?", "[W]", "W\uff1f", None):
        assert code_of(vehicle.PatternQuery.prefix, text) == ("bad_pattern", "pattern")


def test_error_texts_omit_the_refused_value() -> None:
    for make in (
        lambda: vehicle.ExactQuery("DE", "B-SECRET 1234567890"),
        lambda: vehicle.PatternQuery("SECRET["),
        lambda: vehicle.ExactQuery("SECRET", "B-1"),
    ):
        with pytest.raises(InvalidInput) as caught:
            make()
        assert "SECRET" not in str(caught.value) + repr(caught.value)
