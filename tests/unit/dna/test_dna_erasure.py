"""Side tables of erased profiles: their entries are erased, and no other entry is lost."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from prum_match import _native, dna
from support.galleries.kits import DNA

N = 40  # every other profile of the kit has two loci that only a side entry can hold
NAMES = [f"R{i}" for i in range(N)]


def filled() -> dna.Gallery:
    gallery = dna.Gallery()
    gallery.enrol(NAMES, DNA.items(range(N)))
    return gallery


@given(st.lists(st.sets(st.sampled_from(range(N))), min_size=1, max_size=3))
def test_escapes_of_the_erased_are_gone(steps: list[set[int]]) -> None:
    gallery = filled()
    (segment,) = gallery._core.segments()
    columns = segment.columns
    owner = columns["escapes.key"] // np.uint64(len(columns["loci"]))
    before = list(zip(owner.tolist(), columns["escapes.key"].tolist(), strict=True))
    left = dict(zip(NAMES, DNA.items(range(N)), strict=True))
    for step in steps:
        gone = [NAMES[i] for i in sorted(step) if NAMES[i] in left]
        gallery.erase(gone)
        for name in gone:
            del left[name]
        keys, values = columns["escapes.key"], columns["escapes.value"]
        assert np.all(keys[1:] >= keys[:-1])
        rows = set(segment.find_rows(list(left)).tolist())
        wanted = [key for row, key in before if row in rows]
        assert keys[values.any(axis=1)].tolist() == wanted
        assert set(keys.tolist()) <= {0, *wanted}
        assert {name: gallery[name] for name in left} == left
    for name, profile in left.items():
        assert gallery.search(profile).reference_ids == [name]
    unsealed = gallery.category.layout.unseal(columns, segment.live_row_numbers())
    keys = unsealed["escapes.key"]
    assert np.all(keys[1:] > keys[:-1]), "merging carries nothing dead"
    assert unsealed["escapes.value"].any(axis=1).all()
    gallery.compact()
    assert {name: gallery[name] for name in left} == left


def test_an_inherited_escape_belongs_to_a_live_row() -> None:
    """Also where an erasure was broken off after the live bit, and traces of it are still there."""
    gallery = filled()
    (segment,) = gallery._core.segments()
    keys, slots = segment.columns["escapes.key"], len(segment.columns["loci"])
    owners = keys // np.uint64(slots)
    first, second, third = np.unique(owners)[:3].astype(np.uint32)
    segment.bury(np.array([second, third], np.uint32))
    for name, index, value in gallery.category.layout.traces(segment, np.array([third], np.uint32)):
        segment.columns[name][index] = value
    assert set(keys[owners == third]) == {keys[owners == first][-1]}


def test_an_escape_may_be_inherited_and_die_again() -> None:
    """Keys that a dead entry took from a live one go with that one."""
    gallery = filled()
    (segment,) = gallery._core.segments()
    for name in reversed(NAMES):  # the heirs of one are the next to go
        gallery.erase([name])
    assert not segment.columns["escapes.key"].any()
    assert not segment.columns["escapes.value"].any()


@pytest.mark.parametrize("buried", [False, True])
def test_only_runs_without_other_rows_are_dead(buried: bool) -> None:
    """Whether the rows are buried already or only going to be."""
    gallery = dna.Gallery()
    gallery.enrol(["a", "b", "c"], [DNA.item(3), DNA.item(3), DNA.item(4)])
    (segment,) = gallery._core.segments()
    assert len(segment.columns["runs.depth"]) == 1
    some, everyone = np.array([0, 1], np.uint32), np.array([2, 0, 1], np.uint32)
    if buried:
        segment.bury(some)
    assert _native.dna_dead_runs(segment, some).tolist() == []
    if buried:
        segment.bury(everyone)
    assert _native.dna_dead_runs(segment, everyone).tolist() == [0]
