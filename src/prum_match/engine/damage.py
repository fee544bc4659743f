"""The error for segments on disk whose columns contradict each other."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from prum_match.errors import StorageError


def damaged() -> StorageError:
    """Return the error for a segment with a value that no enrolment writes."""
    return StorageError("invalid value in a column of the segment", code="damaged_segment")


@contextmanager
def reading() -> Iterator[None]:
    """Turn the errors of a decoder that reads damaged columns into the one of the segment."""
    try:
        yield
    except (ValueError, IndexError, TypeError, OverflowError):
        # The original error may quote personal data.
        raise damaged() from None
