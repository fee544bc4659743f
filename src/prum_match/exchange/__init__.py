"""The search step between parties: messages, the conversation core, and both its ends.

`Conversation` is the requesting side without input or output and `Responder` the answering side,
bytes in and bytes out. `Requester` drives a conversation over whatever `Transport` the host plugs
in. No answer is never "no hit": see `Outcome`.
"""

from __future__ import annotations

from prum_match.exchange.answering.holdings import Extract, ReferenceData, SearchableGallery
from prum_match.exchange.answering.partners import Partner, PartnerRules, Quota
from prum_match.exchange.answering.responder import Responder
from prum_match.exchange.asking.conversation import Conversation, Event
from prum_match.exchange.asking.queries import PendingSearch
from prum_match.exchange.asking.sample import Sample
from prum_match.exchange.audit import Act, AuditLog, Entry, MemoryAudit, SqliteAudit
from prum_match.exchange.cases.search import async_search_case, search_case
from prum_match.exchange.cases.view import (
    CaseHit,
    CaseOutcome,
    CaseSearch,
    CaseView,
    Refusal,
    view_case,
)
from prum_match.exchange.category_rules import (
    CATEGORY_RULES,
    CategoryRule,
    Purpose,
    Side,
    rule_of,
)
from prum_match.exchange.hits.follow_up import FollowUp
from prum_match.exchange.hits.hit import RELEASE_TIME, Hit, HitState, Step
from prum_match.exchange.hits.hit_desk import HitEvent
from prum_match.exchange.hits.outbox import Outgoing, Retries
from prum_match.exchange.justification import Justification, SubjectClass
from prum_match.exchange.messages.core_data import CoreData
from prum_match.exchange.messages.envelope import VERSION, Limits, Peek, encode, peek
from prum_match.exchange.messages.follow_up import (
    Confirmation,
    CoreDataMessage,
    Decision,
    Facts,
    HitKey,
    StatusMessage,
    StatusRequest,
    StatusResult,
    Verdict,
    Withdrawal,
    WithdrawalReason,
    decode_follow_up,
    decode_status,
)
from prum_match.exchange.messages.search import (
    ReplyCandidate,
    RequestHead,
    Result,
    SearchReply,
    SearchRequest,
    decode_reply,
    decode_request,
)
from prum_match.exchange.nightly.bulk import BulkComparison, BulkProgress
from prum_match.exchange.nightly.ledger import MatchLedger
from prum_match.exchange.nightly.matches import Match, MatchKey, MatchStatus, Sighting, sightings
from prum_match.exchange.nightly.open_search import OpenSearch, PartyState, Turn
from prum_match.exchange.nightly.open_searches import OpenSearches
from prum_match.exchange.nightly.runs import Coverage, Nightly, NightReport
from prum_match.exchange.outcomes import Outcome, PartyOutcome, SearchOutcome
from prum_match.exchange.requesters.async_requester import AsyncRequester
from prum_match.exchange.requesters.courier import Courier
from prum_match.exchange.requesters.dispatch import ReplyDispatcher
from prum_match.exchange.requesters.requester import Requester
from prum_match.exchange.store.stores import MemoryStore, SqliteStore, Store, StoreTransaction
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
    "CATEGORY_RULES",
    "PARTIES",
    "RELEASE_TIME",
    "VERSION",
    "Act",
    "AsyncRequester",
    "AsyncTransport",
    "AuditLog",
    "BulkComparison",
    "BulkProgress",
    "CaseHit",
    "CaseOutcome",
    "CaseSearch",
    "CaseView",
    "CategoryRule",
    "Confirmation",
    "Conversation",
    "CoreData",
    "CoreDataMessage",
    "Courier",
    "Coverage",
    "Decision",
    "Delivery",
    "Entry",
    "Event",
    "Extract",
    "Facts",
    "FollowUp",
    "Hit",
    "HitEvent",
    "HitKey",
    "HitState",
    "HubTransport",
    "InProcessTransport",
    "Justification",
    "Limits",
    "MailboxTransport",
    "Match",
    "MatchKey",
    "MatchLedger",
    "MatchStatus",
    "MemoryAudit",
    "MemoryStore",
    "NightReport",
    "Nightly",
    "OpenSearch",
    "OpenSearches",
    "Outcome",
    "Outgoing",
    "Partner",
    "PartnerRules",
    "Party",
    "PartyOutcome",
    "PartyState",
    "Peek",
    "PendingSearch",
    "Purpose",
    "Quota",
    "ReferenceData",
    "Refusal",
    "ReplyCandidate",
    "ReplyDispatcher",
    "RequestHead",
    "Requester",
    "Responder",
    "Result",
    "Retries",
    "Sample",
    "SearchOutcome",
    "SearchReply",
    "SearchRequest",
    "SearchableGallery",
    "Side",
    "Sighting",
    "SqliteAudit",
    "SqliteStore",
    "StatusMessage",
    "StatusRequest",
    "StatusResult",
    "Step",
    "Store",
    "StoreTransaction",
    "SubjectClass",
    "Transport",
    "TransportBusy",
    "TransportError",
    "TransportRefused",
    "TransportTimeout",
    "TransportUnreachable",
    "Turn",
    "Verdict",
    "Withdrawal",
    "WithdrawalReason",
    "async_search_case",
    "decode_follow_up",
    "decode_reply",
    "decode_request",
    "decode_status",
    "encode",
    "party_code",
    "peek",
    "rule_of",
    "search_case",
    "sightings",
    "view_case",
]
