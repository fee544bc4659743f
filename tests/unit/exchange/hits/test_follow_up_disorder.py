"""Two ends of a hit, over a line that loses, repeats and reorders, and with what fails."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from prum_match.errors import StorageError
from prum_match.exchange import FollowUp, HitKey, HitState
from prum_match.exchange.audit import MemoryAudit
from prum_match.exchange.category_rules import Side
from prum_match.exchange.hits import HitEvent, Outgoing
from prum_match.exchange.messages import (
    Confirmation,
    StatusResult,
    Verdict,
    decode_follow_up,
    decode_status,
    encode,
)
from prum_match.testing.clock import VirtualClock
from support.exchange.ends import PERSON, End, code_of, send, states, until_facts


class FullAudit(MemoryAudit):
    """Cannot write while it is full."""

    is_full = False

    def append(self, entries: Any) -> None:
        if self.is_full:
            raise StorageError("full", code="disk_full")
        super().append(entries)


def _renumbered(message: Outgoing) -> bytes:
    return encode(replace(decode_follow_up(message.data), number="another"))


@pytest.mark.parametrize("times", [1, 2, 5])
def test_messages_that_come_again(ends: tuple[End, End], key: HitKey, times: int) -> None:
    here, there = ends
    here.follow_up.confirm(key, official="x")
    here.follow_up.send_facts(key, offence="0101 00", description="-", official="x")
    for message in here.follow_up.outgoing():
        answers = [there.follow_up.receive("AT", message.data) for _ in range(times)]
        assert {decode_status(answer).result for answer in answers} == {StatusResult.ACCEPTED}
        for answer in answers:
            here.follow_up.deliver("DE", answer)
    assert states(here, there) == [HitState.AWAITING_RELEASE] * 2
    assert there.acts() == ["confirmed", "facts_received"]
    assert [event.hit.state for event in there.events] == [
        HitState.CONFIRMED,
        HitState.AWAITING_RELEASE,
    ]


def test_a_number_that_is_used_twice(
    ends: tuple[End, End], key: HitKey, clock: VirtualClock
) -> None:
    _, there = ends
    messages = [
        Confirmation(hit=key, number="n1", time=clock() + timedelta(seconds=i), verdict=verdict)
        for i, verdict in enumerate(Verdict)
    ]
    codes = [decode_status(there.follow_up.receive("AT", encode(one))).code for one in messages]
    assert codes == [None, "duplicate_number"]
    assert states(there) == [HitState.CONFIRMED]


def test_messages_that_overtake_one_another(
    ends: tuple[End, End], key: HitKey, clock: VirtualClock
) -> None:
    here, there = ends
    here.follow_up.confirm(key, official="x")
    here.follow_up.send_facts(key, offence="0101 00", description="-", official="x")
    confirmation, facts = here.follow_up.outgoing()
    answer = there.follow_up.receive("AT", facts.data)
    assert decode_status(answer).result is StatusResult.BUSY
    assert here.follow_up.deliver("DE", answer) is None
    here.follow_up.deliver("DE", there.follow_up.receive("AT", confirmation.data))
    assert here.follow_up.outgoing() == []
    clock.sleep(60)
    assert [message.number for message in send(here, there)] == [facts.number]
    assert states(here, there) == [HitState.AWAITING_RELEASE] * 2


def test_core_data_tell_that_the_facts_arrived(ends: tuple[End, End], key: HitKey) -> None:
    here, there = ends
    here.follow_up.confirm(key, official="x")
    here.follow_up.send_facts(key, offence="0101 00", description="-", official="x")
    for message in here.follow_up.outgoing():
        there.follow_up.receive("AT", message.data)  # every answer is lost
    there.follow_up.release(key, official="y")
    send(there, here)
    assert states(here, there) == [HitState.CORE_DATA_RETURNED] * 2


def test_unanswered_messages_are_sent_again(
    ends: tuple[End, End], key: HitKey, clock: VirtualClock
) -> None:
    here, there = ends
    here.follow_up.confirm(key, official="x")
    first = here.follow_up.outgoing()
    pauses = []
    for _ in range(9):
        waited = 0
        while not (again := here.follow_up.outgoing()):
            clock.sleep(60)
            waited += 1
        assert again == first
        pauses.append(waited)
        here.begin()  # a restart changes nothing
    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    clock.sleep(3600)
    send(here, there)
    clock.sleep(86400)
    assert here.follow_up.outgoing() == []


def test_both_ends_confirm_at_once(ends: tuple[End, End], key: HitKey, clock: VirtualClock) -> None:
    """Art. 47(1) is the rule and (3) the exception: the requesting party's word stands."""
    here, there = ends
    here.follow_up.confirm(key, official="x")
    there.follow_up.confirm(key, official="y")
    there.follow_up.send_facts(key, offence="0101 00", description="-", official="y")
    send(there, here)
    send(here, there)
    clock.sleep(3600)
    send(there, here)
    assert states(here, there) == [HitState.CONFIRMED] * 2
    sides = {end.follow_up.hit(key).confirmed_by for end in ends}
    assert sides == {Side.REQUESTING}
    refused = [event.refused for event in there.events if event.refused]
    assert refused == ["illegal_transition", "not_the_confirming_side"]
    here.follow_up.send_facts(key, offence="0101 00", description="-", official="x")
    send(here, there)
    assert states(here, there) == [HitState.AWAITING_RELEASE] * 2


