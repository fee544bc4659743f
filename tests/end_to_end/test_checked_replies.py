"""Candidates of replies are compared with the probe: DNA, vehicles, and incomparable data."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from prum_match import dna, exchange, vehicle
from prum_match.errors import ComparisonMismatch, InvalidInput
from prum_match.exchange import Outcome
from prum_match.exchange.audit import MemoryAudit
from prum_match.exchange.messages import SearchReply, decode_reply, encode
from prum_match.exchange.nightly import MatchLedger, Nightly, OpenSearches

LOCI = {
    "VWA": (16, 17),
    "TH01": (6, 9.3),
    "D21S11": (29, 30.2),
    "FGA": (21, 24),
    "D8S1179": (13, 14),
    "D3S1358": (15, 17),
    "D18S51": (12, 16),
}
PROBE = dna.Profile(LOCI, kind="stain")
OTHER = dna.to_bytes(dna.Profile({name: (8, 9) for name in LOCI}))
SAME = dna.to_bytes(dna.Profile(LOCI))

Change = Callable[[SearchReply], SearchReply]


class Line:
    """The connection to a responder whose replies are changed on the way."""

    def __init__(self, responder: exchange.Responder, change: Change = lambda reply: reply) -> None:
        self.responder = responder
        self.change = change
        self.calls = 0

    def exchange(self, party: str, request: bytes, *, timeout: float) -> bytes:
        self.calls += 1
        reply = decode_reply(self.responder.handle("NL", request))
        return encode(self.change(reply))

    def close(self) -> None:
        pass


class AsyncLine(Line):
    async def exchange(self, party: str, request: bytes, *, timeout: float) -> bytes:  # type: ignore[override]
        return super().exchange(party, request, timeout=timeout)

    async def aclose(self) -> None:
        pass


def with_data(*data: bytes) -> Change:
    def change(reply: SearchReply) -> SearchReply:
        return replace(
            reply,
            candidates=tuple(
                replace(reply.candidates[0], rank=rank, reference=f"FR-{rank}", data=one)
                for rank, one in enumerate(data, 1)
            ),
        )

    return change


def dated(time: datetime) -> Change:
    return lambda reply: replace(reply, time=time)


def answering(policy: Any = None, **options: Any) -> exchange.Responder:
    gallery = dna.Gallery()
    gallery.enrol(["FR-1"], [dna.Profile(LOCI)])
    policies = {} if policy is None else {"dna": policy}
    return exchange.Responder("FR", {"dna": gallery}, policies=policies, **options)


def asked(line: Line, probe: Any = PROBE, **options: Any) -> exchange.PartyOutcome:
    requester = exchange.Requester(line, "NL", category="dna", **options)
    return requester.search(probe, ["FR"], timeout=20)["FR"]


def test_a_candidate_says_that_it_was_verified_and_under_which_policy() -> None:
    found = asked(Line(answering()))
    (candidate,) = found.candidates
    assert (found.outcome, found.error_code) == (Outcome.HIT, None)
    assert candidate.verified is True
    assert candidate.policy is dna.RESPONDER_2008
    assert (candidate.reference, candidate.quality) == ("FR-1", 1)


@pytest.mark.parametrize("data", [OTHER, b"no profile", SAME[:-1]], ids=["other", "none", "cut"])
def test_a_hit_whose_data_do_not_match_is_an_invalid_reply(data: bytes) -> None:
    line = Line(answering(), with_data(data))
    found = asked(line)
    assert (found.outcome, found.error_code) == (Outcome.INVALID_REPLY, "not_under_policy")
    # What the partner said is not lost: it may be a reading that is wider than ours.
    assert [(one.reference, one.data, one.verified) for one in found.candidates] == [
        ("FR-1", data, False)
    ]
    assert line.calls == 1  # the party's word: asking again would bring the same
    outcome = exchange.SearchOutcome({"FR": found})
    assert (outcome.hits, outcome.complete, outcome.answered) == ([], False, ())


def test_one_verified_candidate_makes_a_hit() -> None:
    found = asked(Line(answering(), with_data(SAME, OTHER)))
    assert found.outcome is Outcome.HIT
    assert [one.verified for one in found.candidates] == [True, False]


def test_part_of_a_profile_cannot_be_compared() -> None:
    part = dna.to_bytes(dna.Profile(dict(list(LOCI.items())[:4])))
    found = asked(Line(answering(), with_data(part)))
    assert found.outcome is Outcome.HIT
    assert (found.candidates[0].verified, found.candidates[0].policy) == (None, None)
    contradicts = dna.to_bytes(dna.Profile({"VWA": (11, 12), "TH01": (5, 7)}))
    assert asked(Line(answering(), with_data(contradicts))).outcome is Outcome.INVALID_REPLY


def test_a_wider_reading_of_a_partner_is_readable_and_can_be_asked_for() -> None:
    # Six loci, two of them with a wildcard: only the lenient reading finds it.
    six = dict(list(LOCI.items())[:6])
    probe = dna.Profile({**six, "VWA": (16, "*"), "FGA": (21, "*")}, kind="stain")
    line = Line(answering(dna.PRUM_2008_LENIENT))
    found = asked(line, probe)
    assert (found.outcome, found.error_code) == (Outcome.INVALID_REPLY, "not_under_policy")
    assert [one.reference for one in found.candidates] == ["FR-1"]
    found = asked(line, probe, policy=dna.PRUM_2008_LENIENT)
    assert found.outcome is Outcome.HIT
    assert (found.candidates[0].verified, found.candidates[0].policy) == (
        True,
        dna.PRUM_2008_LENIENT,
    )


def test_an_invalid_hit_opens_nothing_and_stays_readable_after_a_restart() -> None:
    store, audit = exchange.MemoryStore(), MemoryAudit()
    follow_up = exchange.FollowUp("NL", store, audit)
    line = Line(answering(), with_data(OTHER))
    requester = exchange.Requester(line, "NL", category="dna", follow_up=follow_up)
    requester.search(PROBE, ["FR"], timeout=20)
    assert follow_up.hits() == []
    assert list(audit.entries())[-1].code == "not_under_policy"
    again = exchange.Conversation("NL", "dna", follow_up=exchange.FollowUp("NL", store))
    (pending,) = again.searches()
    found = pending.outcome["FR"]
    assert (found.outcome, found.error_code) == (Outcome.INVALID_REPLY, "not_under_policy")
    assert [one.verified for one in found.candidates] == [False]
    assert again.tick() == []
    line.change = lambda reply: reply
    requester.search(PROBE, ["FR"], timeout=20)
    (hit,) = follow_up.hits()
    assert hit.key.reference == "FR-1"


@pytest.mark.parametrize("apart", [timedelta(days=-20_000), timedelta(days=20_000)])
@pytest.mark.parametrize("kind", ["threads", "asyncio", "conversation"])
def test_a_reply_of_another_time_is_refused(kind: str, apart: timedelta) -> None:
    change = dated(datetime.now(UTC).replace(microsecond=0) + apart)
    if kind == "threads":
        found = asked(Line(answering(), change))
    elif kind == "asyncio":
        requester = exchange.AsyncRequester(AsyncLine(answering(), change), "NL", category="dna")
        found = asyncio.run(requester.search(PROBE, ["FR"], timeout=20))["FR"]
    else:
        conversation = exchange.Conversation("NL", "dna")
        pending = conversation.submit(PROBE, parties=["FR"])
        data = pending.outgoing[0].data
        conversation.deliver("FR", Line(answering(), change).exchange("FR", data, timeout=1))
        found = pending.outcome["FR"]
    assert (found.outcome, found.error_code) == (Outcome.INVALID_REPLY, "bad_time")
    assert found.candidates == ()


@pytest.mark.parametrize("apart", [timedelta(minutes=-4), timedelta(minutes=4)])
def test_two_clocks_may_differ_by_minutes(apart: timedelta) -> None:
    change = dated(datetime.now(UTC).replace(microsecond=0) + apart)
    assert asked(Line(answering(), change)).outcome is Outcome.HIT


def test_a_night_reports_no_match_that_is_none() -> None:
    store = exchange.MemoryStore()
    searches, ledger = OpenSearches("dna", store), MatchLedger(store)
    searches.add("NL-1", PROBE, parties=["FR"])
    nightly = Nightly(searches, ledger)
    line = Line(answering(), with_data(OTHER))
    requester = exchange.Requester(line, "NL", category="dna")
    assert list(nightly.run(requester, timeout=20)) == []
    assert ledger.matches("dna") == []
    assert not nightly.report().complete
    (left,) = nightly.unreached()
    assert (left.reference, left.party, left.code) == ("NL-1", "FR", "not_under_policy")
    line.change = lambda reply: reply
    (match,) = nightly.run(requester, timeout=20)
    assert match.candidate is not None
    assert match.candidate.verified is True


def test_the_policy_of_replies_is_checked_when_it_is_given() -> None:
    line = Line(answering())
    with pytest.raises(ComparisonMismatch) as caught:
        exchange.Requester(line, "NL", category="dna", policy=vehicle.PRUM_2024)
    assert (caught.value.code, caught.value.field) == ("foreign_policy", "policy")
    with pytest.raises(InvalidInput) as caught_too:
        exchange.Conversation("NL", "face", policy=dna.PRUM_2008)
    assert caught_too.value.field == "policy"


# Vehicles.

CAR = vehicle.Registration(
    "FR", "AB-123-CD", vin="WVWZZZ1JZXW000001", valid_from=datetime(2020, 1, 1, tzinfo=UTC)
)


def registered(change: Change = lambda reply: reply, **options: Any) -> exchange.Requester:
    gallery = vehicle.Gallery()
    gallery.enrol(["FR-1"], [CAR])
    responder = exchange.Responder("FR", {"vehicle": gallery}, **options)
    return exchange.Requester(Line(responder, change), "NL", category="vehicle")


def test_a_registration_is_compared_with_the_query() -> None:
    query = vehicle.ExactQuery("FR", "AB123CD")
    found = registered().search(query, ["FR"], timeout=20)["FR"]
    assert (found.outcome, found.candidates[0].verified) == (Outcome.HIT, True)
    assert found.candidates[0].policy is vehicle.REPLY_2024
    other = vehicle.Registration("FR", "AB-124-CD")
    data = vehicle.VEHICLE.required_wire().reference_to_bytes(other)
    found = registered(with_data(data)).search(query, ["FR"], timeout=20)["FR"]
    assert (found.outcome, found.error_code) == (Outcome.INVALID_REPLY, "not_under_policy")


@pytest.mark.parametrize(
    "policy",
    [
        replace(vehicle.PRUM_2024, owner_search=True),
        replace(vehicle.PRUM_2024, history="none"),
    ],
)
def test_what_the_law_of_a_partner_may_allow_is_verified(policy: vehicle.Policy) -> None:
    query = vehicle.ExactQuery("FR", "AB123CD", at=datetime(2015, 1, 1, tzinfo=UTC))
    requester = registered(policies={"vehicle": policy})
    found = requester.search(query, ["FR"], timeout=20)["FR"]
    if policy.history == "none":
        assert (found.outcome, found.candidates[0].verified) == (Outcome.HIT, True)
    else:
        assert found.outcome is Outcome.NO_HIT


def test_a_search_by_owner_is_verified_where_the_law_allows_it() -> None:
    owned = vehicle.Registration(
        "FR", "AB-123-CD", holders=[vehicle.Holder("Muster", "Ana", birth_date="1980-12-01")]
    )
    gallery = vehicle.Gallery()
    gallery.enrol(["FR-1"], [owned])
    policy = replace(vehicle.PRUM_2024, owner_search=True)
    responder = exchange.Responder("FR", {"vehicle": gallery}, policies={"vehicle": policy})
    requester = exchange.Requester(Line(responder), "NL", category="vehicle")
    query = vehicle.OwnerQuery("Muster", "Ana", "1980-12-01", country="FR")
    why = exchange.Justification(
        case="1", offence="0101 00", official="x", subject=exchange.SubjectClass.SUSPECT
    )
    found = requester.search(query, ["FR"], timeout=20, justification=why)["FR"]
    assert (found.outcome, found.candidates[0].verified) == (Outcome.HIT, True)
