"""A search by owner between two states: messages, answers, and audit entries."""

from __future__ import annotations

import dataclasses
import itertools
import json
from datetime import UTC, date, datetime

import pytest

from prum_match import exchange, vehicle
from prum_match.errors import ExchangeError
from prum_match.vehicle import ExactQuery, Holder, OwnerQuery, Registration

pytestmark = pytest.mark.native

ACME = OwnerQuery(legal_name="Acme")
NUMBERS = itertools.count()
ALLOWED = dataclasses.replace(vehicle.PRUM_2024, owner_search=True)


@pytest.fixture
def register() -> vehicle.Gallery:
    gallery = vehicle.Gallery()
    since = date(2021, 1, 1)
    gallery.enrol(
        ["NL-1"], [Registration("NL", "GB-001-B", valid_from=since, owners=[Holder("ACME")])]
    )
    return gallery


def request(query: ExactQuery | OwnerQuery, kind: str | None = None) -> bytes:
    return exchange.messages.encode(
        exchange.messages.SearchRequest(
            category="vehicle",
            requesting="AT",
            requested="NL",
            number=str(next(NUMBERS)),
            reference="AT-1",
            time=datetime.now(UTC),
            type=kind,
            probe=vehicle.VEHICLE.wire.probe_to_bytes(query) or b"",
        )
    )


def test_a_state_whose_law_allows_it_answers(register: vehicle.Gallery) -> None:
    responder = exchange.Responder("NL", {"vehicle": register}, policies={"vehicle": ALLOWED})
    reply = json.loads(responder.handle("AT", request(ACME)))
    assert reply["result"] == "hit"
    assert [one["reference"] for one in reply["candidates"]] == ["NL-1"]


def test_another_state_does_not_search(register: vehicle.Gallery) -> None:
    responder = exchange.Responder("NL", {"vehicle": register})
    reply = json.loads(responder.handle("AT", request(ACME)))
    assert reply["result"] not in ("hit", "no_hit")
    assert reply["candidates"] == []


def test_vehicles_have_no_types(register: vehicle.Gallery) -> None:
    """Identified and unidentified are DNA and prints: Articles 9 and 14, not 16."""
    responder = exchange.Responder("NL", {"vehicle": register})
    query = ExactQuery("NL", "GB-001-B")
    assert vehicle.VEHICLE.wire.item_type(query) is None
    reply = json.loads(responder.handle("AT", request(query)))
    assert [one["type"] for one in reply["candidates"]] == [None]
    with pytest.raises(ExchangeError) as caught:
        request(query, "P")
    assert (caught.value.code, caught.value.field) == ("inconsistent_field", "type")


def test_a_registration_of_another_time_is_not_a_hit(register: vehicle.Gallery) -> None:
    """The closed list of a reply has no field for `not_registered_then`."""
    responder = exchange.Responder("NL", {"vehicle": register})
    then = ExactQuery("NL", "GB-001-B", at=date(2020, 1, 1))
    assert register.search(then).status == "not_registered_then"
    unknown = ExactQuery("NL", "GB-002-B")
    replies = [json.loads(responder.handle("AT", request(one))) for one in (then, unknown)]
    assert [one["result"] for one in replies] == ["no_hit", "no_hit"]
    assert replies[0].keys() == replies[1].keys()
