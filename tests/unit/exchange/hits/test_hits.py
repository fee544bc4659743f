"""The states of a hit against a table of their own, and who may do what."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from prum_match.errors import ExchangeError
from prum_match.exchange import Hit, HitKey, HitState
from prum_match.exchange.category_rules import CATEGORY_RULES, Side
from prum_match.exchange.hits import Step

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
S = HitState
# By hand from rules.md, 3.3: what each step needs, and where it leads.
LEGAL = {
    (S.CANDIDATE, Step.CONFIRM): S.CONFIRMED,
    (S.CANDIDATE, Step.REFUTE): S.REFUTED,
    (S.CONFIRMED, Step.SEND_FACTS): S.FACTS_SENT,
    (S.CONFIRMED, Step.FACTS_ARRIVED): S.AWAITING_RELEASE,
    (S.FACTS_SENT, Step.FACTS_ARRIVED): S.AWAITING_RELEASE,
    (S.AWAITING_RELEASE, Step.RELEASE): S.CORE_DATA_RETURNED,
    (S.AWAITING_RELEASE, Step.DECLINE): S.DECLINED,
    (S.AWAITING_RELEASE, Step.DELAY): S.DELAYED,
    (S.AWAITING_RELEASE, Step.TIME_OVER): S.OVERDUE,
    (S.DELAYED, Step.RELEASE): S.CORE_DATA_RETURNED,
    (S.DELAYED, Step.DECLINE): S.DECLINED,
    (S.DELAYED, Step.DELAY): S.DELAYED,
    (S.DELAYED, Step.TIME_OVER): S.OVERDUE,
    (S.OVERDUE, Step.RELEASE): S.CORE_DATA_RETURNED,
    (S.OVERDUE, Step.DECLINE): S.DECLINED,
    (S.OVERDUE, Step.DELAY): S.DELAYED,
    **{(state, Step.WITHDRAW): S.WITHDRAWN for state in S if state is not S.WITHDRAWN},
}
# The requesting party confirms and sends facts; the requested one decides on core data.
DOER = {
    Step.RELEASE: Side.REQUESTED,
    Step.DECLINE: Side.REQUESTED,
    Step.DELAY: Side.REQUESTED,
}


def hit(category: str = "dna", state: HitState = S.CANDIDATE) -> Hit:
    key = HitKey(category=category, requesting="AT", requested="DE", request="7", reference="9")
    confirmed = state not in {S.CANDIDATE, S.REFUTED}
    return Hit(
        key=key,
        side=Side.REQUESTING,
        probe_reference="AT-1",
        since=NOON,
        state=state,
        confirmed_by=Side.REQUESTING if confirmed else None,
        confirmed_at=NOON if confirmed else None,
    )


def refusal(hit: Hit, step: Step, by: Side) -> str:
    with pytest.raises(ExchangeError) as caught:
        hit.after(step, by, NOON)
    return caught.value.code


@pytest.mark.parametrize(("state", "step"), list(product(S, Step)), ids=str)
def test_every_pair_of_state_and_step(state: HitState, step: Step) -> None:
    before = hit(state=state)
    by = DOER.get(step, Side.REQUESTING)
    if (state, step) in LEGAL:
        after = before.after(step, by, NOON)
        assert after.state is LEGAL[state, step]
        assert after.is_ended == (
            after.state in {S.REFUTED, S.CORE_DATA_RETURNED, S.DECLINED, S.WITHDRAWN}
        )
        assert (after.ended_at == NOON) == after.is_ended
    else:
        assert refusal(before, step, by) == "illegal_transition"
    assert before == hit(state=state)


@pytest.mark.parametrize("category", [*CATEGORY_RULES, "own_category"])
@pytest.mark.parametrize("side", Side)
def test_the_confirming_side_depends_on_the_category(category: str, side: Side) -> None:
    allowed = side is Side.REQUESTING or category == "dna"
    for step, state in ((Step.CONFIRM, S.CONFIRMED), (Step.REFUTE, S.REFUTED)):
        if allowed:
            assert hit(category).after(step, side, NOON).state is state
        else:
            assert refusal(hit(category), step, side) == "not_yours_to_confirm"


def test_the_other_side_than_the_confirming_one_decides() -> None:
    for confirming, deciding in (
        (Side.REQUESTING, Side.REQUESTED),
        (Side.REQUESTED, Side.REQUESTING),
    ):
        waiting = (
            hit()
            .after(Step.CONFIRM, confirming, NOON)
            .after(Step.SEND_FACTS, confirming, NOON)
            .after(Step.FACTS_ARRIVED, confirming, NOON)
        )
        assert waiting.releasing is deciding
        for step in DOER:
            assert refusal(waiting, step, confirming) == "not_yours_to_release"
            waiting.after(step, deciding, NOON)
    confirmed = hit().after(Step.CONFIRM, Side.REQUESTED, NOON)
    assert refusal(confirmed, Step.SEND_FACTS, Side.REQUESTING) == "not_the_confirming_side"
    assert hit().releasing is None


@pytest.mark.parametrize("category", ["vehicle", "police_record"])
def test_categories_without_core_data(category: str) -> None:
    confirmed = hit(category).after(Step.CONFIRM, Side.REQUESTING, NOON)
    for step in (Step.SEND_FACTS, Step.FACTS_ARRIVED, Step.RELEASE, Step.DECLINE, Step.DELAY):
        assert refusal(confirmed, step, Side.REQUESTING) == "no_core_data"
    assert confirmed.after(Step.WITHDRAW, Side.REQUESTED, NOON).state is S.WITHDRAWN


def test_the_clock_begins_when_all_is_there() -> None:
    hours = timedelta(hours=1)
    confirmed = hit().after(Step.CONFIRM, Side.REQUESTING, NOON + 3 * hours)
    sent = confirmed.after(Step.SEND_FACTS, Side.REQUESTING, NOON + 10 * hours)
    assert confirmed.due is sent.due is None
    # When the word of the arrival came does not count: the other end has it from the facts.
    here = sent.after(Step.FACTS_ARRIVED, Side.REQUESTING, NOON + 20 * hours)
    there = confirmed.after(Step.FACTS_ARRIVED, Side.REQUESTING, NOON + 10 * hours)
    assert here.due == there.due == NOON + 58 * hours
    backdated = confirmed.after(Step.FACTS_ARRIVED, Side.REQUESTING, NOON - 9 * hours)
    assert backdated.due == NOON + 51 * hours


def test_a_delay_has_its_own_end() -> None:
    waiting = hit(state=S.AWAITING_RELEASE)
    later = NOON + timedelta(days=9)
    assert waiting.after(Step.DELAY, Side.REQUESTED, NOON, until=later).due == later
    assert waiting.after(Step.DELAY, Side.REQUESTED, NOON).due is None
    for step in (Step.RELEASE, Step.DECLINE):
        assert waiting.after(step, Side.REQUESTED, NOON).due is None
