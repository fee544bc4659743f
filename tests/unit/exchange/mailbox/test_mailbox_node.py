"""One check of the mailbox: requests are answered, answers taken in, failures retried."""

from __future__ import annotations

import logging

import pytest

from prum_match.errors import ExchangeError
from prum_match.exchange import Conversation, Delivery, FollowUp, HitState, Outcome, Responder
from prum_match.exchange.mailbox import MailboxNode, Maildir
from prum_match.exchange.messages import Result, decode_reply, encode
from prum_match.exchange.requesters import ReplyDispatcher


class Recorder:
    """Mailbox, responder and inbox in one; records calls, and fails on request."""

    def __init__(self, *messages: bytes, fails: str = "") -> None:
        self.deliveries = [Delivery("AT", one, f"tag{n}") for n, one in enumerate(messages)]
        self.fails = fails
        self.seen: list[str] = []

    def note(self, what: str) -> None:
        self.seen.append(what)
        if what == self.fails:
            raise ExchangeError("names Anna", code="broken")

    def poll(self, *, max_messages: int, timeout: float) -> list[Delivery]:
        self.options = (max_messages, timeout)
        return self.deliveries

    def handle(self, party: str, request: bytes) -> bytes:
        self.note(f"handle {party} {request.decode()}")
        return b'{"kind":"search_reply","number":"r1"}'

    def deliver(self, party: str, data: bytes) -> None:
        self.note(f"deliver {party} {data.decode()}")

    def send(self, party: str, message: bytes, *, number: str) -> None:
        self.note(f"send {party} {number}")

    def ack(self, tag: str) -> None:
        self.note(f"ack {tag}")

    def close(self) -> None: ...

    def node(self, **options) -> MailboxNode:
        return MailboxNode(self, self, self, **options)


def test_a_request_is_answered_and_then_acknowledged():
    world = Recorder(b"hello")
    assert world.node().pump(max_messages=7, timeout=3) == 1
    assert world.seen == ["handle AT hello", "send AT r1", "ack tag0"]
    assert world.options == (7, 3)


@pytest.mark.parametrize(
    "message",
    [
        b'{"kind":"search_reply"}',
        b'{"kind":"status"}',
        b'{"candidates":[,"kind":"search_reply","number',
    ],
)
def test_an_answer_is_taken_in_and_never_answered(message):
    world = Recorder(message)
    world.node().pump()
    assert world.seen == [f"deliver AT {message.decode()}", "ack tag0"]


@pytest.mark.parametrize(
    "message", [b"", b"rubbish", b'{"kind":"of tomorrow"}', b'{"kind":"facts"}']
)
def test_all_else_is_for_the_responder(message):
    world = Recorder(message)
    world.node().pump()
    assert world.seen[0] == f"handle AT {message.decode()}"


def test_an_answer_that_shows_no_number_gets_one():
    world = Recorder(b"hello")
    world.handle = lambda party, request: b"an answer of the host"
    world.node(new_number=lambda: "n7").pump()
    assert world.seen == ["send AT n7", "ack tag0"]


@pytest.mark.parametrize(
    ("first", "fails"),
    [
        (b"one", "handle AT one"),
        (b"one", "send AT r1"),
        (b"one", "ack tag0"),
        (b'{"kind":"status"}', 'deliver AT {"kind":"status"}'),
    ],
)
def test_a_message_that_fails_stops_no_other_and_is_not_acknowledged(first, fails, caplog):
    caplog.set_level(logging.DEBUG)
    world = Recorder(first, b"two", b'{"kind":"search_reply"}', fails=fails)
    with pytest.raises(ExchangeError, match="broken"):
        world.node().pump()
    assert "handle AT two" in world.seen
    assert world.seen[-2:] == ['deliver AT {"kind":"search_reply"}', "ack tag2"]
    assert fails == "ack tag0" or "ack tag0" not in world.seen
    assert "code=broken" in caplog.text
    assert "Anna" not in caplog.text


def test_an_empty_mailbox(tmp_path, germany, conversation):
    assert MailboxNode(Maildir(tmp_path, "AT"), germany, conversation).pump() == 0


def node_of(root, party, gallery=None):
    responder = Responder(party, {"toy": gallery} if gallery else {})
    return MailboxNode(Maildir(root, party), responder, Conversation(party, "toy"))


