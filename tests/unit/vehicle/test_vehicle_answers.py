"""The status of an answer, exact to the second."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from prum_match import Eligible, vehicle
from prum_match.vehicle import (
    ExactQuery,
    FuzzyQuery,
    PatternQuery,
    Registration,
    RegistrationStatus,
)

pytestmark = pytest.mark.native

DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)
BEGIN, END = datetime(2020, 3, 1, tzinfo=UTC), datetime(2024, 3, 1, tzinfo=UTC)
NO_HISTORY = vehicle.Policy(history="none")
VIN = "WVWZZZ1JZ0W000001"


def register(**items: Registration) -> vehicle.Gallery:
    gallery = vehicle.Gallery()
    gallery.enrol(list(items), list(items.values()))
    return gallery


def asked(gallery: vehicle.Gallery, at: Any = None, policy: Any = None, **key: str) -> Any:
    """Ask for a French plate unless another key is given."""
    query = ExactQuery(**({"country": "FR", "plate": "AB-123-CD"} | key), at=at)
    answer = gallery.search(query, policy=policy)
    (same,) = gallery.search_many([query], policy=policy)
    assert (same.status, same.reference_ids) == (answer.status, answer.reference_ids)
    return answer.status, answer.reference_ids


ONCE = register(once=Registration("FR", "AB-123-CD", VIN, valid_from=BEGIN, valid_to=END))


@pytest.mark.parametrize(
    ("at", "status"),
    [
        (BEGIN - SECOND, "not_registered_then"),
        (BEGIN, "found"),
        (BEGIN + timedelta(microseconds=1), "found"),
        (END - SECOND, "found"),
        (END - timedelta(microseconds=1), "found"),
        (END, "not_registered_then"),
        (date(2020, 3, 1), "found"),
        (date(2024, 3, 1), "not_registered_then"),
        (datetime(2020, 3, 1, 0, 30, tzinfo=UTC).astimezone(), "found"),
        (None, "not_registered_then"),
    ],
)
@pytest.mark.parametrize("key", [{}, {"vin": VIN, "plate": None}], ids=["plate", "vin"])
def test_intervals_hold_to_the_second(at: Any, status: str, key: Any) -> None:
    assert asked(ONCE, at, **key) == (status, ["once"] if status == "found" else [])


@pytest.mark.parametrize(
    ("at", "status"),
    [
        (BEGIN - SECOND, "current_data"),
        (BEGIN, "found"),
        (END, "not_registered_then"),
        (None, "not_registered_then"),
    ],
)
def test_current_data_without_history(at: Any, status: str) -> None:
    """Decision 2008/616/JHA, Annex, chapter 3: only the current data are known."""
    assert asked(ONCE, at, NO_HISTORY)[0] == status


@pytest.mark.parametrize(
    ("at", "status"),
    [(None, "found"), (BEGIN, "current_data"), (END - SECOND, "current_data"), (END, "found")],
)
def test_a_registration_of_unknown_begin_is_current_data(at: Any, status: str) -> None:
    """Interpretation: it is unknown whether the registration held at that date."""
    gallery = register(
        open=Registration("FR", "AB-123-CD"),
        **({"since": Registration("FR", "AB-123-CD", valid_from=END)} if status == "found" else {}),
    )
    assert asked(gallery, at)[0] == status


def test_numbers_of_no_registration_are_not_found() -> None:
    assert asked(ONCE, BEGIN, plate="AB-124-CD") == ("not_found", [])
    assert asked(ONCE, BEGIN, country="ES") == ("not_found", [])
    assert asked(vehicle.Gallery(), BEGIN) == ("not_found", [])


def test_an_erased_registration_leaves_no_trace() -> None:
    gallery = register(once=ONCE["once"], other=Registration("FR", "A 1"))
    gallery.erase(["once"])
    assert asked(gallery, END) == ("not_found", [])


def test_excluded_registrations_leave_no_remark() -> None:
    gallery = register(once=ONCE["once"], other=Registration("FR", "A 1"))
    query = ExactQuery("FR", "AB-123-CD", at=END)
    for seen, status in (("once", "not_registered_then"), ("other", "not_found")):
        assert gallery.search(query, eligible=Eligible(reference_ids=[seen])).status == status


SOLD = register(
    first=Registration("FR", "AB-123-CD", VIN, valid_from=BEGIN, valid_to=END),
    second=Registration("FR", "AB-123-CD", "1M8GDM9AXKP042788", valid_from=END + DAY),
    third=Registration("FR", "EF-456-GH", VIN, valid_from=END),
)


@pytest.mark.parametrize(
    ("at", "plate", "vin"),
    [
        (BEGIN - SECOND, [], []),
        (BEGIN, ["first"], ["first"]),
        (END - SECOND, ["first"], ["first"]),
        (END, [], ["third"]),
        (END + DAY - SECOND, [], ["third"]),
        (END + DAY, ["second"], ["third"]),
    ],
)
def test_a_plate_that_was_sold_twice_with_a_day_between(
    at: datetime, plate: list[str], vin: list[str]
) -> None:
    assert asked(SOLD, at) == ("found" if plate else "not_registered_then", plate)
    assert asked(SOLD, at, country=None, plate=None, vin=VIN) == (
        "found" if vin else "not_registered_then",
        vin,
    )


def test_a_status_does_not_affect_candidates() -> None:
    gallery = register(
        gone=Registration(
            "FR",
            "AB-123-CD",
            valid_from=BEGIN,
            status=RegistrationStatus.SCRAPPED,
            status_from="2023-05",
        )
    )
    (candidate,) = gallery.search(ExactQuery("FR", "AB-123-CD", at=END))
    assert candidate.registration.status == "scrapped"
    assert str(candidate.registration.status_from) == "2023-05"


def test_e_is_spain_and_not_estonia() -> None:
    gallery = register(es=Registration("E", "1234 BCD"), ee=Registration("EST", "123 BCD"))
    assert gallery["es"].country == "ES"
    assert gallery["ee"].country == "EE"
    for country, plate, wanted in (
        *(("E", "1234BCD", ["es"]), ("ES", "1234-BCD", ["es"]), ("EE", "123BCD", ["ee"])),
        *(("EE", "1234BCD", []), ("E", "123BCD", [])),
    ):
        assert asked(gallery, None, country=country, plate=plate)[1] == wanted


def test_other_queries_found_something_or_not() -> None:
    for query in (
        FuzzyQuery("A8-123-CD", max_cost=1),
        PatternQuery("AB1*"),
        PatternQuery("WVW*", of="vin"),
        Registration("FR", "AB-123-CD"),
    ):
        assert ONCE.search(query).status == "found"
        assert vehicle.Gallery().search(query).status == "not_found"
    assert ONCE.search(Registration("DE", vin=VIN)).grades.tolist() == [3]
    assert ONCE.search(Registration("DE", vin=VIN)).status == "found"
    assert ONCE.search(PatternQuery("*", at=END - SECOND)).status == "found"


def test_other_queries_at_another_time() -> None:
    for query, status in (
        (FuzzyQuery("AB123CD", max_cost=0, at=END), "not_registered_then"),
        (FuzzyQuery("AB124CD", max_cost=0, at=END), "not_found"),
        (FuzzyQuery("AB123CD", ["ES"], max_cost=0, at=END), "not_found"),
        (PatternQuery("AB1*", at=END), "not_registered_then"),
        (PatternQuery("AB1*", ["ES"], at=END), "not_found"),
        (PatternQuery("*W000001", of="vin", at=END), "not_registered_then"),
        (PatternQuery("*W000002", of="vin", at=END), "not_found"),
    ):
        answer = ONCE.search(query)
        assert (answer.status, answer.reference_ids) == (status, [])


def test_candidates() -> None:
    answer = ONCE.search(FuzzyQuery("A8I23CD", max_cost=2, costs=vehicle.UNIT_COSTS))
    (candidate,) = answer
    assert (candidate.cost, candidate.plate, candidate.vin) == (2.0, "AB123CD", VIN)
    assert candidate.registration == ONCE["once"]
    assert candidate.explain().cost == 2.0
    assert answer.columns["cost"].tolist() == [2.0]
    (exact,) = ONCE.search(ExactQuery(vin=VIN, at=BEGIN))
    assert (exact.grade, exact.cost) == (1, 0.0)


def test_the_less_an_error_costs_the_better_the_candidate() -> None:
    gallery = register(
        a=Registration("FR", "AB-128-CD"),
        b=Registration("FR", "AB-123-CD"),
        c=Registration("FR", "AB-123-C"),
        d=Registration("FR", "AX-123-CD"),
    )
    answer = gallery.search(FuzzyQuery("A8-123-CD", max_cost=16))
    assert answer.reference_ids[0] == "b"
    costs = [candidate.cost for candidate in answer]
    assert costs == sorted(costs)
    assert len(set(costs)) > 1
    short = gallery.search(FuzzyQuery("A8-123-CD", max_cost=16), limit=2)
    assert short.reference_ids == answer.reference_ids[:2]
    assert short.truncated
