"""Withdrawal, purge and retention of hits."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from prum_match.exchange import HitKey, HitState, MemoryStore, SqliteStore, WithdrawalReason
from prum_match.exchange.messages import StatusResult, decode_follow_up, decode_status
from prum_match.testing.clock import VirtualClock
from support.exchange.ends import CANARY, PERSON, End, code_of, send, states, until_facts


def test_a_withdrawal_reaches_every_party_that_got_the_reference(
    ends: tuple[End, End], key: HitKey
) -> None:
    here, there = ends
    other = here.open("face", (None, None))
    there.open("face", (None, None))
    done = there.follow_up.withdraw("dna", ["DE-9", "DE-unknown"], WithdrawalReason.ERASED)
    assert [hit.key for hit in done] == [key]
    send(there, here)
    assert {hit.key: hit.state for hit in here.follow_up.hits()} == {
        key: HitState.WITHDRAWN,
        other: HitState.CANDIDATE,
    }
    assert here.acts() == there.acts() == ["withdrawn"]
    assert here.events[0].message.reason is WithdrawalReason.ERASED
    assert there.follow_up.withdraw("dna", ["DE-9"], WithdrawalReason.ERASED) == []
    # The other way round: the probe was erased at the requesting party's.
    here.follow_up.withdraw("face", ["AT-1"], WithdrawalReason.CORRECTED)
    send(here, there)
    assert states(there) == [HitState.WITHDRAWN] * 2


def test_ended_hits_are_purged(ends: tuple[End, End], key: HitKey, clock: VirtualClock) -> None:
    here, there = ends
    needed = [True]
    here.begin(keep=timedelta(days=2), needed=lambda hit: needed[0])
    until_facts(here, there, key)
    there.follow_up.release(key, official="y")
    send(there, here)
    clock.sleep(2 * 86400 - 1)
    here.follow_up.tick()
    assert here.follow_up.core_data(key) == PERSON
    clock.sleep(1)
    here.follow_up.tick()
    assert here.follow_up.core_data(key) == PERSON  # a purpose of Art. 50(2) remains
    needed[0] = False
    here.follow_up.tick()
    assert here.follow_up.core_data(key) == PERSON  # asked again every day
    clock.sleep(86400)
    here.follow_up.tick()
    assert here.follow_up.core_data(key) is None
    assert here.follow_up.hits() == []
    assert here.acts()[-1] == "purged"
    assert code_of(here.follow_up.hit, key) == "unknown_hit"


def test_purged_content_is_not_in_the_file(tmp_path: Path, clock: VirtualClock) -> None:
    path = tmp_path / "at.db"
    here = End("AT", SqliteStore(path), clock)
    there = End("DE", MemoryStore(), clock)
    key = here.open()
    there.open()
    until_facts(here, there, key)
    there.follow_up.release(key, official="y")
    send(there, here)
    assert CANARY.encode() in path.read_bytes()
    clock.sleep(31 * 86400)
    here.follow_up.tick()
    assert CANARY.encode() not in path.read_bytes()
    here.store.close()


def test_a_repeated_withdrawal_is_reported(ends: tuple[End, End], key: HitKey) -> None:
    here, there = ends
    here.follow_up.withdraw("dna", ["AT-1"], WithdrawalReason.CORRECTED)
    there.follow_up.withdraw("dna", ["DE-9"], WithdrawalReason.ERASED)
    crossing = here.follow_up.outgoing() + there.follow_up.outgoing()
    for _ in range(2):
        for message, sender, receiver in zip(crossing, (here, there), (there, here), strict=True):
            answer = receiver.follow_up.receive(sender.party, message.data)
            assert decode_status(answer).result is StatusResult.ACCEPTED
    assert states(here, there) == [HitState.WITHDRAWN] * 2
    # Its own, and that of the other end, which tells what to delete; each once.
    assert here.acts() == there.acts() == ["withdrawn"] * 2
    assert [event.message.reason for event in here.events] == [WithdrawalReason.ERASED]


def test_candidates_without_a_verdict_are_purged_after_keep_candidates(
    ends: tuple[End, End], key: HitKey, clock: VirtualClock
) -> None:
    here, there = ends
    needed = [True]
    here.begin(keep_candidates=timedelta(days=7), needed=lambda hit: needed[0])
    judged = here.open("face", (None, None))
    clock.sleep(1)
    late = here.open("dactyloscopy", (None, None))
    here.follow_up.confirm(judged, official="x")
    clock.sleep(7 * 86400 - 1)
    assert here.follow_up.tick() == []
    assert {hit.key for hit in here.follow_up.hits()} == {key, judged, late}
    needed[0] = False
    clock.sleep(1)
    here.follow_up.tick()
    # That which was there before the host said so stays, as does what somebody judged.
    assert {hit.key for hit in here.follow_up.hits()} == {key, judged}
    assert here.acts()[-1] == "purged"
    there.follow_up.tick()
    assert states(there) == [HitState.CANDIDATE]


def test_a_host_that_keeps_hits_longer_than_it_did(
    ends: tuple[End, End], clock: VirtualClock
) -> None:
    here, _ = ends
    here.begin(keep=timedelta(days=1), keep_candidates=timedelta(days=1))
    open_, ended = here.open(), here.open("face", (None, None))
    here.follow_up.refute(ended, official="x")
    here.begin(keep=timedelta(days=3))
    clock.sleep(2 * 86400)
    assert here.follow_up.tick() == []
    assert {hit.key for hit in here.follow_up.hits()} == {open_, ended}
    clock.sleep(2 * 86400)
    assert here.follow_up.tick() == []
    assert [hit.key for hit in here.follow_up.hits()] == [open_]


def test_core_data_that_were_long_under_way_are_kept_from_their_arrival(
    ends: tuple[End, End], key: HitKey, clock: VirtualClock
) -> None:
    here, there = ends
    here.begin(keep=timedelta(days=2))
    until_facts(here, there, key)
    there.follow_up.release(key, official="y")
    clock.sleep(3 * 86400)  # the line was down
    here.follow_up.tick()
    send(there, here)
    here.follow_up.tick()
    assert here.follow_up.core_data(key) == PERSON


def test_core_data_of_an_erased_record_do_not_leave(ends: tuple[End, End], key: HitKey) -> None:
    here, there = ends
    until_facts(here, there, key)
    there.follow_up.release(key, official="y")
    there.follow_up.withdraw("dna", ["DE-9"], WithdrawalReason.ERASED)
    sent = [decode_follow_up(message.data) for message in send(there, here)]
    assert [message.KIND for message in sent] == ["withdrawal"]
    assert states(here, there) == [HitState.WITHDRAWN] * 2
    assert here.follow_up.core_data(key) is None
    assert send(there, here) == []


def test_received_content_is_purged_with_the_withdrawn_record(
    ends: tuple[End, End], key: HitKey
) -> None:
    here, there = ends
    until_facts(here, there, key)
    there.follow_up.release(key, official="y")
    send(there, here)
    there.follow_up.withdraw("dna", ["DE-9"], WithdrawalReason.ERASED)
    assert there.follow_up.facts(key) is not None  # the other end's, which stand
    send(there, here)
    assert here.follow_up.core_data(key) is None
