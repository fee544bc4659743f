"""Effect of a message from the other party on a hit: pure functions that tolerate disorder.

Messages get lost, arrive twice and overtake one another. The rules here infer an earlier message
that is missing, or make the sender try again.
"""

from __future__ import annotations

from datetime import datetime

from prum_match.errors import ExchangeError
from prum_match.exchange.audit import Act
from prum_match.exchange.category_rules import Side
from prum_match.exchange.hits.hit import Hit, HitState, Step
from prum_match.exchange.messages.core_data import CoreData
from prum_match.exchange.messages.follow_up import (
    Confirmation,
    CoreDataMessage,
    Decision,
    Facts,
    FollowUpMessage,
    StatusRequest,
    Verdict,
    Withdrawal,
)

_REG = "Reg. (EU) 2024/982"


class TooEarly(Exception):
    """A message overtook the one before it; the sender has to try again."""


def after_arrival(hit: Hit, message: FollowUpMessage, now: datetime) -> tuple[Hit, Act | None]:
    """Return the hit after a message from the other side, and the act for the audit log."""
    by = hit.side.other
    match message:
        case Confirmation():
            return _confirmation(hit, message, by, now)
        case Facts():
            if hit.state is HitState.CANDIDATE or _gives_way(hit, by):
                raise TooEarly
            # The time in the message, not that of arrival: both ends count the 48 hours from it.
            return hit.after(Step.FACTS_ARRIVED, by, message.time), Act.FACTS_RECEIVED
        case CoreDataMessage():
            return _core_data(hit, message, by, now)
        case Withdrawal():
            # A repeated withdrawal, or one from each end at once: it counts all the same.
            moved = hit if hit.state is HitState.WITHDRAWN else hit.after(Step.WITHDRAW, by, now)
            return moved, Act.WITHDRAWN
        case StatusRequest():
            return hit, None


def _confirmation(hit: Hit, message: Confirmation, by: Side, now: datetime) -> tuple[Hit, Act]:
    if _gives_way(hit, by):
        hit = hit.reopened()
    if message.verdict is Verdict.REFUTED:
        return hit.after(Step.REFUTE, by, now), Act.REFUTED
    return hit.after(Step.CONFIRM, by, message.time), Act.CONFIRMED


def _gives_way(hit: Hit, by: Side) -> bool:
    """Tell whether the state is due to a verdict of this end that the other end's replaces.

    Both ends may judge a DNA match at the same time. Art. 47(1) is the rule and (3) the exception,
    so the verdict of the requesting party counts, at both ends.
    """
    judged = {HitState.CONFIRMED, HitState.FACTS_SENT, HitState.REFUTED}
    own_word = Side.REQUESTED in {hit.confirmed_by, hit.refuted_by}
    return by is Side.REQUESTING and hit.state in judged and own_word


def _core_data(hit: Hit, message: CoreDataMessage, by: Side, now: datetime) -> tuple[Hit, Act]:
    if message.data is not None:
        check_core_data(hit, message.data)
    if hit.state is HitState.FACTS_SENT:
        # Whoever decides on core data has the facts: only the status that confirms it was lost.
        hit = hit.after(Step.FACTS_ARRIVED, hit.side, message.time)
    # Counted from arrival: a message that was long under way would be purged before it is read.
    if message.decision is Decision.RETURNED:
        return hit.after(Step.RELEASE, by, now), Act.CORE_DATA_RECEIVED
    if message.decision is Decision.DECLINED:
        return hit.after(Step.DECLINE, by, now), Act.DECLINED
    if hit.delayed_at is not None and message.time < hit.delayed_at:
        return hit, Act.DELAYED  # a later message about the same decision came first
    return hit.after(Step.DELAY, by, message.time, until=message.until), Act.DELAYED


def check_core_data(hit: Hit, data: CoreData) -> None:
    """Refuse core data of a person for a hit whose data are of a trace (Art. 47(5))."""
    of_probe = hit.releasing is Side.REQUESTING
    item_type = hit.probe_type if of_probe else hit.reference_type
    if data.identified and item_type == "S":
        raise ExchangeError(
            "core data of a person do not fit an unidentified trace",
            code="not_for_traces",
            field="identified",
            rule=f"{_REG} Art. 47(5)",
        )
