"""Comparisons: grades and reasons of every kind of query."""

from __future__ import annotations

import inspect
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from prum_match import engine, vehicle
from prum_match.errors import ComparisonMismatch, InvalidInput, NoSuchColumn

DAY = datetime(2020, 3, 1, tzinfo=UTC)
END = datetime(2022, 1, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)
NO_HISTORY = vehicle.Policy(history="none")


def car(
    plate: str | None = "B-AB 123", vin: str | None = None, **values: Any
) -> vehicle.Registration:
    return vehicle.Registration(**{"country": "DE"} | values, plate=plate, vin=vin)


def exact(plate: str = "B-AB 123", country: str = "DE", at: Any = None) -> vehicle.ExactQuery:
    return vehicle.ExactQuery(country, plate, at=at)


def outcomes(comparison: vehicle.Comparison) -> dict[str, str]:
    return {finding.part: finding.outcome for finding in comparison.findings}


@pytest.mark.parametrize(
    ("asked", "registered", "grade"),
    [
        ("B-AB 123", "B-AB 123", 1),
        ("BAB 123", "B-AB 123", 1),
        ("B-AB 123", "BAB123", 1),
        ("B AB-123", "B-AB 123", 1),
        ("BA-B 123", "B-AB 123", None),
        ("B-AB 123", "B-AB 124", None),
        ("B-AB 123", "B-AB 123H", 2),
        ("B-AB 123E", "B-AB 123", 2),
        ("B-AB 123E", "B-AB 123H", None),
        ("TÜ-AB 123", "TUE-AB 123", 2),
        ("TUE-AB 123", "TÜ-AB 123", 2),
        ("TÜ-AB 123", "TUEAB123", 2),
        ("TÜ-AB 123", "TU-EAB 123", None),
        ("TÜ-AB 123", "TU-AB 123H", 2),
    ],
)
def test_german_plates(asked: str, registered: str, grade: int | None) -> None:
    assert vehicle.compare(exact(asked), car(registered)).grade == grade


def test_greek_plates() -> None:
    registered = car("ABP-1234", country="GR")
    found = vehicle.compare(exact("ABR-1234", "GR"), registered)
    assert (found.grade, outcomes(found)["plate"]) == (2, "reading")
    assert vehicle.compare(exact("ABP-1234", "EL"), registered).grade == 1


def test_separators_only_matter_in_germany() -> None:
    registered = car("AB-123-CD", country="FR")
    assert vehicle.compare(exact("A-B123CD", "FR"), registered).grade == 1


def test_the_state_has_to_be_the_same() -> None:
    found = vehicle.compare(exact(country="AT"), car())
    assert (found.grade, found.is_candidate, outcomes(found)["country"]) == (None, False, "differs")


@pytest.mark.parametrize(
    ("at", "grade", "outcome"),
    [
        (DAY - SECOND, None, "not_yet"),
        (DAY, 1, "same"),
        (END - SECOND, 1, "same"),
        (END, None, "ended"),
    ],
)
def test_the_interval_is_half_open(at: datetime, grade: int | None, outcome: str) -> None:
    found = vehicle.compare(exact(at=at), car(valid_from=DAY, valid_to=END))
    assert (found.grade, outcomes(found)["date"]) == (grade, outcome)


def test_now_where_no_date_was_given() -> None:
    registered = car(valid_from=DAY, valid_to=END)
    assert vehicle.compare(exact(), registered, now=date(2021, 1, 1)).grade == 1
    assert vehicle.compare(exact(), registered, now=END).grade is None
    assert vehicle.compare(exact(), registered).grade is None
    assert vehicle.compare(exact(), car()).grade == 1
    # A date of the query's own goes first.
    assert vehicle.compare(exact(at=DAY), registered, now=END).grade == 1


