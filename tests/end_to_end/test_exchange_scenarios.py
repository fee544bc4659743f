"""Whole conversations: a router with 26 states, and a record that is erased while a hit is open."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from prum_match import dna
from prum_match.errors import ExchangeError
from prum_match.exchange import (
    PARTIES,
    CoreData,
    Courier,
    FollowUp,
    HitState,
    InProcessTransport,
    Justification,
    Outcome,
    Requester,
    Responder,
    SqliteStore,
    TransportError,
    TransportTimeout,
    WithdrawalReason,
)
from prum_match.exchange.audit import MemoryAudit
from prum_match.exchange.messages import decode_reply
from prum_match.testing.clock import VirtualClock

LOCI: Any = {
    **{"VWA": (16, 17), "TH01": (6, 9.3), "D21S11": (29, 30.2), "FGA": (21, 24)},
    **{"D8S1179": (13, 14), "D3S1358": (15, 17), "D18S51": (12, 16)},
}
DONOR = dna.Profile(LOCI)
STAIN = dna.Profile(LOCI, kind="stain")
STATES = [code for code in PARTIES if code not in {"NL", "EUROPOL"}][:26]
HOLDING, UNSUITABLE, LATE = {"FR", "AT", "BG"}, "DE", {"BG", "CZ"}
# A state that compares no probe with fewer than twelve loci.
_READINGS = tuple(replace(one, min_loci=12) for one in dna.RESPONDER_2008.readings)
STRICTER = replace(dna.RESPONDER_2008, readings=_READINGS, tagged=_READINGS)
WHY = Justification(case="2026/17", offence="0101 00", official="insp-7")


class Router:
    """Asks everybody at once; what comes too late it hands over afterwards."""

    def __init__(self, responders: Mapping[str, Responder]) -> None:
        self.responders = responders
        self.late: dict[str, bytes] = {}
        self.requests = 0

    def exchange_all(
        self, requests: Mapping[str, bytes], *, timeout: float
    ) -> Iterator[tuple[str, bytes | TransportError]]:
        self.requests += 1
        for party, request in requests.items():
            reply = self.responders[party].handle("NL", request)
            if party in LATE:
                self.late[party] = reply
                yield party, TransportTimeout()
            else:
                yield party, reply

    def close(self) -> None: ...


def responder(party: str) -> Responder:
    gallery = dna.Gallery()
    if party in HOLDING:
        gallery.enrol([f"{party}-1"], [DONOR])
    policy = STRICTER if party == UNSUITABLE else None
    return Responder(party, {"dna": gallery}, policies={"dna": policy} if policy else None)


def test_a_router_with_26_states_two_of_them_late_and_a_restart_between(tmp_path: Path) -> None:
    router = Router({party: responder(party) for party in STATES})
    audit = MemoryAudit()

    def begin(store: SqliteStore) -> Requester:
        follow_up = FollowUp("NL", store, audit)
        return Requester(router, "NL", category="dna", follow_up=follow_up, max_attempts=1)

    with SqliteStore(tmp_path / "nl.db") as store:
        requester = begin(store)
        outcome = requester.search(STAIN, STATES, timeout=60, justification=WHY)
    assert len(outcome.asked) == 26
    assert router.requests == 1
    assert {p for p, one in outcome.results.items() if one.outcome is Outcome.TIMEOUT} == LATE
    assert outcome.results[UNSUITABLE].outcome is Outcome.UNSUITABLE
    assert len(outcome.answered) == 24
    assert not outcome.complete
    assert sorted(party for party, _ in outcome.hits) == ["AT", "FR"]
    with SqliteStore(tmp_path / "nl.db") as store:
        requester = begin(store)
        for party, reply in router.late.items():
            assert requester.conversation.deliver(party, reply).changed
        (pending,) = requester.conversation.searches("2026/17")
        outcome = pending.outcome
        assert len(outcome.answered) == 26
        assert not outcome.complete  # who calls the probe unsuitable did not search
        assert {party for party, _ in outcome.hits} == HOLDING
        no_hit = [p for p, one in outcome.results.items() if one.outcome is Outcome.NO_HIT]
        assert len(no_hit) == 22
        hits = requester.conversation.follow_up.hits()
        assert {hit.party for hit in hits} == HOLDING
    received = [one for one in audit.entries() if one.act.value == "received"]
    assert sorted(one.party for one in received) == sorted(STATES)


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


def test_a_record_that_is_erased_while_its_hit_is_open(clock: VirtualClock) -> None:
    gallery = dna.Gallery()
    gallery.enrol(
        ["FR-1", "FR-2"], [DONOR, dna.Profile({**LOCI, "FGA": (20, 22), "VWA": (14, 15)})]
    )
    handed_out: list[str] = []

    def core_data(reference: str) -> CoreData:
        handed_out.append(reference)
        return CoreData(identified=True, family_names=("Nobody",))

    paris = FollowUp("FR", clock=clock, core_data={"dna": core_data})
    hague = FollowUp("NL", clock=clock)
    france = Responder("FR", {"dna": gallery}, follow_up=paris, clock=clock)
    netherlands = Responder("NL", {"dna": dna.Gallery()}, follow_up=hague, clock=clock)
    to_paris = InProcessTransport({"FR": france}, "NL")
    to_hague = InProcessTransport({"NL": netherlands}, "FR")
    requester = Requester(to_paris, "NL", category="dna", follow_up=hague, clock=clock)
    requester.search(STAIN, ["FR"], timeout=60, probe_id="NL-1", justification=WHY)
    (hit,) = hague.hits()
    (pending,) = requester.conversation.searches()
    request = pending.outgoing[0].data
    hague.confirm(hit.key, official="expert-1")
    hague.send_facts(hit.key, offence="0101 00", description="A knife.", official="insp-7")
    Courier(to_paris, hague).run_once(timeout=60)
    assert paris.hit(hit.key).state is HitState.AWAITING_RELEASE
    assert paris.facts(hit.key) is not None

    gallery.erase(["FR-1"])
    withdrawn = france.withdraw("dna", ["FR-1"], WithdrawalReason.ERASED)
    assert [one.key for one in withdrawn] == [hit.key]
    with pytest.raises(ExchangeError) as caught:
        paris.release(hit.key, official="judge-1")
    assert caught.value.code == "reference_gone"
    assert handed_out == []
    Courier(to_hague, paris).run_once(timeout=60)
    assert hague.hit(hit.key).state is HitState.WITHDRAWN

    # The repeated old request returns no erased data; a new one has no hit.
    assert decode_reply(france.handle("NL", request)).code == "already_answered"
    again = requester.search(STAIN, ["FR"], timeout=60, justification=WHY)
    assert again.results["FR"].outcome is Outcome.NO_HIT
    clock.sleep(49 * 3600)
    assert hague.tick() == paris.tick() == []  # and nothing is overdue
