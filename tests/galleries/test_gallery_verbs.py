"""The behaviour of a gallery, verb by verb."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise, product
from typing import Any

import numpy as np
import pytest

from prum_match import Eligible, PrumError
from prum_match.engine import Gallery, Policy
from prum_match.errors import ComparisonMismatch, InvalidInput, UnknownReference
from support.galleries.kits import KITS, Kit

pytestmark = pytest.mark.native

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def filled(kit: Kit, n: int, **options: Any) -> Gallery[Any]:
    """Enrol families 0 to n - 1 as R0, R1, ..."""
    gallery = kit.gallery()
    gallery.enrol([f"R{i}" for i in range(n)], kit.items(range(n)), **options)
    return gallery


def test_candidates_of_the_kit_belong_to_one_family(kit: Kit) -> None:
    for family in range(60):
        variants = [kit.item(family, variant) for variant in range(4)]
        keys = [kit.judge(variants[0], item) for item in variants]
        assert keys[3] is None
        ranked = [key for key in keys[:3] if key is not None]
        assert len(ranked) == 3
        assert all(a < b for a, b in pairwise(ranked))
        assert kit.judge(variants[0], kit.item(family + 1)) is None


# --- enrol --------------------------------------------------------------------------------------


def test_enrolled_items_can_be_read_again(kit: Kit) -> None:
    gallery = kit.gallery()
    before = gallery.generation
    report = gallery.enrol(["a", "b"], kit.items([0, 1]))
    assert (report.enrolled, report.refused) == (2, ())
    assert report.generation == gallery.generation == before + 1
    assert len(gallery) == 2
    assert "a" in gallery
    assert "c" not in gallery
    assert 5 not in gallery
    assert "ä" not in gallery
    assert "\ud800" not in gallery
    assert gallery["b"] == kit.item(1)
    assert gallery.category.name == kit.category
    assert repr(gallery) == f"<Gallery: 2 references, category {kit.category}>"


@pytest.mark.parametrize("n", [1, 2, 63, 64, 65, 128, 129])
def test_galleries_of_sizes_around_a_word_of_live_bits(kit: Kit, n: int) -> None:
    gallery = filled(kit, n)
    assert len(gallery) == n
    for i in {0, n // 2, n - 1}:
        assert gallery.search(kit.item(i)).reference_ids == [f"R{i}"]
        assert gallery.search(kit.item(i)).examined == n
    gallery.erase([f"R{n - 1}"])
    assert len(gallery) == n - 1
    answer = gallery.search(kit.item(n - 1))
    assert (len(answer), answer.examined) == (0, n - 1)
    assert sum(segment.live_rows for segment in gallery._core.segments()) == n - 1


def test_an_empty_gallery_can_be_searched(kit: Kit) -> None:
    gallery = kit.gallery()
    answer = gallery.search(kit.item(0))
    assert (list(answer), answer.n_found, answer.examined, answer.truncated) == ([], 0, 0, False)
    assert len(answer.columns) > 0
    assert all(len(column) == 0 for column in answer.columns.values())
    assert list(gallery.join(gallery)) == []
    gallery.compact()
    gallery.erase([])
    assert gallery.purge(now=NOON).reference_ids == ()
    assert len(gallery) == 0
    with pytest.raises(IndexError):
        answer[0]


def test_empty_calls_are_accepted(kit: Kit) -> None:
    gallery = filled(kit, 3)
    before = gallery.generation
    report = gallery.enrol([], [])
    assert (report.enrolled, gallery.generation) == (0, before)
    answers = gallery.search_many([])
    assert (len(answers), list(answers), answers.reference_ids) == (0, [], [])
    assert gallery.replace([], []).enrolled == 0
    assert len(gallery) == 3


def test_many_small_calls_are_merged(kit: Kit) -> None:
    """One reference at a time: few segments, and every reference is still found."""
    gallery = kit.gallery()
    for i in range(100):
        gallery.enrol([f"R{i}"], [kit.item(i)])
    assert len(gallery._core.segments()) <= 16
    assert len(gallery) == 100
    for i in range(0, 100, 7):
        assert gallery.search(kit.item(i)).reference_ids == [f"R{i}"]


# --- search -------------------------------------------------------------------------------------


def test_candidates_are_ordered_by_rank_and_then_by_the_bytes_of_their_ids(kit: Kit) -> None:
    gallery = kit.gallery()
    references = {
        name: kit.item(5, variant)
        for name, variant in [("b", 0), ("B", 0), ("a ", 2), ("a", 2), ("z", 1), ("A", 3), ("~", 0)]
    }
    gallery.enrol(list(references), list(references.values()))
    answer = gallery.search(kit.item(5))
    assert answer.reference_ids == ["B", "b", "~", "z", "a", "a "]
    assert answer.reference_ids == kit.expected(kit.item(5), references)
    assert [candidate.rank for candidate in answer] == [1, 2, 3, 4, 5, 6]


def test_a_candidate_list_is_a_sequence(kit: Kit) -> None:
    gallery = kit.gallery()
    gallery.enrol(["a", "b", "c"], [kit.item(0, variant) for variant in range(3)])
    answer = gallery.search(kit.item(0))
    assert [c.reference_id for c in answer] == [answer[i].reference_id for i in range(3)]
    assert answer[-1].reference_id == "c"
    assert [c.reference_id for c in answer[1:]] == ["b", "c"]
    assert answer[1].columns.keys() == answer.columns.keys()
    assert (answer.category, answer.generation) == (kit.category, gallery.generation)
    assert answer.policy == kit.policy
    assert repr(answer[0]) == "<Candidate 1: a>"
    assert f"3 of 3 {kit.category} references" in repr(answer)
    assert str(answer[0].explain())
    for beyond in (3, -4):
        with pytest.raises(IndexError):
            answer[beyond]


def test_search_many_is_a_sequence_of_lists(kit: Kit) -> None:
    gallery = filled(kit, 6)
    answers = gallery.search_many(kit.items([5, 9, 0]))
    assert [answer.reference_ids for answer in answers] == [["R5"], [], ["R0"]]
    assert answers[-1].reference_ids == ["R0"]
    assert [answer.reference_ids for answer in answers[:2]] == [["R5"], []]
    assert answers.offsets.tolist() == [0, 1, 1, 2]
    assert answers.n_found.tolist() == [1, 0, 1]
    assert answers.examined.tolist() == [6, 6, 6]
    assert set(answers.generation.tolist()) == {gallery.generation}
    assert repr(answers) == "<CandidateLists: 3 probes, 2 candidates>"
    with pytest.raises(IndexError):
        answers[3]


def test_more_probes_than_one_group(kit: Kit) -> None:
    """1024 probes share a pass over memory (csrc/engine/gallery.cpp); more need a second one."""
    gallery = filled(kit, 40)
    families = [i % 41 for i in range(2 * 1024 + 3)]
    answers = gallery.search_many(kit.items(families), threads=2)
    wanted = [[f"R{family}"] if family < 40 else [] for family in families]
    assert [answer.reference_ids for answer in answers] == wanted
    assert str(answers[2 * 1024 + 2][0].explain())


@pytest.mark.parametrize("threads", [1, 2, 5, None])
def test_a_limit_truncates_the_list_in_every_layout(kit: Kit, threads: int | None) -> None:
    """The list has the best of all segments, in any order; `n_found` counts past the cut."""
    references = {f"R{i:02d}": kit.item(0, (2, 0, 1, 3)[i % 4]) for i in range(40)}
    names, ends = list(references), (0, 27, 36, 39, 40)
    gallery = kit.gallery()
    for begin, end in pairwise(ends):
        gallery.enrol(names[begin:end], [references[name] for name in names[begin:end]])
    assert len(gallery._core.segments()) == 4
    wanted = kit.expected(kit.item(0), references)
    assert len(wanted) == 30
    for limit in (1, 2, 9, 10, 11, 29, 30, 31):
        answer = gallery.search(kit.item(0), limit=limit, threads=threads)
        assert answer.reference_ids == wanted[:limit]
        assert kit.counted(answer.n_found, len(answer), 30)
        assert answer.truncated == (limit < 30)
        assert (", truncated" in repr(answer)) == (limit < 30)
        capped = gallery.search(kit.item(0), policy=kit.capped(limit), threads=threads)
        assert capped.reference_ids == wanted[:limit]
        assert capped.truncated == (limit < 30)
    both = gallery.search(kit.item(0), policy=kit.capped(3), limit=7, threads=threads)
    assert both.reference_ids == wanted[:3]


# --- eligible -----------------------------------------------------------------------------------


def test_labels_and_ids_narrow_the_search(kit: Kit) -> None:
    gallery = kit.gallery(open_labels=True, labels=["victim"])
    names = [f"R{i}" for i in range(6)]
    labels = ["suspect", None, "stain", "suspect", None, "stain"]
    gallery.enrol(names[:4], [kit.item(0)] * 4, labels=labels[:4])
    gallery.enrol(names[4:], [kit.item(0)] * 2, labels=labels[4:])

    def found(**options: Any) -> tuple[list[str], int]:
        answer = gallery.search(kit.item(0), eligible=Eligible(**options))
        return answer.reference_ids, answer.examined

    assert found() == (names, 6)
    assert found(labels={"suspect"}) == (["R0", "R3"], 2)
    assert found(labels=["stain", "suspect"]) == (["R0", "R2", "R3", "R5"], 4)
    assert found(labels=[]) == ([], 0)
    assert found(labels={"victim"}) == ([], 0)  # known from the start, held by none
    assert found(reference_ids=["R5", "R1"]) == (["R1", "R5"], 2)
    assert found(reference_ids=[]) == ([], 0)
    assert found(labels={"stain"}, reference_ids={"R0", "R5"}) == (["R5"], 1)
    gallery.erase(["R5"])
    assert found(labels={"stain"}) == (["R2"], 1)
    assert [c.label for c in gallery.search(kit.item(0))] == labels[:5]


def test_unknown_labels_and_ids_of_a_filter_are_refused(kit: Kit) -> None:
    gallery = filled(kit, 2, labels="suspect")
    with pytest.raises(InvalidInput) as bad_label:
        gallery.search(kit.item(0), eligible=Eligible(labels={"suspcet"}))
    assert (bad_label.value.code, bad_label.value.field) == ("unknown_label", "eligible")
    for unknown in ("R9", 9, "ä", None):
        ids: Any = ["R0", unknown]
        with pytest.raises(UnknownReference) as bad_id:
            gallery.search(kit.item(0), eligible=Eligible(reference_ids=ids))
        assert bad_id.value.code == "unknown_reference"
        assert (bad_id.value.index, bad_id.value.field) == (1, "eligible")
        assert bad_id.value.value == unknown
    gallery.erase(["R1"])
    with pytest.raises(UnknownReference):
        gallery.search(kit.item(0), eligible=Eligible(reference_ids=["R1"]))


def test_labels_are_given_for_all_or_one_by_one(kit: Kit) -> None:
    gallery = kit.gallery()
    gallery.enrol(["a", "b"], [kit.item(0)] * 2, labels="suspect")
    gallery.enrol(["c"], [kit.item(0)])
    assert [c.label for c in gallery.search(kit.item(0))] == ["suspect", "suspect", None]
    gallery.compact()
    assert [c.label for c in gallery.search(kit.item(0))] == ["suspect", "suspect", None]


def test_a_gallery_has_at_most_255_labels(kit: Kit) -> None:
    gallery = kit.gallery()
    labels = [f"L{i}" for i in range(255)]
    names = [f"R{i}" for i in range(255)]
    gallery.enrol(names, [kit.item(0)] * 255, labels=labels)
    answer = gallery.search(kit.item(0), eligible=Eligible(labels=["L0", "L254"]))
    assert answer.reference_ids == ["R0", "R254"]
    with pytest.raises(InvalidInput) as caught:
        gallery.enrol(["x", "y"], [kit.item(0)] * 2, labels=["L3", "one too many"])
    assert (caught.value.code, caught.value.index) == ("too_many_labels", 1)
    assert len(gallery) == 255


# --- subjects, expiry ---------------------------------------------------------------------------


def test_subjects_stay_with_their_references(kit: Kit) -> None:
    gallery = kit.gallery()
    gallery.enrol(["a", "b", "c"], [kit.item(0)] * 3, subject_ids=["person 1", None, "person 1"])
    gallery.enrol(["d"], [kit.item(0)])
    wanted = [("a", "person 1"), ("b", None), ("c", "person 1"), ("d", None)]
    if kit.fuses_subjects:
        del wanted[2]
    for _ in range(2):
        answer = gallery.search(kit.item(0))
        assert [(c.reference_id, c.subject_id) for c in answer] == wanted
        assert answer.n_found == len(wanted)
        gallery.compact()


def test_fused_subjects_are_represented_by_their_best_reference(kit: Kit) -> None:
    """A fused subject is one candidate: over all segments, and after an erasure."""
    gallery = kit.gallery()
    items = {"a": kit.item(0, 2), "b": kit.item(0, 1), "c": kit.item(0, 1), "d": kit.item(0, 2)}
    subjects = {"a": "S", "b": "T", "c": "S", "d": "T"}
    gallery.enrol(["a", "b"], [items["a"], items["b"]], subject_ids=["S", "T"])
    gallery.enrol(["c"], [items["c"]], subject_ids=["S"])
    gallery.enrol(["d"], [items["d"]], subject_ids=["T"])

    def check() -> None:
        wanted = kit.expected(kit.item(0), items, subjects)
        answer = gallery.search(kit.item(0), limit=4)
        assert answer.reference_ids == wanted
        assert (answer.n_found, answer.examined) == (len(wanted), len(items))
        assert gallery.search(kit.item(0), limit=1).reference_ids == wanted[:1]

    check()
    for gone in ("b", "a", "c"):
        gallery.erase([gone])
        del items[gone]
        check()


def test_purge_erases_expired_references(kit: Kit) -> None:
    gallery = kit.gallery()
    early = datetime(1912, 1, 1, tzinfo=UTC)
    expiries = [NOON, NOON + SECOND, None, early, NOON - SECOND]
    gallery.enrol(list("abcde"), [kit.item(0)] * 5, expires=expiries)
    gallery.enrol(["f"], [kit.item(0)])
    assert sorted(gallery.purge(now=NOON - 2 * SECOND).reference_ids) == ["d"]
    # The moment itself has come; other time zones are the same moment.
    east = (NOON).astimezone(datetime.now().astimezone().tzinfo)
    assert sorted(gallery.purge(now=east).reference_ids) == ["a", "e"]
    assert gallery.search(kit.item(0)).reference_ids == ["b", "c", "f"]
    before = gallery.generation
    assert gallery.purge(now=NOON).reference_ids == ()
    assert gallery.generation == before
    gallery.compact()
    assert gallery.purge(now=NOON + timedelta(days=9999)).reference_ids == ("b",)
    assert len(gallery) == 2


def test_a_fraction_of_a_second_is_rounded_up(kit: Kit) -> None:
    """A reference is kept until the second is over, never shorter than requested."""
    gallery = kit.gallery()
    gallery.enrol(["a"], [kit.item(0)], expires=[NOON + SECOND / 2])
    assert gallery.purge(now=NOON + SECOND / 2 - SECOND / 1000).reference_ids == ()
    assert gallery.purge(now=NOON + SECOND).reference_ids == ("a",)


# --- replace, erase, compact --------------------------------------------------------------------


def test_replace_keeps_all_but_the_item(kit: Kit) -> None:
    gallery = kit.gallery()
    gallery.enrol(
        ["a", "b", "c"],
        kit.items([0, 1, 2]),
        subject_ids=["person", None, "other"],
        labels=["suspect", None, "stain"],
        expires=[NOON, None, NOON],
    )
    before = gallery.generation
    report = gallery.replace(["c", "a"], kit.items([12, 10]))
    assert report.enrolled == 2
    assert report.generation == gallery.generation > before
    assert len(gallery) == 3
    assert [gallery[name] for name in "abc"] == kit.items([10, 1, 12])
    assert len(gallery.search(kit.item(0))) == 0
    (candidate,) = gallery.search(kit.item(10))
    found = candidate.reference_id, candidate.subject_id, candidate.label
    assert found == ("a", "person", "suspect")
    (candidate,) = gallery.search(kit.item(1))
    assert (candidate.subject_id, candidate.label) == (None, None)
    assert sorted(gallery.purge(now=NOON).reference_ids) == ["a", "c"]


def test_erase_and_enrol_again(kit: Kit) -> None:
    gallery = filled(kit, 5)
    gallery.erase(["R3", "R1", "R3"])  # twice in one call is once
    assert len(gallery) == 3
    assert "R1" not in gallery
    with pytest.raises(UnknownReference):
        gallery["R1"]
    gallery.enrol(["R1"], [kit.item(20)])
    assert gallery["R1"] == kit.item(20)
    assert gallery.search(kit.item(20)).reference_ids == ["R1"]
    assert len(gallery.search(kit.item(1))) == 0


def test_a_gallery_can_be_emptied(kit: Kit) -> None:
    gallery = filled(kit, 70)
    gallery.erase([f"R{i}" for i in range(70)])
    assert len(gallery) == 0
    assert gallery.search(kit.item(3)).examined == 0
    gallery.compact()
    assert gallery._core.segments() == []
    gallery.enrol(["R3"], [kit.item(3)])
    assert gallery.search(kit.item(3)).reference_ids == ["R3"]


def test_compact_removes_dead_rows(kit: Kit) -> None:
    gallery = filled(kit, 100, labels="x", subject_ids=[f"S{i}" for i in range(100)])
    gallery.erase([f"R{i}" for i in range(1, 100, 2)])
    gallery.compact()
    (segment,) = gallery._core.segments()
    assert (segment.rows, segment.live_rows) == (50, 50)
    for i in range(100):
        (*found,) = gallery.search(kit.item(i))
        assert [(c.reference_id, c.subject_id) for c in found] == [(f"R{i}", f"S{i}")] * (
            i % 2 == 0
        )


def test_every_change_has_a_generation(kit: Kit) -> None:
    gallery = kit.gallery()
    seen = [gallery.generation]
    steps: list[Any] = [
        lambda: gallery.enrol(["a", "b"], kit.items([0, 1]), expires=[NOON, None]),
        lambda: gallery.replace(["a"], [kit.item(2)]),
        lambda: gallery.erase(["b"]),
        lambda: gallery.purge(now=NOON),
    ]
    for step in steps:
        step()
        seen.append(gallery.generation)
    assert all(a < b for a, b in pairwise(seen))
    gallery.search(kit.item(0))
    assert gallery.generation == seen[-1]


# --- after the search ---------------------------------------------------------------------------


@pytest.mark.parametrize("end", ["erase", "replace"])
def test_a_candidate_of_an_erased_reference_raises_erased(kit: Kit, end: str) -> None:
    gallery = filled(kit, 3, labels="x", subject_ids=["S", "S", "S"])
    answer = gallery.search(kit.item(1))
    assert (answer[0].subject_id, answer[0].label) == ("S", "x")
    if end == "erase":
        gallery.erase(["R1"])
    else:
        gallery.replace(["R1"], [kit.item(9)])
    asked: list[Any] = [
        answer[0].explain,
        lambda: answer[0].subject_id,
        lambda: answer[0].label,
    ]
    for ask in asked:
        with pytest.raises(UnknownReference) as caught:
            ask()
        assert (caught.value.code, caught.value.field) == ("erased", "reference_id")
    # The list itself is what the search found then.
    assert answer.reference_ids == ["R1"]


def test_a_candidate_survives_merging(kit: Kit) -> None:
    gallery = filled(kit, 3, labels="x")
    answer = gallery.search(kit.item(1))
    gallery.compact()
    gallery.enrol(["new"], [kit.item(8)])
    assert str(answer[0].explain())
    assert answer[0].label == "x"
    gallery.erase(["R1"])
    with pytest.raises(UnknownReference):
        answer[0].explain()


# --- what does not belong together --------------------------------------------------------------


def test_policies_of_other_categories_are_refused(kit: Kit) -> None:
    gallery = filled(kit, 2)
    calls: list[Callable[[Policy], Any]] = [
        lambda policy: gallery.search(kit.item(0), policy=policy),
        lambda policy: gallery.search_many([kit.item(0)], policy=policy),
        lambda policy: gallery.join(gallery, policy=policy),
    ]
    for other, call in product((k for k in KITS if k.category != kit.category), calls):
        with pytest.raises(ComparisonMismatch) as caught:
            call(other.policy)
        assert (caught.value.code, caught.value.field) == ("foreign_policy", "policy")


def test_joins_with_other_categories_are_refused(kit: Kit) -> None:
    for other in KITS:
        if other.category != kit.category:
            with pytest.raises(ComparisonMismatch) as caught:
                filled(kit, 2).join(filled(other, 2))
            assert (caught.value.code, caught.value.field) == ("foreign_gallery", "other")


@pytest.mark.parametrize("field", ["limit", "threads"])
@pytest.mark.parametrize("value", [0, -1, True, 1.5, "2"])
def test_bad_limits_and_threads_are_refused(one_of_few_kits: Kit, field: str, value: Any) -> None:
    kit = one_of_few_kits
    gallery = filled(kit, 2)
    with pytest.raises(InvalidInput) as caught:
        gallery.search(kit.item(0), **{field: value})
    assert (caught.value.code, caught.value.field) == ("bad_limit", field)


def test_numpy_integers_are_accepted(kit: Kit) -> None:
    gallery = filled(kit, 2)
    limit: Any = np.int64(1)
    assert len(gallery.search(kit.item(0), limit=limit, threads=limit)) == 1


def test_every_error_is_a_prum_error(kit: Kit) -> None:
    gallery = filled(kit, 2)
    with pytest.raises(PrumError):
        gallery.erase(["nobody"])
    with pytest.raises(KeyError):
        gallery.erase(["nobody"])
    with pytest.raises(ValueError, match="limit"):
        gallery.search(kit.item(0), limit=0)
