"""Two ends of a hit: who may do what, and what each then knows."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from prum_match.errors import InvalidInput
from prum_match.exchange import CoreData, FollowUp, Hit, HitKey, HitState, Limits, MemoryStore
from prum_match.exchange.audit import Act
from prum_match.exchange.messages import (
    Confirmation,
    Facts,
    Result,
    StatusResult,
    Verdict,
    decode_status,
    encode,
)
from prum_match.testing.clock import VirtualClock
from support.exchange.ends import CANARY, PERSON, End, code_of, send, states, until_facts


def test_a_hit_goes_from_candidate_to_core_data(
    ends: tuple[End, End], key: HitKey, clock: VirtualClock
) -> None:
    here, there = ends
    until_facts(here, there, key)
    assert states(here, there) == [HitState.AWAITING_RELEASE] * 2
    facts = there.follow_up.facts(key)
    assert facts is not None
    assert (facts.offence, facts.description) == ("0101 00", CANARY)
    due = {end.follow_up.hit(key).due for end in ends}
    assert due == {clock() + timedelta(hours=48)}
    clock.sleep(47 * 3600)
    assert here.follow_up.tick() == there.follow_up.tick() == []
    there.follow_up.release(key, official="judge-1")
    assert there.asked_for == ["DE-9"]
    send(there, here)
    assert states(here, there) == [HitState.CORE_DATA_RETURNED] * 2
    assert here.follow_up.core_data(key) == PERSON
    assert here.follow_up.outgoing() == there.follow_up.outgoing() == []
    assert here.acts() == ["confirmed", "facts_sent", "core_data_received"]
    assert there.acts() == ["confirmed", "facts_received", "core_data_sent"]
    actors = [entry.actor for end in ends for entry in end.audit.entries()]
    assert actors == ["expert-1", "insp-1", None, None, None, "judge-1"]
    for end in ends:
        assert {entry.number for entry in end.audit.entries()} == {key.request}
        assert CANARY not in "".join(map(repr, end.audit.entries()))
        assert CANARY not in "".join(map(repr, end.events))


def test_decisions_need_an_official(ends: tuple[End, End], key: HitKey) -> None:
    here, there = ends
    for official in ("", None, "x" * 65, "ß", 7):
        assert code_of(here.follow_up.confirm, key, official=official) == "human_decision_required"
    assert states(here) == [HitState.CANDIDATE]
    assert here.acts() == here.follow_up.outgoing() == []
    until_facts(here, there, key)
    assert code_of(there.follow_up.release, key, official="") == "human_decision_required"
    assert there.asked_for == []
    assert states(there) == [HitState.AWAITING_RELEASE]


def test_core_data_are_fetched_only_for_a_release(ends: tuple[End, End], key: HitKey) -> None:
    here, there = ends
    assert code_of(there.follow_up.release, key, official="x") == "illegal_transition"
    until_facts(here, there, key)
    assert code_of(here.follow_up.release, key, official="x") == "not_yours_to_release"
    assert here.asked_for == there.asked_for == []


def test_a_host_without_a_provider(ends: tuple[End, End], clock: VirtualClock) -> None:
    here, there = ends
    there.follow_up = FollowUp("DE", there.store, clock=clock)
    key = here.open()
    there.open()
    until_facts(here, there, key)
    assert code_of(there.follow_up.release, key, official="x") == "no_provider"
    assert states(there) == [HitState.AWAITING_RELEASE]


def test_a_name_of_a_trace_goes_neither_out_nor_in(ends: tuple[End, End]) -> None:
    here, there = ends
    key = here.open(types=("S", "S"))
    there.open(types=("S", "S"))
    until_facts(here, there, key)
    assert code_of(there.follow_up.release, key, official="x") == "not_for_traces"
    assert states(there) == [HitState.AWAITING_RELEASE]
    there.data = CoreData(identified=False, case_number="7")
    there.follow_up.release(key, official="x")
    (message,) = there.follow_up.outgoing()
    named = json.loads(message.data)
    named["data"] |= {"identified": True, "first_names": [CANARY]}
    answer = decode_status(here.follow_up.receive("DE", json.dumps(named).encode()))
    assert answer.result is StatusResult.ERROR  # damaged, to begin with
    there.follow_up.deliver("AT", here.follow_up.receive("DE", message.data))
    assert here.follow_up.core_data(key) == there.data


def test_the_requested_party_confirms(ends: tuple[End, End]) -> None:
    here, there = ends
    key = here.open(types=("P", "S"))
    there.open(types=("P", "S"))
    there.follow_up.confirm(key, official="y")
    there.follow_up.send_facts(key, offence="0101 00", description="-", official="y")
    send(there, here)
    assert code_of(there.follow_up.release, key, official="y") == "not_yours_to_release"
    here.follow_up.release(key, official="x")
    assert here.asked_for == ["AT-1"]
    send(here, there)
    assert there.follow_up.core_data(key) == PERSON


def test_overdue_is_reported_once_and_does_not_end_a_hit(
    ends: tuple[End, End], key: HitKey, clock: VirtualClock
) -> None:
    here, there = ends
    until_facts(here, there, key)
    clock.sleep(48 * 3600 - 1)
    assert there.follow_up.tick() == []
    clock.sleep(1)
    for end in ends:
        assert [event.hit.state for event in end.follow_up.tick()] == [HitState.OVERDUE]
        assert end.follow_up.tick() == []
        assert end.acts()[-1] == "overdue"
    there.follow_up.release(key, official="late")
    send(there, here)
    assert states(here, there) == [HitState.CORE_DATA_RETURNED] * 2


def test_a_party_outside_the_hit_is_refused(
    ends: tuple[End, End], key: HitKey, clock: VirtualClock
) -> None:
    _, there = ends
    message = encode(Confirmation(hit=key, number="n1", time=clock(), verdict=Verdict.CONFIRMED))
    for party in ("FR", "DE", "XX", None):
        answer = decode_status(there.follow_up.receive(party, message))  # type: ignore[arg-type]
        assert (answer.result, answer.code) == (StatusResult.REFUSED, "party_mismatch")
    assert states(there) == [HitState.CANDIDATE]
    elsewhere = FollowUp("NL", clock=clock)
    assert decode_status(elsewhere.receive("AT", message)).code == "party_mismatch"


def test_a_message_from_the_future_moves_no_deadline(
    ends: tuple[End, End], key: HitKey, clock: VirtualClock
) -> None:
    here, there = ends
    here.follow_up.confirm(key, official="x")
    send(here, there)
    for minutes, code in ((6, "clock_skew"), (5, None)):
        time = clock() + timedelta(minutes=minutes)
        facts = Facts(hit=key, number=f"n{minutes}", time=time, offence="0101 00", description="-")
        assert decode_status(there.follow_up.receive("AT", encode(facts))).code == code


def test_a_status_holds_the_state_of_the_other_end(ends: tuple[End, End], key: HitKey) -> None:
    here, there = ends
    until_facts(here, there, key)
    here.events.clear()
    there.follow_up.decline(key, official="y")
    here.follow_up.ask_status(key)
    send(here, there)
    assert [event.other_state for event in here.events] == ["declined"]
    assert states(here) == [HitState.AWAITING_RELEASE]


def test_facts_that_are_too_long_are_refused(ends: tuple[End, End], key: HitKey) -> None:
    here, _ = ends
    here.begin(limits=Limits(follow_up_bytes=900))
    here.follow_up.confirm(key, official="x")
    options = {"offence": "0101 00", "official": "x"}
    assert code_of(here.follow_up.send_facts, key, description="-" * 4000, **options) == "too_large"
    assert (
        code_of(here.follow_up.send_facts, key, description="-" * 4001, **options)
        == "invalid_field"
    )
    assert states(here) == [HitState.CONFIRMED]
    assert here.acts() == ["confirmed"]


def test_hits_by_their_state(ends: tuple[End, End], key: HitKey) -> None:
    here, _ = ends
    here.open("face", (None, None))
    here.follow_up.refute(key, official="x")
    assert [hit.key for hit in here.follow_up.hits(HitState.REFUTED)] == [key]
    assert len(here.follow_up.hits(HitState.REFUTED, HitState.CANDIDATE)) == 2
    assert here.follow_up.hits(HitState.DECLINED) == []


@pytest.mark.parametrize("state", ["candidate", "nonsense", None, [HitState.CANDIDATE]])
def test_a_state_is_a_member_of_its_enumeration(
    ends: tuple[End, End], key: HitKey, state: Any
) -> None:
    here, _ = ends
    for states_of in ((state,), (HitState.CANDIDATE, state)):
        with pytest.raises(InvalidInput) as caught:
            here.follow_up.hits(*states_of)
        assert (caught.value.code, caught.value.field) == ("bad_option", "states")
    assert len(here.follow_up.hits(HitState.CANDIDATE)) == 1


def fails(reference: str) -> CoreData:
    raise ZeroDivisionError


@pytest.mark.parametrize(
    ("provider", "error", "code"),
    [
        (lambda reference: None, InvalidInput, "bad_core_data"),
        (lambda reference: {"family_names": [CANARY]}, InvalidInput, "bad_core_data"),
        (lambda reference: CoreData, InvalidInput, "bad_core_data"),
        (fails, ZeroDivisionError, None),
    ],
)
def test_a_provider_that_fails_leaves_the_hit_where_it_was(
    ends: tuple[End, End], key: HitKey, provider: Any, error: type[Exception], code: str | None
) -> None:
    here, there = ends
    until_facts(here, there, key)
    before = there.follow_up.hit(key)
    there.provide = provider  # type: ignore[method-assign]
    there.begin()
    with pytest.raises(error) as caught:
        there.follow_up.release(key, official="judge-1")
    assert getattr(caught.value, "code", None) == code
    if isinstance(caught.value, InvalidInput):
        assert caught.value.field == "core_data"
        assert CANARY not in f"{caught.value} {caught.value.value}"
    assert there.follow_up.hit(key) == before
    assert there.follow_up.outgoing() == []
    there.provide = lambda reference: PERSON  # type: ignore[method-assign]
    there.begin()
    there.follow_up.release(key, official="judge-1")
    send(there, here)
    assert here.follow_up.core_data(key) == PERSON


def test_a_provider_that_cannot_be_called_is_refused_at_once() -> None:
    with pytest.raises(InvalidInput) as caught:
        FollowUp("DE", core_data={"dna": PERSON})  # type: ignore[dict-item]
    assert (caught.value.code, caught.value.field) == ("bad_option", "core_data")
    with pytest.raises(InvalidInput) as caught:
        FollowUp("DE", galleries={"DNA": object()})  # type: ignore[dict-item]
    assert caught.value.code == "unknown_category"


def test_the_same_reply_opens_a_hit_once(ends: tuple[End, End], key: HitKey) -> None:
    here, _ = ends
    here.follow_up.confirm(key, official="x")
    assert here.open() == key
    assert states(here) == [HitState.CONFIRMED]


def test_events_come_after_their_change_is_stored(clock: VirtualClock) -> None:
    seen: list[Hit] = []
    here = End("AT", MemoryStore(), clock)
    there = End("DE", MemoryStore(), clock)
    key = here.open()
    there.open()
    there.follow_up = FollowUp(
        "DE",
        there.store,
        clock=clock,
        on_event=lambda event: seen.append(there.follow_up.hit(event.hit.key)),
    )
    here.follow_up.confirm(key, official="x")
    send(here, there)
    assert [hit.state for hit in seen] == [HitState.CONFIRMED]
    assert Act.CONFIRMED.value == "confirmed"
    assert Result.HIT.value == "hit"