@pytest.mark.parametrize(
    ("first", "second", "state"),
    [
        ("confirm", "refute", HitState.CONFIRMED),
        ("refute", "confirm", HitState.REFUTED),
        ("refute", "refute", HitState.REFUTED),
    ],
)
def test_both_ends_judge_at_once(
    first: str, second: str, state: HitState, ends: tuple[End, End], key: HitKey
) -> None:
    here, there = ends
    getattr(here.follow_up, first)(key, official="x")
    getattr(there.follow_up, second)(key, official="y")
    send(there, here)
    send(here, there)
    assert states(here, there) == [state] * 2
    hits = [end.follow_up.hit(key) for end in ends]
    assert {hit.confirmed_by or hit.refuted_by for hit in hits} == {Side.REQUESTING}
    assert {hit.is_ended for hit in hits} == {state is HitState.REFUTED}


@pytest.mark.parametrize("word", ["confirm", "refute"])
def test_facts_wait_for_the_word_that_replaces_the_other_ends(
    word: str, ends: tuple[End, End], key: HitKey
) -> None:
    here, there = ends
    getattr(there.follow_up, word)(key, official="y")
    here.follow_up.confirm(key, official="x")
    here.follow_up.send_facts(key, offence="0101 00", description="-", official="x")
    confirmation, facts = here.follow_up.outgoing()
    assert decode_status(there.follow_up.receive("AT", facts.data)).result is StatusResult.BUSY
    for message in (confirmation, facts):
        here.follow_up.deliver("DE", there.follow_up.receive("AT", message.data))
    assert states(here, there) == [HitState.AWAITING_RELEASE] * 2


def test_an_overtaken_delay_has_no_effect(
    ends: tuple[End, End], key: HitKey, clock: VirtualClock
) -> None:
    here, there = ends
    until_facts(here, there, key)
    there.follow_up.delay(key, official="y", until=clock() + timedelta(hours=60))
    clock.sleep(1)
    there.follow_up.delay(key, official="y")
    clock.sleep(1)
    there.follow_up.release(key, official="y")
    early, late, released = there.follow_up.outgoing()

    def arrive(message: Outgoing) -> None:
        answer = here.follow_up.receive("DE", message.data)
        assert decode_status(answer).result is StatusResult.ACCEPTED

    arrive(late)
    arrive(replace(early, data=_renumbered(early)))
    assert here.follow_up.hit(key).state is HitState.DELAYED
    assert here.follow_up.hit(key).due is None
    arrive(released)
    arrive(early)
    assert states(here, there) == [HitState.CORE_DATA_RETURNED] * 2
    assert here.follow_up.core_data(key) == PERSON


