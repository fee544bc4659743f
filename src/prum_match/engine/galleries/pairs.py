"""All comparisons of a search, for answers that are made of many of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from prum_match import _native
from prum_match.engine.galleries.eligible import Eligible, native_filter
from prum_match.engine.runtime import check_threads
from prum_match.engine.segments import rows

if TYPE_CHECKING:
    from prum_match.engine.galleries.gallery import Gallery


def all_pairs(
    gallery: Gallery[Any],
    matcher: _native.Matcher,
    eligible: Eligible | None = None,
    threads: int | None = None,
) -> _native.Pairs:
    """Return all that a matcher offers, and whose the references are.

    Either all pairs of a reference are there, or it was erased before this returned.
    """
    workers = 0 if threads is None else check_threads(threads)
    gallery._catch_up()
    labels, ids, ranges = native_filter(eligible, gallery._home.labels, gallery.category)
    while True:
        with rows.naming("eligible", ids or []):
            found = gallery._core.pairs(matcher, workers, labels, ids, ranges)
        if not gallery._catch_up() or found.all_live:
            return found
