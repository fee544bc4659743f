"""Two ends of a hit, over a line that loses, repeats and reorders."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from prum_match.errors import ExchangeError, InvalidInput, StorageError
from prum_match.exchange import (
    Act,
    Confirmation,
    CoreData,
    Facts,
    FollowUp,
    Hit,
    HitEvent,
    HitKey,
    HitState,
    Limits,
    MemoryAudit,
    MemoryStore,
    Outgoing,
    ReplyCandidate,
    RequestHead,
    Result,
    Side,
    SqliteStore,
    StatusResult,
    Verdict,
    WithdrawalReason,
    decode_follow_up,
    decode_status,
    encode,
)
from prum_match.testing.clock import VirtualClock

CANARY = "Canary"
PERSON = CoreData(identified=True, family_names=(CANARY,), birth_date="1970-01-01")


@dataclass
class End:
    """One party, whose process can be ended and begun again."""

    party: str
    store: Any
    clock: VirtualClock
    audit: MemoryAudit = field(default_factory=MemoryAudit)
    events: list[HitEvent] = field(default_factory=list)
    data: CoreData = PERSON
    asked_for: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.begin()

    def begin(self, **options: Any) -> None:
        self.follow_up = FollowUp(
            self.party,
            self.store,
            self.audit,
            clock=self.clock,
            core_data={"dna": self.provide, "face": self.provide},
            on_event=self.events.append,
            **options,
        )

    def provide(self, reference: str) -> CoreData:
        self.asked_for.append(reference)
        return self.data

    def open(
        self, category: str = "dna", types: tuple[str | None, str | None] = ("S", "P")
    ) -> HitKey:
        head = RequestHead(
            category=category,
            requesting="AT",
            requested="DE",
            number=f"q-{category}",
            time=self.clock(),
            reference="AT-1",
            type=types[0],
        )
        candidate = ReplyCandidate(
            rank=1, reference="DE-9", type=types[1], quality=None, readings=(), data=b"..."
        )
        side = Side.REQUESTING if self.party == "AT" else Side.REQUESTED
        with self.store.transaction() as entries:
            self.follow_up.open(entries, head, (candidate,), side)
        return next(hit.key for hit in self.follow_up.hits() if hit.key.category == category)

    def acts(self) -> list[str]:
        return [entry.act.value for entry in self.audit.entries()]


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture(params=["memory", "sqlite"])
def ends(request: Any, clock: VirtualClock, tmp_path: Path) -> Iterator[tuple[End, End]]:
    stores = [
        MemoryStore() if request.param == "memory" else SqliteStore(tmp_path / f"{party}.db")
        for party in ("AT", "DE")
    ]
    yield End("AT", stores[0], clock), End("DE", stores[1], clock)
    for store in stores:
        store.close()


@pytest.fixture
def key(ends: tuple[End, End]) -> HitKey:
    here, there = ends
    assert here.open() == there.open()
    return here.open()


def send(sender: End, receiver: End) -> list[Outgoing]:
    sent = sender.follow_up.outgoing()
    for message in sent:
        answer = receiver.follow_up.receive(sender.party, message.data)
        sender.follow_up.deliver(receiver.party, answer)
    return sent


def until_facts(here: End, there: End, key: HitKey) -> None:
    here.follow_up.confirm(key, official="expert-1")
    here.follow_up.send_facts(key, offence="0101 00", description=CANARY, official="insp-1")
    send(here, there)


def code_of(call: Any, *arguments: Any, **options: Any) -> str:
    with pytest.raises((ExchangeError, InvalidInput)) as caught:
        call(*arguments, **options)
    assert CANARY not in str(caught.value)
    return caught.value.code


def states(*ends: End) -> list[HitState]:
    return [hit.state for end in ends for hit in end.follow_up.hits()]


def test_the_whole_way(ends: tuple[End, End], key: HitKey, clock: VirtualClock) -> None:
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


def test_nobody_decides_by_default(ends: tuple[End, End], key: HitKey) -> None:
    here, there = ends
    for official in ("", None, "x" * 65, "ß", 7):
        assert code_of(here.follow_up.confirm, key, official=official) == "human_decision_required"
    assert states(here) == [HitState.CANDIDATE]
    assert here.acts() == here.follow_up.outgoing() == []
    until_facts(here, there, key)
    assert code_of(there.follow_up.release, key, official="") == "human_decision_required"
    assert there.asked_for == []
    assert states(there) == [HitState.AWAITING_RELEASE]


def test_no_data_are_fetched_for_what_is_no_release(ends: tuple[End, End], key: HitKey) -> None:
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


def test_what_is_not_answered_is_sent_again(
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


def test_a_delay_that_was_overtaken_changes_nothing(
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


def _renumbered(message: Outgoing) -> bytes:
    return encode(replace(decode_follow_up(message.data), number="another"))


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


def test_overdue_is_said_once_and_is_no_end(
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


def test_a_withdrawal_overtakes_the_reply(ends: tuple[End, End], clock: VirtualClock) -> None:
    here, there = ends
    key = there.open()
    there.follow_up.withdraw("dna", ["DE-9"], WithdrawalReason.ERASED)
    send(there, here)
    assert here.follow_up.hits() == []
    assert here.open() == key
    assert states(here) == [HitState.WITHDRAWN]
    # Only the party whose reference it is can do that.
    for sender, receiver in ((here, there),):
        unknown = HitKey(**{**_fields(key), "request": "q-none"})
        message = Confirmation(hit=unknown, number="n9", time=clock(), verdict=Verdict.REFUTED)
        answer = receiver.follow_up.receive(sender.party, encode(message))
        assert decode_status(answer).code == "unknown_hit"


def _fields(key: HitKey) -> dict[str, str]:
    return {name: getattr(key, name) for name in key.__slots__}


def test_who_is_no_end_of_the_hit_is_refused(
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


def test_a_status_tells_where_the_other_end_stands(ends: tuple[End, End], key: HitKey) -> None:
    here, there = ends
    until_facts(here, there, key)
    here.events.clear()
    there.follow_up.decline(key, official="y")
    here.follow_up.ask_status(key)
    send(here, there)
    assert [event.other_state for event in here.events] == ["declined"]
    assert states(here) == [HitState.AWAITING_RELEASE]


def test_what_has_ended_is_purged(ends: tuple[End, End], key: HitKey, clock: VirtualClock) -> None:
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


def test_what_is_overdue_is_told_even_if_the_store_cannot_be_scrubbed(
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


def test_facts_that_are_too_long_change_nothing(ends: tuple[End, End], key: HitKey) -> None:
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


def test_an_answer_that_nothing_waits_for(ends: tuple[End, End], key: HitKey) -> None:
    here, there = ends
    here.follow_up.confirm(key, official="x")
    (message,) = here.follow_up.outgoing()
    answer = there.follow_up.receive("AT", message.data)
    assert here.follow_up.deliver("FR", answer) is None  # another party's word counts nothing
    assert here.follow_up.deliver("DE", answer) is None
    assert here.follow_up.deliver("DE", answer) is None
    assert code_of(here.follow_up.deliver, "DE", b"{}") in {"missing_field", "unsupported_version"}
    assert code_of(here.follow_up.deliver, "XX", answer) == "unknown_party"


def test_hits_by_their_state(ends: tuple[End, End], key: HitKey) -> None:
    here, _ = ends
    here.open("face", (None, None))
    here.follow_up.refute(key, official="x")
    assert [hit.key for hit in here.follow_up.hits(HitState.REFUTED)] == [key]
    assert len(here.follow_up.hits(HitState.REFUTED, HitState.CANDIDATE)) == 2
    assert here.follow_up.hits(HitState.DECLINED) == []


def test_the_same_reply_opens_a_hit_once(ends: tuple[End, End], key: HitKey) -> None:
    here, _ = ends
    here.follow_up.confirm(key, official="x")
    assert here.open() == key
    assert states(here) == [HitState.CONFIRMED]


def test_events_come_after_what_they_tell_of_is_stored(clock: VirtualClock) -> None:
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


def test_a_withdrawal_of_what_is_withdrawn_is_heard_all_the_same(
    ends: tuple[End, End], key: HitKey
) -> None:
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


def test_a_withdrawal_before_its_reply_comes_again_after_it(ends: tuple[End, End]) -> None:
    here, there = ends
    there.open()
    there.follow_up.withdraw("dna", ["DE-9"], WithdrawalReason.ERASED)
    (message,) = there.follow_up.outgoing()
    here.follow_up.receive("DE", message.data)  # its answer is lost
    here.open()
    answer = decode_status(here.follow_up.receive("DE", message.data))
    assert (answer.result, answer.state) == (StatusResult.ACCEPTED, "withdrawn")


def test_candidates_that_nobody_judges_are_purged_if_the_host_says_so(
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


def test_what_was_received_goes_with_the_record_that_was_withdrawn(
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


class FullAudit(MemoryAudit):
    """Cannot write while it is full."""

    is_full = False

    def append(self, entries: Any) -> None:
        if self.is_full:
            raise StorageError("full", code="disk_full")
        super().append(entries)


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


def test_a_message_that_cannot_be_read_there_is_told_and_sent_again(
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
