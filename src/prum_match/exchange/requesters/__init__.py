"""Requesters: conversations with several parties at once, and the delivery of late replies."""

from __future__ import annotations

from prum_match.exchange.requesters.dispatch import ReplyDispatcher

__all__ = [
    "ReplyDispatcher",
]
