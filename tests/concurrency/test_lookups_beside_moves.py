"""Ids are looked up while entries of the index move, as if by another process."""

from __future__ import annotations

import numpy as np

from prum_match import _native
from prum_match.engine import Gallery
from support.threads import crew
from toy_category import NUMBERS

N = 1024


def test_no_live_id_is_missed_while_entries_move() -> None:
    """The writer removes rows from the index and puts them back, changing its version."""
    gallery: Gallery[int] = Gallery(NUMBERS)
    names = [f"id {i}" for i in range(N)]
    gallery.enrol(names, list(range(N)))
    (segment,) = gallery._core.segments()
    # A writer of another process has a view of its own of the same memory.
    writer = _native.Segment(N, dict(segment.columns))
    index, version = segment.columns["ids.index"], segment.columns["live.counts"][257:]
    gone = np.arange(0, N, 3, dtype=np.uint32)
    segment.bury(gone)
    left = [i for i in range(N) if i % 3]
    asked = [names[i] for i in left] + ["nobody"] * 8
    whole = index.copy()
    slots, entries = writer.index_without(gone)

    def move() -> None:
        for values in (entries, whole[slots]):
            version[0] += np.uint64(1)
            # One by one and in no order, so that entries are missing for a while.
            index[slots] = 0
            for i in np.random.permutation(len(slots)):
                index[slots[i]] = values[i]
            version[0] += np.uint64(1)

    def look_up() -> None:
        assert segment.find_rows(asked).tolist() == left + [-1] * 8

    with crew() as working:
        working.repeat("move", move)
        working.repeat("look up", look_up)
        working.repeat("look up too", look_up)
        for _ in range(50):
            look_up()
    assert np.array_equal(index, whole)
