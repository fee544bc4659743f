"""Nightly searches and comparisons of whole galleries; each match is reported once."""

from __future__ import annotations

from prum_match.exchange.nightly.bulk import BulkComparison, BulkProgress
from prum_match.exchange.nightly.ledger import MatchLedger
from prum_match.exchange.nightly.matches import Match, MatchKey, MatchStatus, Sighting, sightings
from prum_match.exchange.nightly.open_search import OpenSearch, PartyState, Turn, Unreached
from prum_match.exchange.nightly.open_searches import OpenSearches
from prum_match.exchange.nightly.report import Coverage, NightReport
from prum_match.exchange.nightly.runs import Nightly

__all__ = [
    "BulkComparison",
    "BulkProgress",
    "Coverage",
    "Match",
    "MatchKey",
    "MatchLedger",
    "MatchStatus",
    "NightReport",
    "Nightly",
    "OpenSearch",
    "OpenSearches",
    "PartyState",
    "Sighting",
    "Turn",
    "Unreached",
    "sightings",
]
