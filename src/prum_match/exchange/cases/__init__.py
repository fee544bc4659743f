"""Cases: searches of one probe set in several categories, and the view of their outcomes."""

from __future__ import annotations

from prum_match.exchange.cases.view import CaseHit, CaseSearch, CaseView, Refusal, view_case

__all__ = [
    "CaseHit",
    "CaseSearch",
    "CaseView",
    "Refusal",
    "view_case",
]
