"""Requests in a store, by party and number: the question behind each reply that may still come."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from prum_match.exchange.messages.checked import Checked
from prum_match.exchange.messages.envelope import COUNT, NUMBER, WORD
from prum_match.exchange.messages.follow_up import HitKey
from prum_match.exchange.messages.records import (
    BYTES,
    TIME,
    integer,
    member,
    optional,
)
from prum_match.exchange.outcomes import Outcome, PartyOutcome
from prum_match.exchange.store.stored import record_from
from prum_match.exchange.store.stores import StoreTransaction


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedRecord(Checked):
    """One request to one party, as a store holds it; `query` is the id of its pending search."""

    query: str = field(metadata=NUMBER.meta)
    request: bytes = field(metadata=BYTES.meta, repr=False)
    due: datetime = field(metadata=TIME.meta)
    attempts: int = field(metadata=COUNT.meta)
    outcome: Outcome = field(metadata=member(Outcome).meta)
    elapsed: int | None = field(metadata=optional(COUNT).meta)  # microseconds
    code: str | None = field(metadata=optional(WORD).meta)
    retry_after: int | None = field(metadata=optional(integer(0, 2**53 - 1)).meta)  # microseconds
    reply: bytes | None = field(metadata=optional(BYTES).meta, repr=False)


def asked_kind(category: str) -> str:
    """Return the kind under which a store holds the requests of a category."""
    return f"asked/{category}"


def asked_key(party: str, number: str) -> str:
    """Return the key of one request."""
    return f"{party}/{number}"


def is_awaited(entries: StoreTransaction, hit: HitKey) -> bool:
    """Tell whether the reply that brings a hit may still come."""
    kind = asked_kind(hit.category)
    value = entries.get(kind, asked_key(hit.requested, hit.request))
    if value is None:
        return False
    kept = record_from(AskedRecord, kind, value)
    # A refusal by the transport ends the wait, but a reply that comes all the same still counts.
    is_final = PartyOutcome(kept.outcome, error_code=kept.code).is_final
    return not is_final or kept.reply is None
