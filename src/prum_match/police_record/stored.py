"""Columns of a segment: whoever damaged a file may have written anything into them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from prum_match.engine.segments.rows import damaged


@contextmanager
def reading() -> Iterator[None]:
    """Say that the segment is damaged where it holds what nobody enrolled."""
    try:
        yield
    except (ValueError, IndexError, TypeError, OverflowError):
        # Not what was wrong with it: that may be somebody's name.
        raise damaged() from None
