"""Hypothesis, which an extra installs; the strategies import it from here."""

from __future__ import annotations

from prum_match.errors import PrumError

try:
    from hypothesis import strategies as st
    from hypothesis.strategies import DrawFn, SearchStrategy
except ImportError as error:
    raise PrumError(
        "these strategies need Hypothesis: install prum-match[testing]",
        code="missing_extra",
        field="hypothesis",
    ) from error

__all__ = ["DrawFn", "SearchStrategy", "st"]