@pytest.mark.parametrize(
    ("interval", "at", "grade", "without_history"),
    [
        ((None, None), DAY, 3, 3),
        ((None, END), DAY, 3, 3),
        ((None, DAY), DAY, None, None),
        ((END, None), DAY, None, 3),
        ((DAY, END), DAY - SECOND, None, 3),
        ((DAY, END), END, None, None),
        ((DAY, None), DAY, 1, 1),
        ((None, None), None, 1, 1),
        ((END, None), None, None, None),
    ],
)
def test_current_data_without_history(
    interval: tuple[Any, Any], at: Any, grade: int | None, without_history: int | None
) -> None:
    registered = car(valid_from=interval[0], valid_to=interval[1])
    kept = vehicle.compare(exact(at=at), registered, now=DAY)
    none = vehicle.compare(exact(at=at), registered, policy=NO_HISTORY, now=DAY)
    assert (kept.grade, none.grade) == (grade, without_history)
    if none.grade == 3:
        assert "current data, no history" in str(none)


def test_a_reading_of_current_data_is_current_data() -> None:
    assert vehicle.compare(exact("B-AB 123H", at=DAY), car()).grade == 3


def test_chassis_numbers() -> None:
    registered = car(vin="WVWZZZ1JZOW000001", valid_from=DAY)
    asked = vehicle.ExactQuery(vin="wvwzzz1jz0w000001", at=DAY)
    assert vehicle.compare(asked, registered).grade == 1
    assert vehicle.compare(vehicle.ExactQuery("DE", vin=asked.vin, at=DAY), registered).grade == 1
    assert vehicle.compare(vehicle.ExactQuery("AT", vin=asked.vin), registered).grade is None
    assert outcomes(vehicle.compare(asked, car()))["VIN"] == "missing"
    assert outcomes(vehicle.compare(exact(), car(None, "123")))["plate"] == "missing"


def test_a_read_is_explained_error_by_error() -> None:
    costs = vehicle.Costs.from_pairs({"0O": 0.25}, leading=0.3, name="mine")
    query = vehicle.FuzzyQuery("EK0A12", max_cost=0.55, costs=costs)
    found = vehicle.compare(query, car("K-OA 12"))
    assert (found.grade, found.cost) == (1, 0.55)
    assert [str(edit) for edit in found.edits] == ["leading E 0.3", "O read as 0 0.25"]
    assert "leading E 0.3, O read as 0 0.25" in str(found)
    assert "mine" in str(found)
    assert repr(found) == "<Comparison: grade 1, cost 0.55>"


def test_candidates_cost_at_most_the_maximum_of_the_query() -> None:
    for limit, grade in ((0.999, None), (1, 1)):
        query = vehicle.FuzzyQuery("B-AB 124", max_cost=limit, costs=vehicle.UNIT_COSTS)
        found = vehicle.compare(query, car())
        assert (found.grade, found.cost) == (grade, 1.0)
    query = vehicle.FuzzyQuery("BA-B 123", max_cost=0)
    assert vehicle.compare(query, car()).grade == 1


def test_a_read_of_another_state_or_time_or_of_no_plate() -> None:
    read = {"plate": "B-AB 123", "max_cost": 1}
    assert vehicle.compare(vehicle.FuzzyQuery(**read, countries=["AT"]), car()).grade is None
    assert vehicle.compare(vehicle.FuzzyQuery(**read), car(None, "123")).grade is None
    registered = car(valid_from=DAY, valid_to=END)
    assert vehicle.compare(vehicle.FuzzyQuery(**read), registered).grade == 1
    for at, grade in ((DAY - SECOND, None), (DAY, 1), (END, None)):
        assert vehicle.compare(vehicle.FuzzyQuery(**read, at=at), registered).grade == grade
    # What has no history may have been valid.
    assert vehicle.compare(vehicle.FuzzyQuery(**read, at=DAY), car()).grade == 1


def test_the_syntax_of_the_state_repairs_a_read() -> None:
    query = vehicle.FuzzyQuery("4BO4979", max_cost=1, costs=vehicle.UNIT_COSTS)
    for plate, words in (("4B0 4979", "it is this one"), ("4B0 4978", "it is another one")):
        found = vehicle.compare(query, car(plate, country="CZ"))
        assert outcomes(found)["syntax"] == "repaired"
        assert words in str(found)
    assert "syntax" not in outcomes(vehicle.compare(query, car("4B0 4979", country="XK")))


