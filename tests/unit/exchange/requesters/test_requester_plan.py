"""The plan of one search, by a clock that the test holds in its hand."""

from __future__ import annotations

import itertools
import math
from datetime import timedelta

import pytest

from prum_match.exchange import (
    FollowUp,
    Outcome,
    Retries,
    TransportBusy,
    TransportError,
    TransportRefused,
    TransportTimeout,
    TransportUnreachable,
)
from prum_match.exchange.messages import Result, decode_request, encode
from prum_match.exchange.requesters.fan_out import FanOut, InFlight, Step
from prum_match.exchange.requesters.shared_conversation import SharedConversation

BACK_OFF = Retries(first=timedelta(seconds=1), longest=timedelta(seconds=3))


@pytest.fixture
def plan_of(toy, clock, numbers):
    def build(parties=("DE",), *, max_attempts=10, deadline=100.0, follow_up=None):
        conversation = SharedConversation("AT", "toy", clock, numbers, follow_up=follow_up)
        pending = conversation.submit(toy.Item("apple"), parties=parties)
        return FanOut(conversation, pending, deadline, max_attempts, BACK_OFF)

    return build


@pytest.fixture
def answer(reply_of):
    counter = itertools.count()

    def build(message, **fields):
        head = decode_request(message.data).head()
        return encode(reply_of(head, number=f"r{next(counter)}", **fields))

    return build


@pytest.mark.parametrize("error", [TransportTimeout(), TransportUnreachable(), TransportBusy()])
def test_a_broken_line_is_tried_again_under_the_same_number(plan_of, answer, error):
    plan = plan_of()
    [message] = plan.pending.outgoing
    pauses = []
    for _ in range(4):
        step = plan.take(message, error, now=0.0)
        assert step.message == message
        pauses.append(step.pause)
    assert pauses == [1.0, 2.0, 3.0, 3.0]
    assert plan.take(message, answer(message), now=0.0) is None
    assert plan.state("DE").outcome is Outcome.HIT


@pytest.mark.parametrize("most", [1, 2, 5])
def test_a_party_is_asked_as_often_as_allowed(plan_of, most):
    plan = plan_of(max_attempts=most)
    [message] = plan.pending.outgoing
    steps = [plan.take(message, TransportUnreachable(), now=0.0) for _ in range(most)]
    assert [step is None for step in steps] == [False] * (most - 1) + [True]
    assert plan.state("DE").outcome is Outcome.UNREACHABLE


@pytest.mark.parametrize(
    "error", [TransportRefused(), TransportError(), ValueError("CANARY")], ids=lambda e: type(e)
)
def test_final_outcomes_are_not_tried_again(plan_of, error):
    plan = plan_of()
    [message] = plan.pending.outgoing
    assert plan.take(message, error, now=0.0) is None


@pytest.mark.parametrize(
    "fields",
    [
        {"result": Result.HIT},
        {"result": Result.NO_HIT},
        {"result": Result.UNSUITABLE},
        {"result": Result.REFUSED, "code": "why"},
        {"result": Result.ERROR, "code": "why"},
    ],
)
def test_an_answer_is_the_end(plan_of, answer, fields):
    plan = plan_of()
    [message] = plan.pending.outgoing
    assert plan.take(message, answer(message, **fields), now=0.0) is None


@pytest.mark.parametrize(
    ("retry_after", "pause"), [(None, 1.0), (0.5, 1.0), (7.5, 7.5), (99.9, 99.9)]
)
def test_a_busy_party_is_believed(plan_of, retry_after, pause):
    plan = plan_of()
    [message] = plan.pending.outgoing
    step = plan.take(message, TransportBusy(retry_after=retry_after), now=0.0)
    assert step == Step(message, pause)


def test_a_busy_reply_is_believed(plan_of, answer):
    plan = plan_of()
    [message] = plan.pending.outgoing
    busy = answer(message, result=Result.BUSY, retry_after=7)
    assert plan.take(message, busy, now=0.0) == Step(message, 7.0)
    assert plan.state("DE").outcome is Outcome.BUSY


@pytest.mark.parametrize(("now", "again"), [(98.9, True), (99.0, False), (200.0, False)])
def test_nothing_is_sent_past_the_deadline(plan_of, now, again):
    plan = plan_of()
    [message] = plan.pending.outgoing
    step = plan.take(message, TransportUnreachable(), now=now)
    assert (step is not None) is again


def test_a_garbled_reply_is_asked_for_once_more(plan_of, answer):
    plan = plan_of()
    [message] = plan.pending.outgoing
    assert plan.take(message, b"rubbish", now=0.0) == Step(message, 1.0)
    assert plan.take(message, TransportUnreachable(), now=0.0) == Step(message, 2.0)
    assert plan.take(message, b"rubbish", now=0.0) is None
    assert plan.state("DE").outcome is Outcome.INVALID_REPLY


