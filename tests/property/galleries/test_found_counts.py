"""`n_found` depends only on the references, not on the way that they are searched."""

from __future__ import annotations

from itertools import pairwise, product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prum_match.errors import InvalidInput
from support.galleries.kits import DNA, FACE, KITS, TOY_OF_FOUR_PARTS, Kit

EVERY_KIT = pytest.mark.parametrize("kit", [*KITS, TOY_OF_FOUR_PARTS], ids=lambda kit: kit.name)


@st.composite
def orders(draw: st.DrawFn) -> tuple[list[int], list[int]]:
    """Draw two orders of 40 references, and where each is cut into segments."""
    order = draw(st.permutations(range(40)))
    cuts = draw(st.lists(st.integers(1, 39), max_size=3, unique=True).map(sorted))
    return order, [0, *cuts, 40]


def found(kit: Kit, order: list[int], cuts: list[int], **options: Any) -> set[tuple[Any, ...]]:
    """Search in one layout, with each number of threads."""
    gallery = kit.gallery()
    # Of one family: all are candidates of variant 0, but for those of variant 3.
    variants = [(2, 0, 1, 3)[i % 4] for i in range(40)]
    for begin, end in pairwise(cuts):
        part = order[begin:end]
        gallery.enrol(
            [f"R{i:02d}" for i in part],
            [kit.item(0, variants[i]) for i in part],
            subject_ids=[f"S{i % 14}" if i % 5 else None for i in part],
        )
    answers = set()
    for threads in (1, 2, 3):
        answer = gallery.search(kit.item(0), policy=kit.policy, threads=threads, **options)
        answers.add((answer.n_found, answer.truncated, *answer.reference_ids))
    return answers


@EVERY_KIT
@given(drawn=orders(), limit=st.integers(1, 31))
def test_n_found_does_not_depend_on_order_segments_or_threads(
    kit: Kit, drawn: tuple[list[int], list[int]], limit: int
) -> None:
    for fuse, count in product((False, True), (False, True)):
        options: dict[str, Any] = {"limit": limit, "fuse_subjects": fuse, "count_all": count}
        usual = found(kit, list(range(40)), [0, 40], **options)
        assert len(usual) == 1
        assert found(kit, *drawn, **options) == usual
        (n_found, truncated, *listed) = usual.pop()
        (in_all, *_) = found(
            kit, list(range(40)), [0, 40], fuse_subjects=fuse, count_all=True
        ).pop()
        assert truncated == (in_all > limit)
        assert len(listed) == min(limit, in_all)
        assert n_found in ({in_all} if count or not truncated else {in_all, limit + 1})


@EVERY_KIT
def test_a_capped_join_of_a_gallery_with_itself_is_refused(kit: Kit) -> None:
    gallery, other = kit.gallery(), kit.gallery()
    for each in (gallery, other):
        each.enrol(["a", "b", "c"], [kit.item(0), kit.item(0, 1), kit.item(0, 2)])
    with pytest.raises(InvalidInput) as error:
        gallery.join(gallery, policy=kit.capped(1))
    assert (error.value.code, error.value.field) == ("capped_self_join", "policy")
    (block,) = gallery.join(gallery, policy=kit.policy)
    assert not block.truncated
    # With another gallery, each probe has its own cap.
    (block,) = other.join(gallery, policy=kit.capped(1))
    assert sorted(block.probe_ids) == ["a", "b", "c"]
    assert block.truncated


@pytest.mark.parametrize("kit", [DNA, FACE], ids=lambda kit: kit.name)
def test_a_join_finds_the_same_pairs_in_both_orders(kit: Kit) -> None:
    """A cap is refused because without one the pairs do not depend on the order of enrolment."""
    pairs = []
    for order in ((0, 1, 2), (2, 1, 0)):
        gallery = kit.gallery()
        gallery.enrol([f"R{i}" for i in order], [kit.item(0, i) for i in order])
        (block,) = gallery.join(gallery, policy=kit.policy)
        both = zip(block.probe_ids, block.reference_ids, strict=True)
        pairs.append({tuple(sorted(pair)) for pair in both})
    assert pairs[0] == pairs[1]