def test_overdue_hits_are_reported_even_if_scrubbing_fails(
    ends: tuple[End, End], key: HitKey, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, there = ends
    until_facts(here, there, key)
    clock.sleep(49 * 3600)

    def fail() -> None:
        raise StorageError("busy", code="store_unusable", field="path")

    monkeypatch.setattr(here.store, "scrub", fail)
    here.events.clear()
    with pytest.raises(StorageError):
        here.follow_up.tick()
    assert [event.hit.state for event in here.events] == [HitState.OVERDUE]


def test_restarts_between_all_steps(ends: tuple[End, End], key: HitKey) -> None:
    here, there = ends
    for step in (
        lambda: here.follow_up.confirm(key, official="x"),
        lambda: send(here, there),
        lambda: here.follow_up.send_facts(key, offence="0101 00", description="-", official="x"),
        lambda: send(here, there),
        lambda: there.follow_up.release(key, official="y"),
        lambda: send(there, here),
    ):
        step()
        here.begin()
        there.begin()
    assert states(here, there) == [HitState.CORE_DATA_RETURNED] * 2
    assert here.acts() == ["confirmed", "facts_sent", "core_data_received"]


def test_an_unexpected_answer(ends: tuple[End, End], key: HitKey) -> None:
    here, there = ends
    here.follow_up.confirm(key, official="x")
    (message,) = here.follow_up.outgoing()
    answer = there.follow_up.receive("AT", message.data)
    assert here.follow_up.deliver("FR", answer) is None  # another party's word counts nothing
    assert here.follow_up.deliver("DE", answer) is None
    assert here.follow_up.deliver("DE", answer) is None
    assert code_of(here.follow_up.deliver, "DE", b"{}") in {"missing_field", "unsupported_version"}
    assert code_of(here.follow_up.deliver, "XX", answer) == "unknown_party"


def test_an_audit_log_that_fails_hides_no_event(ends: tuple[End, End], key: HitKey) -> None:
    here, there = ends
    there.audit = FullAudit()
    there.begin()
    here.follow_up.confirm(key, official="x")
    (message,) = here.follow_up.outgoing()
    there.audit.is_full = True
    with pytest.raises(StorageError):
        there.follow_up.receive("AT", message.data)
    assert [event.hit.state for event in there.events] == [HitState.CONFIRMED]
    there.audit.is_full = False
    there.follow_up.receive("AT", message.data)  # again, and without effect
    assert len(there.events) == 1
    assert there.acts() == ["confirmed"]


def test_a_handler_that_fails_hides_no_other_event(
    ends: tuple[End, End], key: HitKey, clock: VirtualClock
) -> None:
    here, there = ends
    there.open("face", (None, None))
    face = here.open("face", (None, None))
    for one in (key, face):
        here.follow_up.confirm(one, official="x")
        here.follow_up.send_facts(one, offence="0101 00", description="-", official="x")
    send(here, there)
    told: list[HitKey] = []

    def fail(event: HitEvent) -> None:
        told.append(event.hit.key)
        raise RuntimeError

    there.follow_up = FollowUp("DE", there.store, clock=clock, on_event=fail)
    clock.sleep(48 * 3600)
    with pytest.raises(RuntimeError):
        there.follow_up.tick()
    assert sorted(one.category for one in told) == ["dna", "face"]


def test_an_unreadable_message_is_reported_and_sent_again(
    ends: tuple[End, End], key: HitKey, clock: VirtualClock
) -> None:
    here, there = ends
    here.follow_up.confirm(key, official="x")
    for _ in range(2):
        (message,) = here.follow_up.outgoing()
        answer = there.follow_up.receive("AT", message.data[:-1])
        assert here.follow_up.deliver("DE", answer) is None
        event = here.follow_up.deliver("DE", answer, number=message.number)
        assert event is not None
        assert (event.hit.key, event.refused) == (key, "malformed")
        assert here.follow_up.deliver("FR", answer, number=message.number) is None
        clock.sleep(3600)
    send(here, there)
    assert states(there) == [HitState.CONFIRMED]
    assert here.follow_up.outgoing() == []
