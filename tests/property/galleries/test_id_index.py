"""Removed ids leave no trace in the index."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from prum_match import _native
from prum_match.engine import Gallery
from prum_match.engine.segments.rows import traces
from prum_match.errors import DuplicateReference
from toy_category import NUMBERS

pytestmark = pytest.mark.native

ids = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), min_size=1, max_size=64)


def segment_of(names: list[str]) -> _native.Segment:
    gallery: Gallery[int] = Gallery(NUMBERS)
    gallery.enrol(names, list(range(len(names))))
    (segment,) = gallery._core.segments()
    return segment


def rows(values: Any) -> NDArray[np.uint32]:
    return np.array(list(values), np.uint32)


def remove(segment: _native.Segment, gone: NDArray[np.uint32]) -> None:
    before = segment.columns["ids.index"].copy()
    slots, entries = segment.index_without(gone)
    assert np.array_equal(segment.columns["ids.index"], before), "nothing is written"
    assert len(np.unique(slots)) == len(slots) == len(entries)
    assert np.all(before[slots] != entries)
    segment.columns["ids.index"][slots] = entries


def assert_like_new(segment: _native.Segment, names: list[str], left: list[int]) -> None:
    """Check that the remaining ids are found, and that the index holds no others."""
    index = segment.columns["ids.index"]
    assert sorted(index[index != 0] - 1) == left
    fresh = _native.make_id_index(
        segment.columns["ids.offsets"], segment.columns["ids.bytes"], segment.columns["live"]
    )
    assert sorted(fresh[fresh != 0] - 1) == left
    expected = [row if row in set(left) else -1 for row in range(len(names))]
    for entries in (index, fresh):
        twin = _native.Segment(segment.rows, {**segment.columns, "ids.index": entries})
        assert twin.find_rows(names).tolist() == expected


@given(st.data())
def test_removed_ids_leave_no_trace(data: st.DataObject) -> None:
    names = data.draw(st.lists(ids, min_size=1, max_size=64, unique=True))
    segment = segment_of(names)
    left = list(range(len(names)))
    for _ in range(data.draw(st.integers(1, 4))):
        gone = data.draw(st.lists(st.sampled_from(range(len(names))), max_size=len(names)))
        segment.bury(rows(gone))
        remove(segment, rows(gone))  # also those that went before, and some of them twice
        left = [row for row in left if row not in gone]
        assert_like_new(segment, names, left)


@pytest.mark.parametrize("n", [4, 64, 4096])
def test_full_chains_of_many_ids(n: int) -> None:
    """The index has its maximum load: chains are long, and some wrap around its end."""
    random = np.random.default_rng(n)
    names = [f"id {i}" for i in random.permutation(10 * n)[:n]]
    segment = segment_of(names)
    order = random.permutation(n)
    for part in np.array_split(order, 7):
        segment.bury(rows(part))
        remove(segment, rows(part))
    assert not segment.columns["ids.index"].any()
    assert segment.live_rows == 0


def test_single_removals_equal_a_joint_removal() -> None:
    names = [f"id {i}" for i in range(64)]
    one, other = segment_of(names), segment_of(names)
    gone = rows(range(0, 64, 3))
    for segment in (one, other):
        segment.bury(gone)
    remove(one, gone)
    for row in gone:
        remove(other, rows([row]))
    left = [i for i in range(64) if i % 3]
    for segment in (one, other):
        assert_like_new(segment, names, left)


def test_the_index_is_looked_up_before_ids_are_overwritten() -> None:
    segment = segment_of(["a", "b", "c"])
    segment.bury(rows([1]))
    places = list(traces(segment, rows([1])))
    names = [name for name, _, _ in places]
    assert names.index("ids.index") < names.index("ids.bytes")
    for name, index, value in places:
        segment.columns[name][index] = value
    assert segment.columns["ids.bytes"].tobytes() == b"a\0c"
    assert segment.find_rows(["a", "b", "c"]).tolist() == [0, -1, 2]


def test_an_index_of_live_rows_ignores_dead_rows() -> None:
    offsets = np.array([0, 1, 2, 3, 4], np.uint64)
    text = np.frombuffer(b"aaba", np.uint8).copy()
    with pytest.raises(DuplicateReference):
        _native.make_id_index(offsets, text)
    with pytest.raises(DuplicateReference) as caught:
        _native.make_id_index(offsets, text, np.array([0b1101], np.uint64))
    assert caught.value.index == 3
    index = _native.make_id_index(offsets, text, np.array([0b0110], np.uint64))
    assert sorted(index[index != 0]) == [2, 3]


@pytest.mark.parametrize("labels", [None, ["x", "y", "x", None]])
def test_live_rows_are_counted_in_a_column(labels: list[str | None] | None) -> None:
    gallery: Gallery[int] = Gallery(NUMBERS)
    gallery.enrol(["a", "b", "c", "d"], [1, 2, 3, 4], labels=labels)
    (segment,) = gallery._core.segments()
    counts = segment.columns["live.counts"]
    by_label = [1, 2, 1] if labels else [4, 0, 0]
    assert counts[:3].tolist() == by_label
    assert counts[256:].tolist() == [4, 0]
    segment.bury(rows([0, 0, 3]))
    assert counts[:3].tolist() == ([0, 1, 1] if labels else [2, 0, 0])
    assert (counts[256], segment.live_rows) == (2, 2)
    # A segment over the same columns counts with them, as in another process.
    twin = _native.Segment(4, dict(segment.columns))
    twin.bury(rows([1]))
    assert segment.live_rows == twin.live_rows == 1


def test_an_erasure_changes_the_version_of_the_index() -> None:
    gallery: Gallery[int] = Gallery(NUMBERS)
    gallery.enrol(["a", "b"], [1, 2])
    (segment,) = gallery._core.segments()
    gallery.erase(["a", "a"])
    assert segment.columns["live.counts"][256:].tolist() == [1, 2]


def test_all_ids_are_found_after_a_writer_died() -> None:
    """The version stays odd and entries may be missing, so the ids themselves are read."""
    segment = segment_of(["a", "b", "c"])
    segment.columns["live.counts"][257] = 1
    segment.columns["ids.index"][:] = 0
    segment.bury(rows([1]))
    assert segment.find_rows(["a", "b", "c", "d"]).tolist() == [0, -1, 2, -1]


def test_lookups_keep_the_index_and_erasures_hide_ids() -> None:
    gallery: Gallery[int] = Gallery(NUMBERS)
    gallery.enrol(["a", "b"], [1, 2])
    core = gallery._core.native
    before = core.generation
    ((segment, found),) = core.find_everywhere(["b", "a", "b"])
    assert found.tolist() == [0, 1]
    assert (core.generation, len(gallery)) == (before, 2)
    core.bury([(segment, rows([1]))], 2)
    assert core.generation == 2
    assert list(gallery) == gallery.search(2).reference_ids == ["a"]
    # The traces are the caller's to overwrite.
    assert segment.columns["value"].tolist() == [1, 2]
