"""Answers of all kinds over one channel."""

from __future__ import annotations

from typing import Any

import pytest

from prum_match.exchange import Conversation, FollowUp, HitState, Outcome
from prum_match.exchange.category_rules import Side
from prum_match.exchange.messages import Result, SearchReply, encode
from prum_match.exchange.requesters import ReplyDispatcher


@pytest.fixture
def two(toy: Any, clock: Any) -> tuple[FollowUp, Conversation, Conversation, ReplyDispatcher]:
    follow_up = FollowUp("AT", clock=clock)
    toys = Conversation("AT", "toy", clock, follow_up=follow_up)
    faces = Conversation("AT", "face", clock, follow_up=follow_up)
    return follow_up, toys, faces, ReplyDispatcher([toys, faces], follow_up)


def test_each_reply_reaches_its_conversation(two: Any, toy: Any, germany: Any, clock: Any) -> None:
    follow_up, toys, _, answers = two
    pending = toys.submit(toy.Item("apple"), parties=["DE"])
    event = answers.deliver("DE", germany.handle("AT", pending.outgoing[0].data))
    assert event.outcome.outcome is Outcome.HIT
    there = FollowUp("DE", clock=clock)
    hit = follow_up.hits()[0]
    head = pending.asked["DE"].request.head()
    with there.store.transaction() as entries:
        there.open(entries, head, pending.outcome["DE"].candidates, Side.REQUESTED)
    follow_up.confirm(hit.key, official="x")
    follow_up.ask_status(hit.key)
    for message in follow_up.outgoing():
        event = answers.deliver("DE", there.receive("AT", message.data))
    assert event.other_state == HitState.CONFIRMED
    assert follow_up.outgoing() == []
    assert pending.outcome["DE"].outcome is Outcome.HIT


def test_a_status_does_not_answer_an_open_request(two: Any, toy: Any, clock: Any) -> None:
    _, toys, _, answers = two
    pending = toys.submit(toy.Item("apple"), parties=["DE"])
    status = FollowUp("DE", clock=clock).receive("AT", b"damaged")
    assert answers.deliver("DE", status) is None
    assert ReplyDispatcher([toys]).deliver("DE", status) is None
    assert pending.outcome["DE"].outcome is Outcome.PENDING


def test_a_reply_without_a_request_is_ignored(two: Any, toy: Any, clock: Any, caplog: Any) -> None:
    *_, answers = two
    error = SearchReply(result=Result.ERROR, number="r1", time=clock(), code="malformed")
    for data in (b"", b"CANARY", encode(error), b'{"kind":"status","answers":"CANARY"}'):
        assert answers.deliver("DE", data) is None
    assert "CANARY" not in caplog.text


def test_an_unreadable_request_of_the_only_category(toy: Any, clock: Any) -> None:
    toys = Conversation("AT", "toy", clock)
    pending = toys.submit(toy.Item("apple"), parties=["DE"])
    error = SearchReply(result=Result.ERROR, number="r1", time=clock(), code="malformed")
    event = ReplyDispatcher([toys]).deliver("DE", encode(error))
    assert event is not None
    assert pending.outcome["DE"].error_code == "malformed"
