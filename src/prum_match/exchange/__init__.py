"""The search step between parties: messages, the conversation core, and both its ends.

`Conversation` is the requesting side without input or output and `Responder` the answering side,
bytes in and bytes out. `Requester` drives a conversation over whatever `Transport` the host plugs
in. No answer is never "no hit": see `Outcome`.
"""

from __future__ import annotations

from prum_match.exchange.conversation import Conversation, Event, Outgoing, Query
from prum_match.exchange.envelope import VERSION, Limits, Peek, encode, peek
from prum_match.exchange.messages import (
    ReplyCandidate,
    RequestHead,
    Result,
    SearchReply,
    SearchRequest,
    decode_reply,
    decode_request,
)
from prum_match.exchange.outcomes import Outcome, PartyOutcome, SearchOutcome
from prum_match.exchange.requester import Requester
from prum_match.exchange.responder import Extract, ReferenceData, Responder, SearchableGallery
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
    "VERSION",
    "AsyncTransport",
    "Conversation",
    "Delivery",
    "Event",
    "Extract",
    "HubTransport",
    "InProcessTransport",
    "Limits",
    "MailboxTransport",
    "Outcome",
    "Outgoing",
    "Party",
    "PartyOutcome",
    "Peek",
    "Query",
    "ReferenceData",
    "ReplyCandidate",
    "RequestHead",
    "Requester",
    "Responder",
    "Result",
    "SearchOutcome",
    "SearchReply",
    "SearchRequest",
    "SearchableGallery",
    "Transport",
    "TransportBusy",
    "TransportError",
    "TransportRefused",
    "TransportTimeout",
    "TransportUnreachable",
    "decode_reply",
    "decode_request",
    "encode",
    "party_code",
    "peek",
]