def test_each_party_has_its_own_attempts(plan_of):
    plan = plan_of(("DE", "FR"), max_attempts=2)
    germany, france = plan.pending.outgoing
    assert plan.take(germany, b"rubbish", now=0.0) == Step(germany, 1.0)
    assert plan.take(france, b"rubbish", now=0.0) == Step(france, 1.0)
    assert plan.take(germany, b"rubbish", now=0.0) is None


def test_a_lost_answer_is_asked_for_under_a_new_number_at_once(plan_of, answer):
    plan = plan_of()
    [message] = plan.pending.outgoing
    lost = answer(message, result=Result.REFUSED, code="already_answered")
    step = plan.take(message, lost, now=0.0)
    assert step.pause == 0.0
    assert step.message.number != message.number
    assert decode_request(step.message.data).reference == plan.pending.probe_id
    assert plan.take(step.message, answer(step.message), now=0.0) is None
    assert plan.state("DE").outcome is Outcome.HIT


def test_a_party_that_loses_every_answer_is_not_asked_for_ever(plan_of, answer):
    plan = plan_of(max_attempts=3)
    [message] = plan.pending.outgoing
    step = Step(message)
    for _ in range(3):
        lost = answer(step.message, result=Result.REFUSED, code="already_answered")
        last, step = step, plan.take(step.message, lost, now=0.0)
    assert step is None
    assert last.message.number != message.number
    assert plan.state("DE").outcome is Outcome.BUSY
    assert plan.state("DE").error_code == "already_answered"


def test_silent_parties_time_out_at_the_deadline(plan_of, answer):
    plan = plan_of(("DE", "FR", "NL", "BE"))
    germany, france, netherlands, _ = plan.pending.outgoing
    plan.take(germany, answer(germany), now=0.0)
    plan.take(france, TransportRefused(), now=0.0)
    plan.take(netherlands, TransportBusy(retry_after=5), now=0.0)
    plan.finish()
    assert plan.ended.is_set()
    assert [plan.state(party).outcome for party in plan.pending.asked] == [
        Outcome.HIT,
        Outcome.REFUSED,
        Outcome.TIMEOUT,
        Outcome.TIMEOUT,
    ]


def test_final_outcomes_stay_after_the_deadline(plan_of):
    plan = plan_of(max_attempts=1)
    [message] = plan.pending.outgoing
    plan.take(message, TransportBusy(retry_after=5), now=0.0)
    plan.finish()
    assert plan.state("DE").outcome is Outcome.BUSY


def test_a_message_that_cannot_be_sent_ends_its_party(plan_of):
    plan = plan_of()
    [message] = plan.pending.outgoing
    plan.give_up(message, TransportBusy(code="in_flight_limit"))
    plan.finish()
    assert plan.state("DE").outcome is Outcome.BUSY
    assert plan.state("DE").error_code == "in_flight_limit"


def test_without_a_follow_up_a_late_answer_is_dropped(plan_of, answer):
    plan = plan_of()
    [message] = plan.pending.outgoing
    plan.finish()
    assert plan.take(message, answer(message), now=math.inf) is None
    assert plan.state("DE").outcome is Outcome.TIMEOUT


def test_with_a_follow_up_a_late_answer_is_kept(plan_of, answer, clock):
    plan = plan_of(follow_up=FollowUp("AT", clock=clock))
    [message] = plan.pending.outgoing
    plan.finish()
    assert plan.take(message, answer(message), now=math.inf) is None
    assert plan.state("DE").outcome is Outcome.HIT


def test_a_search_that_has_ended_sends_nothing(plan_of, clock):
    plan = plan_of(follow_up=FollowUp("AT", clock=clock))
    [message] = plan.pending.outgoing
    plan.ended.set()
    assert plan.take(message, TransportUnreachable(), now=0.0) is None
    assert plan.state("DE").outcome is Outcome.UNREACHABLE


def test_a_late_word_that_the_answer_is_lost_leaves_the_new_number_to_a_courier(
    plan_of, answer, clock
):
    plan = plan_of(follow_up=FollowUp("AT", clock=clock))
    [message] = plan.pending.outgoing
    plan.finish()
    lost = answer(message, result=Result.REFUSED, code="already_answered")
    assert plan.take(message, lost, now=math.inf) is None
    assert plan.state("DE").outcome is Outcome.PENDING
    [waiting] = plan._conversation.tick()
    assert waiting.number != message.number


def test_a_number_that_a_courier_has_replaced_is_not_used_again(plan_of, answer, clock):
    plan = plan_of(follow_up=FollowUp("AT", clock=clock))
    [message] = plan.pending.outgoing
    lost = answer(message, result=Result.REFUSED, code="already_answered")
    plan._conversation.deliver("DE", lost)
    step = plan.take(message, TransportTimeout(), now=0.0)
    assert step.message.number != message.number
    assert plan.take(step.message, answer(step.message), now=0.0) is None
    assert plan.state("DE").outcome is Outcome.HIT


def test_calls_are_counted_by_party():
    calls = InFlight(2)
    assert [calls.enter("DE") for _ in range(3)] == [True, True, False]
    assert calls.enter("FR")
    calls.leave("DE")
    assert [calls.enter("DE") for _ in range(2)] == [True, False]
