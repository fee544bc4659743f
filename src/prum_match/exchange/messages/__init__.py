"""The messages between parties: closed lists of fields, one canonical encoding, one envelope."""

from __future__ import annotations

from prum_match.exchange.messages.envelope import VERSION, Peek, encode, peek
from prum_match.exchange.messages.follow_up import (
    Confirmation,
    CoreDataMessage,
    Facts,
    StatusMessage,
    StatusRequest,
    StatusResult,
    Verdict,
    Withdrawal,
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

__all__ = [
    "VERSION",
    "Confirmation",
    "CoreDataMessage",
    "Facts",
    "Peek",
    "ReplyCandidate",
    "RequestHead",
    "Result",
    "SearchReply",
    "SearchRequest",
    "StatusMessage",
    "StatusRequest",
    "StatusResult",
    "Verdict",
    "Withdrawal",
    "decode_follow_up",
    "decode_reply",
    "decode_request",
    "decode_status",
    "encode",
    "peek",
]
