"""The golden DNA vectors over the exchange: candidates carry readings; partner profiles set them.

The text of Decision 2008/616/JHA is open in six of them. An answering state returns the union of
the strict and the literal reading, unless the profile of the partner names another policy.
"""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

import pytest

from prum_match import dna, exchange

GOLDEN = files("prum_match.dna") / "data" / "golden_2008.json"
VECTORS: list[dict[str, Any]] = json.loads(GOLDEN.read_text("utf-8"))
READINGS = ("strict6", "literal", "lenient")
DISPUTED = {"D13", "D14", "D15", "D20", "D22", "D25"}
POLICIES = {
    "strict6": dna.PRUM_2008_STRICT,
    "literal": dna.PRUM_2008_LITERAL,
    "lenient": dna.PRUM_2008_LENIENT,
}
# One partner for each reading, and one without a policy of its own.
PARTNERS = {"FR": "strict6", "NL": "literal", "ES": "lenient", "AT": None}
RAW: dict[str, dict[str, Any]] = {
    party: {"categories": {"dna": {"policy": POLICIES[name].name} if name else {}}}
    for party, name in PARTNERS.items()
}


def differs(vector: dict[str, Any]) -> bool:
    return len({vector["expect"][name] is None for name in READINGS}) > 1


@pytest.fixture(scope="module", params=VECTORS, ids=[str(one["id"]) for one in VECTORS])
def vector(request: pytest.FixtureRequest) -> dict[str, Any]:
    found: dict[str, Any] = request.param
    return found


def profile(vector: dict[str, Any], side: str, kind: str) -> dna.Profile:
    # D27 is stated for a source whose single values are neither homozygotes nor half known.
    single = "drop" if vector["id"] == "D27" else "homozygote"
    return dna.Profile(vector[side], kind=kind, single_allele=single)


def ask(vector: dict[str, Any], party: str) -> exchange.PartyOutcome:
    gallery = dna.Gallery()
    far = dna.Profile({locus: (40, 41) for locus in dna.ESS_12})
    gallery.enrol(["far", "golden"], [far, profile(vector, "B", "reference")])
    policies = POLICIES.values()
    responder = exchange.Responder(
        "DE",
        {"dna": gallery},
        partners={
            code: exchange.Partner.from_dict(raw, policies=policies) for code, raw in RAW.items()
        },
    )
    line = exchange.InProcessTransport({"DE": responder}, own_party=party)
    requester = exchange.Requester(line, party, category="dna")
    probe = profile(vector, "A", "stain")
    return requester.search(probe, ["DE"], timeout=60, send_below_floor=True)["DE"]


def test_six_vectors_are_disputed() -> None:
    assert {one["id"] for one in VECTORS if differs(one)} == DISPUTED


@pytest.mark.parametrize("party", PARTNERS)
def test_a_partners_profile_switches_the_reading(vector: dict[str, Any], party: str) -> None:
    expect, reading = vector["expect"], PARTNERS[party]
    wanted = expect[reading] if reading else expect["strict6"] or expect["literal"]
    outcome = ask(vector, party)
    # A probe that can have no candidate is unsuitable; a no-hit would say that it was searched.
    if wanted is None:
        assert outcome.outcome in {exchange.Outcome.NO_HIT, exchange.Outcome.UNSUITABLE}
        return
    assert outcome.outcome is exchange.Outcome.HIT
    (candidate,) = outcome.candidates
    assert (candidate.reference, candidate.quality) == ("golden", wanted)
    # Whatever made it a candidate, it says all the readings that it satisfies.
    assert candidate.readings == tuple(sorted(r for r in READINGS if expect[r] is not None))


@pytest.mark.parametrize("name", sorted(DISPUTED))
def test_disputed_vectors_differ_between_partners(name: str) -> None:
    (found,) = [one for one in VECTORS if one["id"] == name]
    hits = {
        reading for party, reading in PARTNERS.items() if reading and ask(found, party).candidates
    }
    assert hits == {reading for reading in READINGS if found["expect"][reading] is not None}
    assert 0 < len(hits) < len(READINGS)
    (candidate,) = ask(found, "AT").candidates
    assert set(candidate.readings) == hits
