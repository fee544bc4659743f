"""Own and answered number of a message, to match answers with requests."""

from __future__ import annotations

from typing import NamedTuple

from prum_match.errors import ExchangeError
from prum_match.exchange.messages.encoding import loads
from prum_match.exchange.messages.envelope import Limits


class Numbers(NamedTuple):
    """Own number of a message and the number that it answers; None where missing."""

    own: str | None
    answered: str | None


def numbers_of(data: bytes, limits: Limits = Limits()) -> Numbers:
    """Return the numbers of a message of any kind, without checking it; never raises."""
    most_bytes = max(limits.request_bytes, limits.reply_bytes, limits.follow_up_bytes)
    # A search reply is the deepest message, and the one with the most records.
    most_records = 16 + 2 * limits.candidates
    try:
        raw = loads(data, max_bytes=most_bytes, max_depth=4, max_containers=most_records)
    except ExchangeError:
        return Numbers(None, None)
    if not isinstance(raw, dict):
        return Numbers(None, None)
    request = raw.get("request")
    answered = request.get("number") if isinstance(request, dict) else raw.get("answers")
    return Numbers(_text(raw.get("number")), _text(answered))


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
