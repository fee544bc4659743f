"""One hit after the reply: its states, the steps between them, and the deadline of 48 hours.

Pure: a hit and a step give a hit, or an error. Both ends of a search keep such a hit and use the
same table of steps, so that they agree however unreliable the channel is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from prum_match.errors import ExchangeError
from prum_match.exchange.category_rules import Side, rule_of
from prum_match.exchange.messages.checked import Checked
from prum_match.exchange.messages.envelope import REFERENCE, TYPE
from prum_match.exchange.messages.follow_up import HitKey
from prum_match.exchange.messages.records import TIME, member, optional, record

RELEASE_TIME = timedelta(hours=48)
"""Time from match, confirmation and facts to core data (Art. 47(1))."""

_REG = "Reg. (EU) 2024/982"


class HitState(StrEnum):
    """State of a hit (rules of Arts. 6, 11, 20, 37 and 47)."""

    CANDIDATE = "candidate"
    CONFIRMED = "confirmed"
    REFUTED = "refuted"
    FACTS_SENT = "facts_sent"
    AWAITING_RELEASE = "awaiting_release"
    DELAYED = "delayed"
    OVERDUE = "overdue"
    CORE_DATA_RETURNED = "core_data_returned"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class Step(StrEnum):
    """Step that changes the state of a hit."""

    CONFIRM = "confirm"
    REFUTE = "refute"
    SEND_FACTS = "send_facts"
    FACTS_ARRIVED = "facts_arrived"
    RELEASE = "release"
    DECLINE = "decline"
    DELAY = "delay"
    TIME_OVER = "time_over"
    WITHDRAW = "withdraw"


_S = HitState
_OPEN_RELEASE = (_S.AWAITING_RELEASE, _S.DELAYED, _S.OVERDUE)
_TABLE: Mapping[Step, tuple[tuple[HitState, ...], HitState]] = {
    Step.CONFIRM: ((_S.CANDIDATE,), _S.CONFIRMED),
    Step.REFUTE: ((_S.CANDIDATE,), _S.REFUTED),
    Step.SEND_FACTS: ((_S.CONFIRMED,), _S.FACTS_SENT),
    # The receiving end is in the first of these states: it has sent no facts.
    Step.FACTS_ARRIVED: ((_S.CONFIRMED, _S.FACTS_SENT), _S.AWAITING_RELEASE),
    Step.RELEASE: (_OPEN_RELEASE, _S.CORE_DATA_RETURNED),
    Step.DECLINE: (_OPEN_RELEASE, _S.DECLINED),
    Step.DELAY: (_OPEN_RELEASE, _S.DELAYED),
    Step.TIME_OVER: ((_S.AWAITING_RELEASE, _S.DELAYED), _S.OVERDUE),
    # A correction must reach the partner at any time, even after core data (Art. 64).
    Step.WITHDRAW: (tuple(one for one in _S if one is not _S.WITHDRAWN), _S.WITHDRAWN),
}
_ENDS = {_S.REFUTED, _S.CORE_DATA_RETURNED, _S.DECLINED, _S.WITHDRAWN}


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit(Checked):
    """One candidate of one reply, and its state.

    Parameters
    ----------
    key : HitKey
        The candidate.
    side : Side
        The end of the search that keeps this record.
    probe_reference : str
        Reference number of the probe at the requesting party.
    probe_type, reference_type : str or None
        Identified or unidentified, where the category has types.
    since : datetime
        Time when this end learnt of the hit.
    state : HitState
        The state.
    confirmed_by, refuted_by : Side or None
        The side whose official confirmed or refuted it.
    confirmed_at, facts_at : datetime or None
        Times of confirmation and facts, according to the messages.
    due : datetime or None
        Deadline for the decision on core data; None: none is running.
    delayed_at : datetime or None
        Time of the last announcement of a delay.
    ended_at : datetime or None
        Time when it ended.

    Examples
    --------
    >>> from datetime import UTC
    >>> key = HitKey(category="dna", requesting="AT", requested="DE", request="7", reference="9")
    >>> noon = datetime(2026, 3, 1, 12, tzinfo=UTC)
    >>> hit = Hit(key=key, side=Side.REQUESTING, probe_reference="AT-1", since=noon)
    >>> hit = hit.after(Step.CONFIRM, Side.REQUESTING, noon)
    >>> hit = hit.after(Step.SEND_FACTS, Side.REQUESTING, noon + timedelta(hours=10))
    >>> hit = hit.after(Step.FACTS_ARRIVED, Side.REQUESTING, noon + timedelta(hours=11))
    >>> hit.state.value, str(hit.due - noon)
    ('awaiting_release', '2 days, 10:00:00')
    """

    key: HitKey = field(metadata=record(HitKey).meta)
    side: Side = field(metadata=member(Side).meta)
    probe_reference: str = field(metadata=REFERENCE.meta)
    since: datetime = field(metadata=TIME.meta)
    probe_type: str | None = field(default=None, metadata=TYPE.meta)
    reference_type: str | None = field(default=None, metadata=TYPE.meta)
    state: HitState = field(default=HitState.CANDIDATE, metadata=member(HitState).meta)
    confirmed_by: Side | None = field(default=None, metadata=optional(member(Side)).meta)
    refuted_by: Side | None = field(default=None, metadata=optional(member(Side)).meta)
    confirmed_at: datetime | None = field(default=None, metadata=optional(TIME).meta)
    facts_at: datetime | None = field(default=None, metadata=optional(TIME).meta)
    due: datetime | None = field(default=None, metadata=optional(TIME).meta)
    delayed_at: datetime | None = field(default=None, metadata=optional(TIME).meta)
    ended_at: datetime | None = field(default=None, metadata=optional(TIME).meta)

    @property
    def party(self) -> str:
        """The party at the other end."""
        key = self.key
        return key.requested if self.side is Side.REQUESTING else key.requesting

    @property
    def own_reference(self) -> str:
        """Own reference number: of the probe or of the reference, depending on `side`."""
        return self.probe_reference if self.side is Side.REQUESTING else self.key.reference

    @property
    def releasing(self) -> Side | None:
        """The end that decides on core data: the one that did not confirm (Art. 47(1), (3))."""
        return None if self.confirmed_by is None else self.confirmed_by.other

    @property
    def is_ended(self) -> bool:
        """Whether no further step is expected."""
        return self.state in _ENDS

    def after(self, step: Step, by: Side, time: datetime, *, until: datetime | None = None) -> Hit:
        """Return the hit after a step.

        Parameters
        ----------
        step : Step
            The step.
        by : Side
            The end that took it.
        time : datetime
            When it was taken.
        until : datetime, optional
            For a delay: when the judicial authorisation is expected.

        Raises
        ------
        ExchangeError
            ``illegal_transition``, ``no_core_data``, ``not_yours_to_confirm``,
            ``not_yours_to_release`` or ``not_the_confirming_side``.
        """
        allowed, state = _TABLE[step]
        self._check_side(step, by)
        if self.state not in allowed:
            raise ExchangeError(
                f"a hit in the state {self.state.value} does not allow the step {step.value}",
                code="illegal_transition",
                field="state",
                rule=rule_of(self.key.category).source,
            )
        hit = replace(self, state=state)
        if step is Step.CONFIRM:
            hit = replace(hit, confirmed_by=by, confirmed_at=time)
        elif step is Step.REFUTE:
            hit = replace(hit, refuted_by=by)
        elif step is Step.SEND_FACTS:
            hit = replace(hit, facts_at=time)
        elif step is Step.FACTS_ARRIVED:
            hit = hit._with_clock(time)
        elif step is Step.DELAY:
            hit = replace(hit, due=until, delayed_at=time)
        if hit.is_ended:
            hit = replace(hit, due=None, ended_at=time)
        return hit

    def reopened(self) -> Hit:
        """Return the hit without the verdict of this end, which the other end's replaces."""
        return replace(
            self,
            state=HitState.CANDIDATE,
            confirmed_by=None,
            refuted_by=None,
            confirmed_at=None,
            facts_at=None,
            ended_at=None,
        )

    def _with_clock(self, time: datetime) -> Hit:
        # From the times in the messages, which both ends have: C01 of the rule book.
        facts = self.facts_at or time
        started = max(facts, self.confirmed_at or facts)
        return replace(self, facts_at=facts, due=started + RELEASE_TIME)

    def _check_side(self, step: Step, by: Side) -> None:
        rule = rule_of(self.key.category)
        if step in {Step.WITHDRAW, Step.TIME_OVER}:
            return
        if step in {Step.CONFIRM, Step.REFUTE}:
            if by not in (rule.confirmed_by or {Side.REQUESTING}):
                raise ExchangeError(
                    "in this category the requesting party confirms",
                    code="not_yours_to_confirm",
                    rule=f"{_REG} Arts. 11(2), 20, 47(1)(b)",
                )
            return
        if not rule.has_core_data:
            raise ExchangeError(
                "this category has no core data", code="no_core_data", rule=rule.source
            )
        if step in {Step.SEND_FACTS, Step.FACTS_ARRIVED}:
            if self.confirmed_by not in (None, by):
                raise ExchangeError(
                    "the party that confirmed sends the facts",
                    code="not_the_confirming_side",
                    rule=f"{_REG} Art. 47(1)(c), (3)",
                )
        elif by is not (self.releasing or by):
            raise ExchangeError(
                "the other party decides on core data",
                code="not_yours_to_release",
                rule=f"{_REG} Art. 47(1), (3)",
            )
