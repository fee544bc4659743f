"""What a reply, or a failure in the place of one, says of the party that was asked."""

from __future__ import annotations

from dataclasses import fields

from prum_match.exchange.messages.search import RequestHead, Result, SearchReply, SearchRequest
from prum_match.exchange.outcomes import Outcome, PartyOutcome
from prum_match.exchange.reasons import failure_of
from prum_match.exchange.transport import (
    TransportBusy,
    TransportRefused,
    TransportTimeout,
    TransportUnreachable,
)

_OF_RESULT: dict[Result, Outcome] = {
    Result.HIT: Outcome.HIT,
    Result.NO_HIT: Outcome.NO_HIT,
    Result.UNSUITABLE: Outcome.UNSUITABLE,
    Result.REFUSED: Outcome.REFUSED,
    Result.BUSY: Outcome.BUSY,
    Result.ERROR: Outcome.REMOTE_ERROR,
}
_REPEATED = tuple(one.name for one in fields(RequestHead))
_OF_FAILURE = {
    TransportTimeout: Outcome.TIMEOUT,
    TransportUnreachable: Outcome.UNREACHABLE,
    TransportBusy: Outcome.BUSY,
    TransportRefused: Outcome.REFUSED,
}


def of_reply(reply: SearchReply) -> PartyOutcome:
    """Return what a reply says."""
    outcome = _OF_RESULT[reply.result]
    return PartyOutcome(outcome, reply.candidates, None, reply.code, reply.retry_after)


def of_failure(error: Exception) -> PartyOutcome:
    """Return what is known when there is no reply; an error of no transport is the party's own."""
    outcome = next(
        (one for kind, one in _OF_FAILURE.items() if isinstance(error, kind)),
        Outcome.REMOTE_ERROR,
    )
    code, wait = failure_of(error)
    return PartyOutcome(outcome, (), None, code, wait)


def misfit(reply: SearchReply, request: SearchRequest) -> str | None:
    """Return the code that says why a reply does not belong to a request, or None if it does."""
    if reply.request is None:  # an error about a request that the party could not read
        return None
    said = reply.request
    wrong = next((n for n in _REPEATED if getattr(said, n) != getattr(request, n)), None)
    return None if wrong is None else f"wrong_{wrong}"
