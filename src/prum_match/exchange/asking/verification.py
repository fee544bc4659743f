"""Check of a reply by the party that asked: its date, and its candidates against the probe."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from prum_match import engine
from prum_match.errors import PrumError
from prum_match.exchange.asking.probes import Probes
from prum_match.exchange.messages.envelope import SKEW
from prum_match.exchange.messages.search import ReplyCandidate, SearchReply, SearchRequest
from prum_match.exchange.outcomes import NOT_UNDER_POLICY, CheckedCandidate, Outcome, PartyOutcome


def is_ill_timed(reply: SearchReply, request: SearchRequest, now: datetime) -> bool:
    """Tell whether a reply is dated before its request or in the future."""
    return not request.time - SKEW <= reply.time <= now + SKEW


class Verifier:
    """Comparison of candidates with the probe that was sent."""

    def __init__(self, probes: Probes, policy: engine.Policy | None) -> None:
        self._wire = probes.wire
        self._policy = probes.reply_policy(policy)

    def candidates(self, reply: SearchReply, request: SearchRequest) -> tuple[ReplyCandidate, ...]:
        """Return the candidates of a reply, those that can be compared as `CheckedCandidate`."""
        wire, policy = self._wire, self._policy
        if wire is None or policy is None or not reply.candidates:
            return reply.candidates
        try:
            probe = wire.probe_from_bytes(request.probe)
        except PrumError:  # a sample, which the other party turned into a probe
            return reply.candidates

        def checked(candidate: ReplyCandidate) -> ReplyCandidate:
            try:
                verified = wire.verify(probe, candidate.data, policy, reply.time)
            except PrumError:  # no matching data of the category
                verified = False
            if verified is None:
                return candidate
            return CheckedCandidate.of(candidate, verified, policy)

        return tuple(checked(one) if one.data else one for one in reply.candidates)

    def judged(
        self, state: PartyOutcome, reply: SearchReply, request: SearchRequest
    ) -> PartyOutcome:
        """Return an outcome with its candidates checked; a hit that no candidate is, is invalid."""
        state = replace(state, candidates=self.candidates(reply, request))
        if state.candidates and all(one.verified is False for one in state.candidates):
            return replace(state, outcome=Outcome.INVALID_REPLY, error_code=NOT_UNDER_POLICY)
        return state
