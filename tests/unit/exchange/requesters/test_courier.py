from __future__ import annotations

import pytest

from prum_match.errors import StorageError
from prum_match.exchange import (
    Conversation,
    FollowUp,
    HitState,
    MemoryStore,
    Outcome,
    Sample,
    TransportBusy,
    TransportTimeout,
    TransportUnreachable,
)
from prum_match.exchange.audit import MemoryAudit
from prum_match.exchange.category_rules import Side
from prum_match.exchange.messages import Result, decode_request, encode, peek
from prum_match.exchange.requesters.courier import Courier

FACTS = {"offence": "0101 00", "description": "burglary", "official": "insp-7"}


class State:
    """The other end: answers searches with a hit and takes messages about hits."""

    def __init__(self, party, reply_of, clock):
        self.follow_up = FollowUp(party, clock=clock)
        self.reply_of = reply_of

    def handle(self, party, data):
        if peek(data).kind != "search_request":
            return self.follow_up.receive(party, data)
        head = decode_request(data).head()
        reply = self.reply_of(head)
        with self.follow_up.store.transaction() as entries:
            self.follow_up.open(entries, head, reply.candidates, Side.REQUESTED)
        return encode(reply)


class Line:
    def __init__(self, states):
        self.states = states
        self.broken = {}
        self.calls = []

    def exchange(self, party, request, *, timeout):
        self.calls.append((party, peek(request).kind, timeout))
        what = self.broken.get(party)
        if isinstance(what, Exception):
            raise what
        return self.states[party].handle("AT", request) if what is None else what

    def close(self):
        pass


@pytest.fixture
def line(reply_of, clock):
    return Line({party: State(party, reply_of, clock) for party in ("DE", "FR")})


@pytest.fixture
def ours(clock, numbers):
    return FollowUp("AT", MemoryStore(), MemoryAudit(), clock=clock, new_number=numbers)


@pytest.fixture
def asked(ours, clock, numbers, toy):
    conversation = Conversation("AT", "toy", clock, numbers, follow_up=ours)
    pending = conversation.submit(toy.Item("apple"), parties=["DE", "FR"], probe_id="AT-7")
    clock.sleep(60)
    return conversation, pending


def key_of(follow_up, party):
    return next(hit.key for hit in follow_up.hits() if hit.key.requested == party)


def kinds(line):
    return [(party, kind) for party, kind, _ in line.calls]


def test_requests_without_an_answer_are_sent_again(asked, line, ours):
    conversation, pending = asked
    courier = Courier(line, ours, [conversation])
    assert courier.run_once(5) == 2
    assert line.calls == [("DE", "search_request", 5), ("FR", "search_request", 5)]
    assert {one.outcome for one in pending.outcome.values()} == {Outcome.HIT}
    assert len(ours.hits()) == 2
    assert courier.run_once(5) == 0


def test_nothing_is_sent_before_it_is_due(ours, clock, numbers, toy, line):
    conversation = Conversation("AT", "toy", clock, numbers, follow_up=ours)
    conversation.submit(toy.Item("apple"), parties=["DE"])
    assert Courier(line, ours, [conversation]).run_once(5) == 0
    assert line.calls == []


def test_messages_about_hits_go_out_and_their_answers_in(asked, line, ours, clock):
    conversation, _ = asked
    courier = Courier(line, ours, [conversation])
    courier.run_once(5)
    key = key_of(ours, "DE")
    ours.confirm(key, official="insp-7")
    clock.sleep(1)
    ours.send_facts(key, **FACTS)
    line.calls.clear()
    assert courier.run_once(5) == 2
    assert kinds(line) == [("DE", "confirmation"), ("DE", "facts")]
    assert ours.hit(key).state is HitState.AWAITING_RELEASE
    assert courier.run_once(5) == 0


def test_the_clock_of_the_hits_is_looked_at(asked, line, ours, clock):
    conversation, _ = asked
    courier = Courier(line, ours, [conversation])
    courier.run_once(5)
    key = key_of(ours, "DE")
    ours.confirm(key, official="insp-7")
    clock.sleep(1)
    ours.send_facts(key, **FACTS)
    courier.run_once(5)
    clock.sleep(49 * 3600)
    courier.run_once(5)
    assert ours.hit(key).state is HitState.OVERDUE


BROKEN = {
    "unreachable": (TransportUnreachable(), Outcome.UNREACHABLE),
    "timeout": (TransportTimeout(), Outcome.TIMEOUT),
    "busy": (TransportBusy(), Outcome.BUSY),
    "error": (OSError("CANARY"), Outcome.REMOTE_ERROR),
    "rubbish": (b"CANARY", Outcome.INVALID_REPLY),
}