def test_the_places_of_a_pattern() -> None:
    found = vehicle.compare(vehicle.PatternQuery("b?*[1-3]3"), car())
    assert found.grade == 1
    assert "B is B, ? is A, * is B1, [123] is 2, 3 is 3" in str(found)
    assert vehicle.compare(vehicle.PatternQuery("b?"), car()).grade is None
    assert vehicle.compare(vehicle.PatternQuery("b*", ["AT"]), car()).grade is None
    assert vehicle.compare(vehicle.PatternQuery("b*", at=DAY), car(valid_from=END)).grade is None
    vin = vehicle.PatternQuery.suffix("1O1", of="vin")
    assert vehicle.compare(vin, car(vin="WVWZZZ1JZ0W000101")).grade == 1
    assert outcomes(vehicle.compare(vin, car()))["VIN"] == "missing"


@pytest.mark.parametrize(
    ("probe", "reference", "grade"),
    [
        (car(vin="123"), car(vin="123"), 1),
        (car(vin="123"), car(vin="124"), 2),
        (car(), car(vin="123"), 2),
        (car(), car("BA-B 123", "123"), None),
        (car(), car("B-AB 123H"), None),
        (car(vin="123"), car("BA-B 123", "123"), 3),
        (car(vin="123"), car(vin="123", country="AT"), 3),
        (car(None, "123"), car(vin="123"), 3),
        (car(valid_to=DAY), car(valid_from=END), 2),
        (car(), car(country="AT"), None),
        (car(None, "123"), car(), None),
    ],
)
def test_two_registrations(
    probe: vehicle.Registration, reference: vehicle.Registration, grade: int | None
) -> None:
    assert vehicle.compare(probe, reference).grade == grade
    assert vehicle.compare(reference, probe).grade == grade


def test_policies_hold() -> None:
    with pytest.raises(InvalidInput) as caught:
        vehicle.compare(vehicle.PatternQuery("B*"), car(), policy=vehicle.PRUM_2024)
    assert caught.value.code == "incomplete_key"
    assert vehicle.compare(exact(), car(), policy=vehicle.PRUM_2024).grade == 1


def test_foreign_arguments_are_refused() -> None:
    with pytest.raises(InvalidInput) as caught:
        vehicle.compare(exact(), "B-AB 123")  # type: ignore[arg-type]
    assert caught.value.code == "bad_registration"
    other = engine.Policy(name="x", version="1", source="x")
    for query, policy in (("B-AB 123", vehicle.NATIONAL), (exact(), other)):
        with pytest.raises(ComparisonMismatch):
            vehicle.compare(query, car(), policy=policy)  # type: ignore[arg-type]
    with pytest.raises(InvalidInput):
        vehicle.compare(exact(), car(), now=datetime(2024, 5, 1))


def test_a_plate_that_was_sold_twice_with_a_day_between() -> None:
    first = car(vin="1", valid_from=date(2019, 1, 1), valid_to=date(2020, 1, 1))
    second = car(vin="2", valid_from=date(2020, 1, 2))
    for at, found in (
        (date(2019, 12, 31), (1, None)),
        (date(2020, 1, 1), (None, None)),
        (date(2020, 1, 2), (None, 1)),
    ):
        grades = tuple(vehicle.compare(exact(at=at), r).grade for r in (first, second))
        assert grades == found


def test_a_comparison_has_the_fields_of_every_category_but_no_score() -> None:
    found = vehicle.compare(exact(), car(), policy=NO_HISTORY)
    assert (found.policy, found.grade, found.is_candidate) == (NO_HISTORY, 1, True)
    assert str(found).startswith("grade 1 under national (1)\n  country: same")
    assert not hasattr(found, "score")
    with pytest.raises(NoSuchColumn) as caught:
        _ = found.score
    assert (caught.value.code, caught.value.field) == ("no_such_column", "score")
    names = [name for name, _ in inspect.getmembers(found)]
    assert "is_candidate" in names
    assert "score" not in names
