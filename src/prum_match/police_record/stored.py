"""Columns of a segment: whoever damaged a file may have written anything into them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from prum_match.engine.segments.rows import damaged

__all__ = ["reading"]


@contextmanager
def reading() -> Iterator[None]:
    """Say that the segment is damaged where it holds what nobody enrolled.

    Raises
    ------
    StorageError
        Code ``"damaged_segment"``.

    Examples
    --------
    >>> with reading():
    ...     [7][1]
    Traceback (most recent call last):
    ...
    prum_match.errors.StorageError: a column of the segment holds what it cannot hold \
[damaged_segment]
    """
    try:
        yield
    except (ValueError, IndexError, TypeError, OverflowError):
        # Not what was wrong with it: that may be somebody's name.
        raise damaged() from None
