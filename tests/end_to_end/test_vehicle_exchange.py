"""Vehicles through the whole stack: query, register, exchange, reply, registration again."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from prum_match import exchange, vehicle
from prum_match.errors import ExchangeError, InvalidInput

VIN = "1M8GDM9AXKP042788"
HOLDER = vehicle.Holder("Müller", "Łucja", address="Straße 1, Bautzen", birth_date="1980-02")
CARS = {
    "DE-1": vehicle.Registration(
        "DE", "B-AB 123", VIN, "V77", date(2020, 3, 1), date(2024, 3, 1), holders=[HOLDER]
    ),
    "DE-2": vehicle.Registration("DE", "B-AB 123H", valid_from=date(2020, 3, 1)),
    "DE-3": vehicle.Registration("DE", "BA-B 123", valid_from=date(2020, 3, 1)),
}


@pytest.fixture
def network() -> exchange.InProcessTransport:
    register, other = vehicle.Gallery(), vehicle.Gallery()
    register.enrol(list(CARS), list(CARS.values()))
    other.enrol(
        ["FR-1"], [vehicle.Registration("FR", "AB-123-CD", VIN, valid_from=date(2024, 3, 1))]
    )
    responders = {
        "DE": exchange.Responder("DE", {"vehicle": register}),
        "FR": exchange.Responder("FR", {"vehicle": other}),
    }
    return exchange.InProcessTransport(responders, own_party="NL")


def ask(network: exchange.InProcessTransport, query: Any) -> exchange.SearchOutcome:
    requester = exchange.Requester(network, "NL", category="vehicle")
    return requester.search(query, ["DE", "FR"], timeout=10)


def found(outcome: exchange.SearchOutcome) -> list[tuple[str, str, int]]:
    return [(party, hit.reference, hit.quality) for party, hit in outcome.hits]


def test_a_complete_plate_at_a_date(network: exchange.InProcessTransport) -> None:
    query = vehicle.ExactQuery("D", "B-AB 123", at=date(2023, 5, 1))
    outcome = ask(network, query)
    # As it is written, and with the suffix of a historic car.
    assert found(outcome) == [("DE", "DE-1", 1), ("DE", "DE-2", 2)]
    answered = vehicle.VEHICLE.wire.reference_from_bytes(outcome.hits[0][1].data or b"")
    assert answered.holders == (HOLDER,)
    # The register's own key of the vehicle stays in the house.
    assert answered.vehicle_id is None
    assert vehicle.compare(query, answered).grade == 1


def test_a_state_that_did_not_register_the_car_has_no_hit(
    network: exchange.InProcessTransport,
) -> None:
    """An inquiry of many states is usual (EUCARIS); `vehicle.check_party` checks the addressee."""
    query = vehicle.ExactQuery("D", "B-AB 123", at=date(2023, 5, 1))
    outcomes = ask(network, query).results
    assert outcomes["DE"].outcome is exchange.Outcome.HIT
    assert outcomes["FR"].outcome is exchange.Outcome.NO_HIT
    vehicle.check_party(query, "DE")
    with pytest.raises(InvalidInput) as caught:
        vehicle.check_party(query, "FR")
    assert caught.value.code == "other_register"


def test_a_complete_chassis_number(network: exchange.InProcessTransport) -> None:
    for at, wanted in (
        (date(2023, 5, 1), ("DE", "DE-1", 1)),
        (date(2024, 3, 1), ("FR", "FR-1", 1)),
    ):
        assert found(ask(network, vehicle.ExactQuery(vin=VIN, at=at))) == [wanted]
    assert found(ask(network, vehicle.ExactQuery(vin=VIN, at=date(2019, 1, 1)))) == []


@pytest.mark.parametrize(
    "query",
    [
        vehicle.FuzzyQuery("B-AB 123", max_cost=1),
        vehicle.PatternQuery("BAB12?"),
        CARS["DE-1"],
    ],
    ids=["fuzzy", "pattern", "registration"],
)
def test_other_queries_are_not_sent(network: exchange.InProcessTransport, query: Any) -> None:
    with pytest.raises(ExchangeError) as caught:
        ask(network, query)
    assert caught.value.code == "probe_stays_in_house"
