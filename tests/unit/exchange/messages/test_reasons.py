"""Error texts of a host's transport are reduced to forms that fit every message and log."""

from __future__ import annotations

from typing import Any

import pytest

from prum_match.errors import InvalidInput
from prum_match.exchange import (
    Conversation,
    FollowUp,
    Outcome,
    TransportBusy,
    TransportError,
    TransportRefused,
    TransportUnreachable,
)
from prum_match.exchange.audit import MemoryAudit
from prum_match.exchange.reasons import failure_of, reason_of
from prum_match.testing.clock import VirtualClock


class OfTheHost(TransportRefused):
    default_code = "Not a word"


@pytest.mark.parametrize(
    ("error", "outcome", "code", "wait"),
    [
        (TransportRefused(code="HTTP 403"), Outcome.REFUSED, "refused", None),
        (TransportRefused(code="x" * 200), Outcome.REFUSED, "refused", None),
        (TransportRefused(code="too_slow"), Outcome.REFUSED, "too_slow", None),
        (TransportUnreachable(code=5), Outcome.UNREACHABLE, "unreachable", None),  # type: ignore[arg-type]
        (OfTheHost(), Outcome.REFUSED, "transport_error", None),
        (TransportBusy(retry_after=2.5), Outcome.BUSY, "busy", 2.5),
        (TransportBusy(retry_after=float("nan")), Outcome.BUSY, "busy", None),
        (TransportBusy(retry_after=float("inf")), Outcome.BUSY, "busy", 10**6),
        (TransportBusy(retry_after=-1), Outcome.BUSY, "busy", 0),
        (TransportBusy(retry_after="soon"), Outcome.BUSY, "busy", None),  # type: ignore[arg-type]
        (TransportError("CANARY"), Outcome.REMOTE_ERROR, "transport_error", None),
        (RuntimeError("CANARY"), Outcome.REMOTE_ERROR, "transport_error", None),
    ],
)
def test_a_failure_is_kept_in_a_word(
    error: Exception, outcome: Outcome, code: str, wait: float | None, toy: Any
) -> None:
    clock, audit = VirtualClock(), MemoryAudit()
    follow_up = FollowUp("AT", audit=audit, clock=clock)
    conversation = Conversation("AT", "toy", clock, follow_up=follow_up)
    pending = conversation.submit(toy.Item("apple"), parties=["DE"])
    conversation.fail("DE", error)
    state = pending.outcome["DE"]
    assert (state.outcome, state.error_code, state.retry_after) == (outcome, code, wait)
    # It is the same after a restart, and in the log.
    again = Conversation("AT", "toy", clock, follow_up=follow_up)
    assert [one.outcome["DE"] for one in again.searches()] == [state]
    assert {entry.code for entry in audit.entries()} <= {None, code}
    assert failure_of(error) == (code, wait)


def test_a_log_gets_a_code_or_a_class() -> None:
    assert reason_of(InvalidInput("CANARY", code="too_short")) == "too_short"
    assert reason_of(InvalidInput("CANARY", code="The name is CANARY")) == "InvalidInput"
    assert reason_of(OSError("CANARY")) == "OSError"
