"""Persons through the whole stack: pseudonyms out, a register of them, numbers and quality back."""

from __future__ import annotations

from typing import Any

import pytest

from prum_match import exchange, police_record
from prum_match.errors import ExchangeError, InvalidInput
from prum_match.police_record import Gallery, Person
from support.police_record import families as police

PERSONS = {
    "DE-1": Person("Jürgen", "Müller", birth_date="1971-05-08", gender="M"),
    "DE-2": Person("Ana", "García López", ["Ana Ruiz"], birth_date="1980-12-01"),
}
BLOCKS = list(police.PSEUDONYMS.values())


@pytest.fixture(params=BLOCKS, ids=lambda block: block.name)
def block(request: pytest.FixtureRequest) -> police_record.Parameters:
    found: police_record.Parameters = request.param
    return found


@pytest.fixture
def network(block: police_record.Parameters) -> exchange.InProcessTransport:
    register, other = Gallery(block), Gallery(block)
    register.enrol(list(PERSONS), police.encoder(block).encode(list(PERSONS.values())))
    other.enrol(["FR-1"], [police.encoder(block, "2").encode_one(PERSONS["DE-2"])])
    responders = {
        "DE": exchange.Responder("DE", {"police_record": register}),
        "FR": exchange.Responder("FR", {"police_record": other}),
    }
    return exchange.InProcessTransport(responders, own_party="NL")


def ask(
    network: exchange.InProcessTransport, query: Any, **options: bool
) -> exchange.SearchOutcome:
    requester = exchange.Requester(network, "NL", category="police_record")
    return requester.search(query, ["DE", "FR"], timeout=10, **options)


def test_hit_no_hit_and_incomparable_probes(
    network: exchange.InProcessTransport, block: police_record.Parameters
) -> None:
    encoder = police.encoder(block)
    outcome = ask(network, encoder.encode_one(Person("Ana", "Ruiz", birth_date="1980-12-01")))
    assert [(party, hit.reference) for party, hit in outcome.hits] == [("DE", "DE-2")]
    assert outcome.hits[0][1].data == b""
    # Encoded under another key: no answer, and no no-hit.
    assert outcome["FR"].outcome is exchange.Outcome.REMOTE_ERROR
    outcome = ask(network, encoder.encode_one(Person("Hedda", "Gabler", birth_date="1861-02-03")))
    assert outcome["DE"].outcome is exchange.Outcome.NO_HIT


def test_too_few_elements_are_unsuitable(
    network: exchange.InProcessTransport, block: police_record.Parameters
) -> None:
    query = police.encoder(block).encode_one(Person(None, "Ruiz", gender="F"))
    outcome = ask(network, query, send_below_floor=True)
    assert {outcome[party].outcome for party in ("DE", "FR")} == {exchange.Outcome.UNSUITABLE}


def test_too_few_elements_are_refused_before_anything_is_sent(
    network: exchange.InProcessTransport, block: police_record.Parameters
) -> None:
    query = police.encoder(block).encode_one(Person(None, "Ruiz", gender="F"))
    network.close()
    with pytest.raises(InvalidInput) as caught:
        ask(network, query)
    assert caught.value.code == "below_floor"
    assert caught.value.rule == "Reg. (EU) 2024/982, Art. 43(1)"


def test_names_in_clear_stay_in_the_house(network: exchange.InProcessTransport) -> None:
    with pytest.raises(ExchangeError) as caught:
        ask(network, PERSONS["DE-1"])
    assert caught.value.code == "probe_stays_in_house"
