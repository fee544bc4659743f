"""Search between parties, and everything that follows a hit.

A party asks through a `Requester` (or an `AsyncRequester`) over a `Transport` that the host writes,
and answers through a `Responder`. A `FollowUp` keeps the hits of both. Messages, the audit log,
nightly searches and the like are in the packages `messages`, `hits`, `cases`, `nightly`, `store`,
`audit`, `mailbox` and `http`, and in the module `category_rules`.
"""

from __future__ import annotations

from prum_match.exchange import nightly as nightly  # no module below imports it
from prum_match.exchange.answering.partners import Partner, PartnerRules, Quota
from prum_match.exchange.answering.responder import Responder
from prum_match.exchange.asking.conversation import Conversation, Event
from prum_match.exchange.asking.pending_search import PendingSearch
from prum_match.exchange.asking.sample import Sample
from prum_match.exchange.cases.search import async_search_case, search_case
from prum_match.exchange.cases.view import CaseOutcome
from prum_match.exchange.category_rules import Purpose
from prum_match.exchange.hits.follow_up import FollowUp
from prum_match.exchange.hits.hit import Hit, HitState
from prum_match.exchange.hits.outbox import Retries
from prum_match.exchange.justification import Justification, SubjectClass
from prum_match.exchange.messages.core_data import CoreData
from prum_match.exchange.messages.envelope import Limits
from prum_match.exchange.messages.follow_up import Decision, HitKey, WithdrawalReason
from prum_match.exchange.outcomes import Outcome, PartyOutcome, SearchOutcome
from prum_match.exchange.requesters.async_requester import AsyncRequester
from prum_match.exchange.requesters.courier import Courier
from prum_match.exchange.requesters.requester import Requester
from prum_match.exchange.store.sqlite import SqliteStore
from prum_match.exchange.store.stores import MemoryStore, Store
from prum_match.exchange.transport import (
    AsyncTransport,
    Delivery,
    HubTransport,
    InProcessTransport,
    MailboxTransport,
    Transport,
    TransportBusy,
    TransportError,
    TransportRefused,
    TransportTimeout,
    TransportUnreachable,
)
from prum_match.values.parties import PARTIES, Party, party_code

__all__ = [
    "PARTIES",
    "AsyncRequester",
    "AsyncTransport",
    "CaseOutcome",
    "Conversation",
    "CoreData",
    "Courier",
    "Decision",
    "Delivery",
    "Event",
    "FollowUp",
    "Hit",
    "HitKey",
    "HitState",
    "HubTransport",
    "InProcessTransport",
    "Justification",
    "Limits",
    "MailboxTransport",
    "MemoryStore",
    "Outcome",
    "Partner",
    "PartnerRules",
    "Party",
    "PartyOutcome",
    "PendingSearch",
    "Purpose",
    "Quota",
    "Requester",
    "Responder",
    "Retries",
    "Sample",
    "SearchOutcome",
    "SqliteStore",
    "Store",
    "SubjectClass",
    "Transport",
    "TransportBusy",
    "TransportError",
    "TransportRefused",
    "TransportTimeout",
    "TransportUnreachable",
    "WithdrawalReason",
    "async_search_case",
    "party_code",
    "search_case",
]