@pytest.mark.parametrize("how", BROKEN)
def test_a_request_that_fails_stops_no_other_and_is_due_again(how, asked, line, ours, clock):
    conversation, pending = asked
    line.broken["DE"], outcome = BROKEN[how]
    courier = Courier(line, ours, [conversation])
    assert courier.run_once(5) == 2
    assert pending.outcome["DE"].outcome is outcome
    assert pending.outcome["FR"].outcome is Outcome.HIT
    assert courier.run_once(5) == 0
    line.broken.clear()
    clock.sleep(3600)
    assert courier.run_once(5) == 1
    assert pending.outcome["DE"].outcome is Outcome.HIT


@pytest.mark.parametrize("how", BROKEN)
def test_a_message_that_fails_stops_no_other_and_is_due_again(
    how, asked, line, ours, clock, caplog
):
    caplog.set_level("DEBUG", "prum_match")
    conversation, _ = asked
    courier = Courier(line, ours, [conversation])
    courier.run_once(5)
    germany, france = (key_of(ours, party) for party in ("DE", "FR"))
    for key in (germany, france):
        ours.confirm(key, official="insp-7")
    line.broken["DE"], _ = BROKEN[how]
    caplog.clear()
    assert courier.run_once(5) == 2
    theirs = {party: state.follow_up for party, state in line.states.items()}
    assert theirs["DE"].hit(germany).state is HitState.CANDIDATE
    assert theirs["FR"].hit(france).state is HitState.CONFIRMED
    assert courier.run_once(5) == 0
    line.broken.clear()
    clock.sleep(3600)
    assert courier.run_once(5) == 1
    assert theirs["DE"].hit(germany).state is HitState.CONFIRMED
    assert "party=DE" in caplog.text
    assert "CANARY" not in caplog.text


@pytest.mark.parametrize(("how", "calls"), [("timeout", 1), ("unreachable", 1), ("busy", 3)])
def test_a_dead_line_is_tried_once_a_run(how, calls, asked, line, ours, toy, clock):
    conversation, first = asked
    second = conversation.submit(toy.Item("axe"), parties=["DE"])
    third = conversation.submit(toy.Item("art"), parties=["DE", "FR"])
    clock.sleep(60)
    line.broken["DE"], outcome = BROKEN[how]
    courier = Courier(line, ours, [conversation])
    assert courier.run_once(5) == calls + 2
    for pending in (first, second, third):
        assert pending.outcome["DE"].outcome is outcome
    assert third.outcome["FR"].outcome is Outcome.HIT
    line.broken.clear()
    clock.sleep(3600)
    assert courier.run_once(5) == 3


def test_a_lost_answer_is_asked_for_anew_in_the_next_run(asked, line, ours, reply_of):
    conversation, pending = asked
    request = decode_request(pending.outgoing[0].data)
    refused = reply_of(request.head(), result=Result.REFUSED, code="already_answered")
    line.broken["DE"] = encode(refused)
    courier = Courier(line, ours, [conversation])
    courier.run_once(5)
    line.broken.clear()
    assert courier.run_once(5) == 1
    assert pending.outcome["DE"].outcome is Outcome.HIT
    assert pending.asked["DE"].request.number != request.number


def test_a_request_that_was_given_up_meanwhile_does_no_harm(asked, line, ours):
    conversation, pending = asked

    class Forgetful(Line):
        def exchange(self, party, request, *, timeout):
            conversation.forget(pending)
            raise TransportUnreachable

    assert Courier(Forgetful({}), ours, [conversation]).run_once(5) == 2
    assert conversation.searches() == []


def test_a_failing_store_raises(asked, line, ours, monkeypatch):
    conversation, _ = asked

    def full(*args, **options):
        raise StorageError("cannot be used", code="store_unusable", field="path")

    monkeypatch.setattr(conversation, "deliver", full)
    with pytest.raises(StorageError):
        Courier(line, ours, [conversation]).run_once(5)


def test_several_conversations_are_served(ours, clock, numbers, toy, line):
    conversations = [
        Conversation("AT", name, clock, numbers, follow_up=ours) for name in ("toy", "face")
    ]
    conversations[0].submit(toy.Item("apple"), parties=["DE"])
    conversations[1].submit(Sample(b"an image"), parties=["FR"])
    clock.sleep(60)
    Courier(line, ours, conversations).run_once(5)
    assert kinds(line) == [("DE", "search_request"), ("FR", "search_request")]


def test_without_a_conversation_only_the_hits_are_served(ours, line):
    assert Courier(line, ours).run_once(5) == 0
