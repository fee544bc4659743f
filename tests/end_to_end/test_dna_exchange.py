"""DNA through the whole stack: profile, gallery, exchange, reply, profile again."""

from __future__ import annotations

import pytest

from prum_match import dna, exchange
from prum_match.errors import InvalidInput

SEVEN = {
    "VWA": (16, 17),
    "TH01": (6, 9.3),
    "D21S11": (29, 30.2),
    "FGA": (21, 24),
    "D8S1179": (13, 14),
    "D3S1358": (15, 17),
    "D18S51": (12, 16),
}


def gallery_of(**profiles: dna.Profile) -> dna.Gallery:
    gallery = dna.Gallery()
    gallery.enrol(list(profiles), list(profiles.values()))
    return gallery


@pytest.fixture
def network() -> exchange.InProcessTransport:
    person = dna.Profile({**SEVEN, "AMEL": ("X", "Y")})
    other = dna.Profile({name: (8, 9) for name in SEVEN})
    responders = {
        "FR": exchange.Responder("FR", {"dna": gallery_of(FR1=person, FR2=other)}),
        "DE": exchange.Responder("DE", {"dna": gallery_of(DE1=other)}),
        "IE": exchange.Responder("IE", {}),
    }
    return exchange.InProcessTransport(responders, own_party="NL")


def ask(
    network: exchange.InProcessTransport, probe: dna.Profile, *parties: str, **options: bool
) -> exchange.SearchOutcome:
    requester = exchange.Requester(network, "NL", category="dna")
    return requester.search(probe, parties, timeout=10, **options)


def test_a_hit_brings_the_matching_profile_back(network: exchange.InProcessTransport) -> None:
    stain = dna.Profile({**SEVEN, "FGA": (21, "*")}, kind="stain")
    outcome = ask(network, stain, "FR", "DE", "IE", "AT")
    assert {party: outcome[party].outcome for party in outcome} == {
        "FR": exchange.Outcome.HIT,
        "DE": exchange.Outcome.NO_HIT,
        "IE": exchange.Outcome.REFUSED,
        "AT": exchange.Outcome.UNREACHABLE,
    }
    assert not outcome.complete
    ((party, candidate),) = outcome.hits
    assert (party, candidate.reference, candidate.quality) == ("FR", "FR1", 2)
    assert candidate.readings == ("lenient", "literal", "strict6")
    matched = dna.from_bytes(candidate.data)
    assert matched.pairs == dna.Profile(SEVEN).pairs
    assert dna.compare(stain, matched).quality == 2


def test_the_responder_answers_under_both_readings(network: exchange.InProcessTransport) -> None:
    # Golden D14: six loci, one of them with a wildcard. Strict says no, literal says yes.
    six = {name: values for name, values in SEVEN.items() if name != "D18S51"}
    stain = dna.Profile({**six, "VWA": (16, "*")}, kind="stain")
    ((_, candidate),) = ask(network, stain, "FR").hits
    assert candidate.readings == ("lenient", "literal")


@pytest.mark.parametrize("loci", [0, 5])
def test_too_few_loci_are_unsuitable_and_not_a_no_hit(
    network: exchange.InProcessTransport, loci: int
) -> None:
    few = dna.Profile(dict(list(SEVEN.items())[:loci]), kind="stain")
    outcome = ask(network, few, "FR", send_below_floor=True)
    assert outcome["FR"].outcome is exchange.Outcome.UNSUITABLE


@pytest.mark.parametrize("loci", [0, 5])
def test_a_probe_below_the_floor_is_refused_before_anything_is_sent(
    network: exchange.InProcessTransport, loci: int
) -> None:
    few = dna.Profile(dict(list(SEVEN.items())[:loci]), kind="stain")
    network.close()
    with pytest.raises(InvalidInput) as caught:
        ask(network, few, "FR")
    assert (caught.value.code, caught.value.field) == ("below_floor", "profile")
    assert caught.value.rule is not None
    assert caught.value.rule.startswith("prum-2008-inclusion")


def test_markers_that_are_not_exchanged_stay_at_home() -> None:
    profile = dna.Profile({**SEVEN, "DYS391": ("10",), "Yindel": ("1",), "FGA": (21, 24, 26)})
    data = dna.to_bytes(profile)
    assert b"DYS" not in data
    assert b"indel" not in data.lower()
    assert b"26" not in data
    assert dna.from_bytes(data).pairs == profile.pairs


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{}",
        b"[]",
        b'{"loci":{},"sex":[],"type":"X"}',
        b'{"loci":{"TH01":["9.3","6"]},"sex":[],"type":"P"}',
        b'{"loci":{"TH01":["6","9.3"]},"sex":[],"type":"P"} ',
        b'{"loci":{"TH01":["6"]},"sex":[],"type":"P"}',
        b'{"loci":{"TH01":["6","9.4"]},"sex":[],"type":"P"}',
        b'{"loci":{"DYS391":["6","9"]},"sex":[],"type":"P"}',
        b'{"loci":' + b"[" * 5000,
    ],
)
def test_bytes_that_are_not_a_canonical_profile_are_refused(data: bytes) -> None:
    with pytest.raises(InvalidInput, match="bad_profile_bytes"):
        dna.from_bytes(data)
