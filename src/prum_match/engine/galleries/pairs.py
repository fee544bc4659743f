"""All comparisons of a search, for results that combine many of them."""

from __future__ import annotations

from typing import Any

from prum_match import _native
from prum_match.engine.galleries.core import GalleryCore
from prum_match.engine.galleries.eligible import Eligible, native_filter
from prum_match.engine.runtime import check_threads
from prum_match.engine.segments import rows


def all_pairs(
    core: GalleryCore[Any],
    matcher: _native.Matcher,
    eligible: Eligible | None = None,
    threads: int | None = None,
) -> _native.Pairs:
    """Return every pair that a matcher finds, and the subjects of the references.

    The pairs of a reference are complete, or it was erased before this returned.
    """
    workers = 0 if threads is None else check_threads(threads)
    core.catch_up()
    labels, ids, ranges = native_filter(eligible, core.storage.labels, core.category)
    while True:
        with rows.naming("eligible", ids or []):
            found = core.native.pairs(matcher, workers, labels, ids, ranges)
        if not core.catch_up() or found.all_live:
            return found
