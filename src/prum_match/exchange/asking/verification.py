"""Check of a reply by the party that asked: its date, and its candidates against the probe."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from prum_match import engine
from prum_match.errors import PrumError
from prum_match.exchange.asking.probes import Probes
from prum_match.exchange.messages.envelope import SKEW
from prum_match.exchange.messages.search import ReplyCandidate, SearchReply, SearchRequest
from prum_match.exchange.outcomes import (
    NOT_UNDER_POLICY,
    CheckedCandidate,
    Outcome,
    PartyOutcome,
)


def is_ill_timed(reply: SearchReply, request: SearchRequest, now: datetime) -> bool:
    """Tell whether a reply is dated before its request or in the future."""
    return not request.time - SKEW <= reply.time <= now + SKEW


class Verifier:
    """Comparison of candidates with the probe that was sent."""

    def __init__(self, probes: Probes, policy: engine.Policy | None) -> None:
        self._wire = probes.wire
        self.policy = probes.reply_policy(policy)

    def candidates(self, reply: SearchReply, request: SearchRequest) -> tuple[ReplyCandidate, ...]:
        """Return the candidates of a reply, those that can be compared as `CheckedCandidate`."""
        compare = self._comparison(request.probe, reply.time)
        if compare is None:
            return reply.candidates
        return tuple(
            CheckedCandidate.of(one, verified, self.policy)
            if one.data and (verified := compare(one.data)) is not None
            else one
            for one in reply.candidates
        )

    def judged(
        self, state: PartyOutcome, reply: SearchReply, request: SearchRequest
    ) -> PartyOutcome:
        """Return an outcome with its candidates checked; a hit that no candidate is, is invalid."""
        state = replace(state, candidates=self.candidates(reply, request))
        if state.candidates and all(one.verified is False for one in state.candidates):
            return replace(state, outcome=Outcome.INVALID_REPLY, error_code=NOT_UNDER_POLICY)
        return state

    def _comparison(self, probe: bytes, time: datetime) -> Callable[[bytes], bool | None] | None:
        """Return the comparison of data with a probe; None: the probe cannot be compared."""
        wire, policy = self._wire, self.policy
        if wire is None or policy is None:
            return None
        try:
            item: Any = wire.probe_from_bytes(probe)
        except PrumError:  # a sample, which the other party turned into a probe
            return None

        def compare(data: bytes) -> bool | None:
            try:
                return wire.verify(item, data, policy, time)
            except PrumError:  # no matching data of the category
                return False

        return compare
