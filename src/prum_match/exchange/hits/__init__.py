"""Hits at both ends: confirmation by a human, facts of the case, the 48 hours, core data."""

from __future__ import annotations

from prum_match.exchange.hits.hit import RELEASE_TIME, Step
from prum_match.exchange.hits.hit_desk import HitEvent
from prum_match.exchange.hits.outbox import Outgoing

__all__ = [
    "RELEASE_TIME",
    "HitEvent",
    "Outgoing",
    "Step",
]
