"""The outcome of a party, from its reply or from the failure in its place."""

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

_REPEATED = tuple(one.name for one in fields(RequestHead))
_OF_FAILURE = {
    TransportTimeout: Outcome.TIMEOUT,
    TransportUnreachable: Outcome.UNREACHABLE,
    TransportBusy: Outcome.BUSY,
    TransportRefused: Outcome.REFUSED,
}


def of_reply(reply: SearchReply) -> PartyOutcome:
    """Return the outcome that a reply gives."""
    failed = reply.result is Result.ERROR
    outcome = Outcome.REMOTE_ERROR if failed else Outcome(reply.result.value)
    return PartyOutcome(outcome, reply.candidates, None, reply.code, reply.retry_after)


def of_failure(error: Exception) -> PartyOutcome:
    """Return the outcome of a failed call; an error of no transport class is a remote error."""
    outcome = next(
        (one for kind, one in _OF_FAILURE.items() if isinstance(error, kind)),
        Outcome.REMOTE_ERROR,
    )
    code, wait = failure_of(error)
    return PartyOutcome(outcome, (), None, code, wait)


def misfit(reply: SearchReply, request: SearchRequest) -> str | None:
    """Return why a reply does not belong to a request, as a code; None if it does."""
    if reply.request is None:  # an error about a request that the party could not read
        return None
    said = reply.request
    wrong = next((n for n in _REPEATED if getattr(said, n) != getattr(request, n)), None)
    return None if wrong is None else f"wrong_{wrong}"
