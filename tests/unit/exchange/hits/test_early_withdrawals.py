"""A withdrawal overtakes the reply that it is about; a partner cannot fill a store with them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from prum_match.exchange import (
    Conversation,
    HitKey,
    HitState,
    Limits,
    MemoryStore,
    TransportBusy,
    TransportRefused,
    TransportTimeout,
    TransportUnreachable,
    WithdrawalReason,
)
from prum_match.exchange.messages import (
    Confirmation,
    Result,
    SearchReply,
    StatusMessage,
    StatusResult,
    Verdict,
    Withdrawal,
    decode_status,
    encode,
)
from prum_match.testing.clock import VirtualClock
from support.exchange.ends import End, send, states

Asking = Callable[..., Conversation]

HIT = HitKey(category="toy", requesting="AT", requested="DE", request="q-toy", reference="DE-9")


@pytest.fixture
def ask(ends: tuple[End, End], toy: SimpleNamespace) -> Asking:
    """Let the one end ask the other; its request has this number."""

    def asked(number: str = "q-toy") -> Conversation:
        here, _ = ends
        conversation = Conversation(
            "AT", "toy", here.clock, lambda: number, follow_up=here.follow_up
        )
        conversation.submit(toy.Item("apple"), parties=["DE"], probe_id="AT-1")
        return conversation

    return asked


def withdraw(end: End, hit: HitKey, number: str = "w-1") -> StatusMessage:
    """Let the requested party say that it withdrew a record."""
    message = Withdrawal(hit=hit, number=number, time=end.clock(), reason=WithdrawalReason.ERASED)
    return decode_status(end.follow_up.receive("DE", encode(message)))


def remembered(end: End) -> int:
    with end.store.transaction() as entries:
        return len(entries.keys("withdrawn_early"))


def test_a_withdrawal_overtakes_the_reply(ends: tuple[End, End], ask: Asking) -> None:
    here, there = ends
    ask()
    key = there.open("toy")
    there.follow_up.withdraw("toy", ["DE-9"], WithdrawalReason.ERASED)
    send(there, here)
    assert here.follow_up.hits() == []
    assert here.open("toy") == key
    assert states(here) == [HitState.WITHDRAWN]
    assert remembered(here) == 0


def test_a_withdrawal_before_its_reply_comes_again_after_it(
    ends: tuple[End, End], ask: Asking
) -> None:
    here, there = ends
    ask()
    there.open("toy")
    there.follow_up.withdraw("toy", ["DE-9"], WithdrawalReason.ERASED)
    (message,) = there.follow_up.outgoing()
    here.follow_up.receive("DE", message.data)  # its answer is lost
    here.open("toy")
    answer = decode_status(here.follow_up.receive("DE", message.data))
    assert (answer.result, answer.state) == (StatusResult.ACCEPTED, "withdrawn")


def test_the_requesting_party_cannot_withdraw_early(
    ends: tuple[End, End], clock: VirtualClock
) -> None:
    """The requested party knows its hits before the other one can."""
    _, there = ends
    head = {"hit": HIT, "time": clock()}
    for message in (
        Confirmation(number="n-1", verdict=Verdict.REFUTED, **head),
        Withdrawal(number="n-2", reason=WithdrawalReason.ERASED, **head),
    ):
        answer = decode_status(there.follow_up.receive("AT", encode(message)))
        assert (answer.result, answer.code) == (StatusResult.REFUSED, "unknown_hit")
    assert remembered(there) == 0


def test_withdrawals_without_a_request_are_not_kept(clock: VirtualClock) -> None:
    here = End("AT", MemoryStore(), clock)
    for number in range(10_000):
        hit = replace(HIT, request=f"q-{number}", reference=f"DE-{number}")
        answer = withdraw(here, hit, f"w-{number}")
        assert (answer.result, answer.code) == (StatusResult.REFUSED, "unknown_hit")
    with here.store.transaction() as entries:
        written: Any = entries  # of a `MemoryStore`, which has them all at hand
        assert not any(kind.values for kind in written.kinds.values())
    assert here.events == here.acts() == []


def test_early_withdrawals_are_limited_to_the_candidates_of_a_reply(
    ends: tuple[End, End], ask: Asking
) -> None:
    here, _ = ends
    here.begin(limits=Limits(candidates=3))
    for request in ("q-1", "q-2"):
        ask(request)
        hits = [replace(HIT, request=request, reference=f"DE-{n}") for n in range(5)]
        codes = [withdraw(here, hit).code for hit in hits]
        assert codes == [None, None, None, "too_many_candidates", "too_many_candidates"]
        # What is remembered is accepted again: its answer may have been lost.
        assert [withdraw(here, hit).code for hit in hits] == codes
    assert remembered(here) == 6


@pytest.mark.parametrize(
    "failure",
    [TransportTimeout(), TransportUnreachable(), TransportBusy(), TransportRefused()],
    ids=lambda failure: type(failure).__name__,
)
def test_a_party_that_failed_may_still_answer(
    ends: tuple[End, End], ask: Asking, reply_of: Callable[..., SearchReply], failure: Exception
) -> None:
    here, _ = ends
    conversation = ask()
    conversation.fail("DE", failure)
    assert withdraw(here, replace(HIT, reference="DE-1")).result is StatusResult.ACCEPTED
    (pending,) = conversation.searches()
    reply = reply_of(pending.asked["DE"].request.head())
    conversation.deliver("DE", encode(reply))
    assert states(here) == [HitState.WITHDRAWN]


@pytest.mark.parametrize("result", [Result.HIT, Result.NO_HIT])
def test_an_early_withdrawal_ends_with_the_reply(
    ends: tuple[End, End], ask: Asking, reply_of: Callable[..., SearchReply], result: Result
) -> None:
    here, _ = ends
    conversation = ask()
    (pending,) = conversation.searches()
    reply = reply_of(pending.asked["DE"].request.head(), result=result)
    conversation.deliver("DE", encode(reply))
    assert withdraw(here, HIT).code == "unknown_hit"
    assert remembered(here) == 0


def test_a_dropped_request_opens_no_hit(ends: tuple[End, End], ask: Asking) -> None:
    here, _ = ends
    conversation = ask()
    (pending,) = conversation.searches()
    conversation.forget(pending)
    assert withdraw(here, HIT).code == "unknown_hit"
    assert remembered(here) == 0


def test_an_early_withdrawal_without_a_reply_is_forgotten(
    ends: tuple[End, End], ask: Asking
) -> None:
    here, _ = ends
    here.begin(keep=timedelta(days=2))
    ask()
    withdraw(here, HIT)
    here.clock.sleep(2 * 86400 - 1)
    here.follow_up.tick()
    assert remembered(here) == 1
    here.clock.sleep(1)
    here.follow_up.tick()
    assert remembered(here) == 0
