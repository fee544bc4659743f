"""The oracle of searches for registrations, on cases that were worked out by hand."""

from __future__ import annotations

import pytest

from oracles.vehicle.search import (
    Row,
    distance,
    exact,
    exact_vin,
    fuzzy,
    linked,
    pattern,
    prices,
    unit_prices,
    valid,
)

NOW = 1000
SYMBOLS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÜ"
UNIT = unit_prices(SYMBOLS)

# One plate: a vehicle, a gap of a day, another vehicle; and the same symbols elsewhere.
RESOLD = {
    "first": Row("DE", "BAB123", 1, "V1", 100, 200),
    "second": Row("DE", "BAB123", 1, "V2", 201, None),
    "other district": Row("DE", "BAB123", 2, "V3", 100, None),
    "abroad": Row("AT", "BAB123", 0, "V1", 200, None),
}


def ids(found: list[tuple[int, int, str]]) -> list[str]:
    return [name for _, _, name in found]


def ask(key: tuple[str, int], at: int | None, **given: bool) -> list[tuple[int, int, str]]:
    return exact(RESOLD, country="DE", keys=[key], at=at, now=NOW, **given)


@pytest.mark.parametrize(
    ("at", "found"),
    [
        (99, []),
        (100, ["first"]),
        (199, ["first"]),
        (200, []),
        (201, ["second"]),
        (None, ["second"]),
    ],
)
def test_a_registration_holds_from_its_begin_up_to_its_end(
    at: int | None, found: list[str]
) -> None:
    assert ids(ask(("BAB123", 1), at)) == found


def test_a_question_without_district_finds_both() -> None:
    assert ids(ask(("BAB123", 0), 150)) == ["first", "other district"]
    assert ids(ask(("BAB123", 2), 150)) == ["other district"]


def test_other_readings_come_second() -> None:
    rows = {"own": Row("DE", "TÖLBA1", 3), "ascii": Row("DE", "TOELBA1", 4)}
    keys = [("TÖLBA1", 3), ("TOELBA1", 4)]
    found = exact(rows, country="DE", keys=keys, at=None, now=NOW)
    assert found == [(1, 0, "own"), (2, 0, "ascii")]


def test_current_data_without_history_come_last() -> None:
    rows = {
        "unknown begin": Row("LU", "AB1234"),
        "ended": Row("LU", "AB1234", valid_to=500),
        "later": Row("LU", "AB1234", valid_from=600),
        "known": Row("LU", "AB1234", valid_from=100, valid_to=501),
    }

    def found(at: int | None, history: bool) -> list[tuple[int, int, str]]:
        keys = [("AB1234", 0)]
        return exact(rows, country="LU", keys=keys, at=at, now=NOW, history=history)

    assert found(500, True) == [(1, 0, "known"), (3, 0, "unknown begin")]
    assert found(500, False) == [(1, 0, "known"), (3, 0, "later"), (3, 0, "unknown begin")]
    # What is asked about now needs no history.
    assert found(None, True) == [(1, 0, "later"), (1, 0, "unknown begin")]


def test_a_chassis_number_is_looked_for_in_one_country_or_in_all() -> None:
    assert ids(exact_vin(RESOLD, "V1", at=None, now=NOW)) == ["abroad"]
    assert ids(exact_vin(RESOLD, "V1", at=150, now=NOW)) == ["first"]
    assert ids(exact_vin(RESOLD, "V1", at=150, now=NOW, country="AT")) == []


@pytest.mark.parametrize(
    ("truth", "read", "errors"),
    [("KITTEN", "SITTING", 3), ("AB12", "", 4), ("AB12", "AB12", 0), ("AB12", "BA12", 2)],
)
def test_with_one_price_the_distance_is_levenshteins(truth: str, read: str, errors: int) -> None:
    assert distance(truth, read, UNIT) == 1000 * errors == distance(read, truth, UNIT)


def test_every_kind_of_error_has_its_price() -> None:
    costs = prices("AB", [[0, 700], [1500, 0]], [1000, 2000], [30, 40], [1, 2], [5, 6])
    assert distance("A", "B", costs) == 700
    assert distance("B", "A", costs) == 1500
    assert distance("AB", "A", costs) == 2000
    assert distance("AA", "ABA", costs) == 40
    assert distance("A", "BBA", costs) == 4
    assert distance("A", "ABB", costs) == 12


def test_insertions_stand_before_or_behind_a_lost_plate() -> None:
    costs = prices("AB", [[0, 700], [1500, 0]], [3, 2000], [30, 40], [100, 200], [5, 6])
    assert distance("A", "BA", costs) == 3 + 6 + 5
    assert distance("A", "BA", costs._replace(trailing={"A": 500, "B": 500})) == 200


def test_fuzzy_search_is_ranked_by_cost() -> None:
    found = fuzzy(
        {"c": Row("FR", "AB124"), "b": Row("FR", "AB123"), "a": Row("FR", "AB125")},
        "AB123",
        costs=UNIT,
        max_cost=1000,
    )
    assert found == [(1, 0, "b"), (1, 1000, "a"), (1, 1000, "c")]


def test_fuzzy_search_keeps_to_cost_countries_and_moment() -> None:
    rows = {**RESOLD, "no plate": Row("DE", None, 0, "V9")}

    def found(**given: object) -> list[str]:
        return ids(fuzzy(rows, "BAB12", costs=UNIT, **{"max_cost": 1000, **given}))  # type: ignore[arg-type]

    assert found() == ["abroad", "first", "other district", "second"]
    assert found(max_cost=999) == []
    assert found(countries={"AT"}) == ["abroad"]
    assert found(countries=()) == []
    assert found(at=150) == ["first", "other district"]


def test_patterns_match_the_whole_key() -> None:
    rows = {"a": Row("SE", "ABC12A", 0, "WVWZZZ1"), "b": Row("SE", "ABC123"), "c": Row("SE", None)}
    assert ids(pattern(rows, "ABC12[!0-9]")) == ["a"]
    assert ids(pattern(rows, "?BC12?")) == ["a", "b"]
    assert ids(pattern(rows, "BC*")) == []
    assert ids(pattern(rows, "WVW*", of="vin")) == ["a"]
    assert ids(pattern(rows, "*", countries={"NO"})) == []
    assert ids(pattern({"x": ("SE", "ABC123", 0, None, 5, 6)}, "*", at=6)) == []


def test_links_between_registers_are_graded() -> None:
    assert linked(RESOLD, Row("DE", "BAB123", 1, "V1")) == [
        (1, 0, "first"),
        (2, 0, "second"),
        (3, 0, "abroad"),
    ]
    assert linked(RESOLD, Row("FR", None, 0, None)) == []


def test_open_ends_hold_for_ever() -> None:
    assert valid(Row("FI", "A1"), -(10**12))
    assert valid(Row("FI", "A1", valid_to=1), 0)
    assert not valid(Row("FI", "A1", valid_to=1), 1)