def test_two_parties_that_do_not_understand_each_other_fall_silent(tmp_path):
    pairs = (("AT", "DE"), ("DE", "AT"))
    nodes = [node_of(tmp_path, party) for party, _ in pairs]
    for party, other in pairs:
        Maildir(tmp_path, party).send(other, b"\xff of tomorrow", number="q1")
    rounds = [node.pump() for _ in range(4) for node in nodes]
    # Each reads what was sent and answers it; each takes in the answer; that is all.
    assert sum(rounds) == 4
    assert rounds[-4:] == [0, 0, 0, 0]


def test_the_error_about_a_message_that_cannot_be_read_says_why(tmp_path):
    austria = Maildir(tmp_path, "AT")
    austria.send("DE", b"rubbish", number="q1")
    node_of(tmp_path, "DE").pump()
    (delivery,) = austria.poll(max_messages=9, timeout=0)
    reply = decode_reply(delivery.message)
    assert (reply.result, reply.code) == (Result.ERROR, "malformed")


def test_a_crash_before_the_acknowledgement_does_no_harm(tmp_path, toy, conversation):
    gallery = toy.Gallery({"DE-1": toy.Item("apple")})
    austria = Maildir(tmp_path, "AT")
    pending = conversation.submit(toy.Item("apple"), parties=["DE"])
    for message in pending.outgoing:
        austria.send(message.party, message.data, number=message.number)

    class Dying(Maildir):
        def ack(self, tag: str) -> None:
            raise SystemExit

    def germany(mailbox: type[Maildir]) -> MailboxNode:
        responder = Responder("DE", {"toy": gallery})
        return MailboxNode(mailbox(tmp_path, "DE"), responder, Conversation("DE", "toy"))

    def vienna(mailbox: type[Maildir]) -> MailboxNode:
        return MailboxNode(mailbox(tmp_path, "AT"), Responder("AT", {}), conversation)

    for node in (germany, vienna):
        with pytest.raises(SystemExit):
            node(Dying).pump()
        assert node(Maildir).pump() >= 1
    assert pending.outcome["DE"].outcome is Outcome.HIT
    assert [node(Maildir).pump() for node in (germany, vienna)] == [0, 0]


def test_the_folder_identifies_the_requesting_party(tmp_path, request_of, germany):
    france = Maildir(tmp_path, "FR")
    france.send("DE", encode(request_of(requesting="AT")), number="q1")
    MailboxNode(Maildir(tmp_path, "DE"), germany, Conversation("DE", "toy")).pump()
    (delivery,) = france.poll(max_messages=9, timeout=0)
    assert decode_reply(delivery.message).code == "party_mismatch"
    assert Maildir(tmp_path, "AT").poll(max_messages=9, timeout=0) == []


def test_due_messages_are_sent(tmp_path, toy, clock, germany):
    """A confirmation, its answer and an unanswered request, over two mailboxes."""
    vienna, berlin = Maildir(tmp_path, "AT"), Maildir(tmp_path, "DE")
    here, there = FollowUp("AT", clock=clock), FollowUp("DE", clock=clock)
    conversation = Conversation("AT", "toy", clock, follow_up=here)
    responder = Responder(
        "DE", {"toy": toy.Gallery({"DE-1": toy.Item("apple")})}, clock=clock, follow_up=there
    )
    austria = MailboxNode(vienna, Responder("AT", {}), ReplyDispatcher([conversation], here))
    germany_node = MailboxNode(berlin, responder, ReplyDispatcher([], there))
    conversation.submit(toy.Item("apple"), parties=["DE"])
    assert austria.post(here, [conversation]) == 0
    clock.sleep(3600)
    assert austria.post(here, [conversation]) == 1
    assert (germany_node.pump(), austria.pump()) == (1, 1)
    (hit,) = here.hits()
    here.confirm(hit.key, official="x")
    assert austria.post(here) == 1
    assert (germany_node.pump(), austria.pump()) == (1, 1)
    assert there.hits()[0].state is HitState.CONFIRMED
    assert here.outgoing() == []


def test_a_mailbox_that_fails_loses_no_message(toy, clock):
    world = Recorder(fails="send FR n2")
    here = FollowUp("AT", clock=clock)
    numbers = iter(["r", "n1", "n2", "n3"])
    conversation = Conversation("AT", "toy", clock, lambda: next(numbers))
    conversation.submit(toy.Item("apple"), parties=["DE", "FR", "NL"])
    clock.sleep(3600)
    with pytest.raises(ExchangeError):
        world.node().post(here, [conversation])
    assert world.seen == ["send DE n1", "send FR n2", "send NL n3"]
    clock.sleep(3600)
    assert len(conversation.tick()) == 3
