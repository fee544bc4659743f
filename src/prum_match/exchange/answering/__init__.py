"""The answering side: what each partner may search, and one answer for each request."""

from __future__ import annotations

from prum_match.exchange.answering.holdings import Extract, ReferenceData, SearchableGallery

__all__ = [
    "Extract",
    "ReferenceData",
    "SearchableGallery",
]
