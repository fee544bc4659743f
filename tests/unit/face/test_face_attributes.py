"""Capture time and quality: given at enrolment, used by filters, never scored."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import numpy as np
import pytest

from prum_match import Eligible, face
from prum_match.errors import InvalidInput, UnknownReference

MODEL = face.Model("m", "1", 4, normalise="none")
SECOND = timedelta(seconds=1)
DAYS = [datetime(2020, 1, day, 12, tzinfo=UTC) for day in range(1, 5)]
ONES = np.ones((6, 4), np.float32)
NAMES = list("abcdef")


@pytest.fixture
def gallery() -> face.Gallery:
    made = face.Gallery(MODEL, labels=["stain"], open_labels=True)
    items = face.Embeddings(
        ONES,
        captured_at=[DAYS[0], DAYS[1], None, DAYS[2], DAYS[3], None],
        quality=[10, 40, 40.5, None, 99.75, None],
    )
    labels = ["suspect", None, "suspect", None, "suspect", None]
    made.enrol(NAMES, items, labels=labels)
    made.enrol(["late"], ONES[:1])  # a segment in which nobody has either
    return made


def found(gallery: face.Gallery, *, count: bool = False, **options: Any) -> str:
    answer = gallery.search(ONES[0], limit=99, eligible=Eligible(**options), count_all=count)
    assert answer.examined == answer.n_found == len(answer)
    many = gallery.search_many(ONES, limit=99, eligible=Eligible(**options))
    assert all(each.reference_ids == answer.reference_ids for each in many)
    return "".join(answer.reference_ids)


@pytest.mark.parametrize("compact", [False, True])
def test_ranges_are_inclusive_and_leave_out_the_unknown(
    gallery: face.Gallery, compact: bool
) -> None:
    if compact:
        gallery.compact()
    assert found(gallery) == "abcdeflate"
    assert found(gallery, ranges={"quality": (40, None)}) == "bce"
    assert found(gallery, ranges={"quality": (None, 40)}) == "ab"
    assert found(gallery, ranges={"quality": (10, 40.5)}) == "abc"
    assert found(gallery, ranges={"quality": (40.25, 99.5)}) == "c"
    assert found(gallery, ranges={"quality": (41, 42)}) == ""
    assert found(gallery, ranges={"quality": (None, None)}) == "abce"
    assert found(gallery, ranges={"captured_at": (DAYS[1], None)}) == "bde"
    assert found(gallery, ranges={"captured_at": (DAYS[1], DAYS[2])}) == "bd"
    assert found(gallery, ranges={"captured_at": (None, DAYS[0])}) == "a"
    assert found(gallery, ranges={"captured_at": (DAYS[0] + SECOND, DAYS[1] - SECOND)}) == ""
    assert found(gallery, ranges={}) == "abcdeflate"
    east = timezone(timedelta(hours=5, minutes=30))
    assert found(gallery, ranges={"captured_at": (DAYS[3].astimezone(east), None)}) == "e"


def test_ranges_labels_and_ids_narrow_together(gallery: face.Gallery) -> None:
    ranges = {"quality": (10, None), "captured_at": (None, DAYS[3])}
    assert found(gallery, ranges=ranges) == "abe"
    assert found(gallery, ranges=ranges, labels={"suspect"}) == "ae"
    assert found(gallery, ranges=ranges, reference_ids=["b", "c", "e"]) == "be"
    assert found(gallery, ranges=ranges, reference_ids=["e", "c"], labels={"suspect"}) == "e"
    assert found(gallery, ranges=ranges, labels={"stain"}) == ""
    gallery.erase(["e"])
    assert found(gallery, ranges=ranges, labels={"suspect"}) == "a"


def test_replaced_references_have_the_new_attributes(gallery: face.Gallery) -> None:
    gallery.replace(["a", "b"], face.Embeddings(ONES[:2], quality=[77, None]))
    assert found(gallery, ranges={"quality": (50, None)}) == "ae"
    assert found(gallery, ranges={"captured_at": (None, DAYS[1])}) == ""
    assert (gallery["a"].quality, gallery["a"].captured_at) == (77, None)
    assert (gallery["b"].quality, gallery["b"].captured_at) == (None, None)


def test_erased_attributes_are_found_by_no_range(gallery: face.Gallery) -> None:
    gallery.erase(["c", "e"])
    assert found(gallery, ranges={"quality": (None, None)}) == "ab"
    assert found(gallery, ranges={"quality": (-1e9, 1e9)}) == "ab"
    gallery.compact()
    assert found(gallery, ranges={"quality": (0, None)}) == "ab"


def test_items_bring_their_attributes() -> None:
    gallery = face.Gallery(MODEL)
    items = [
        face.Embedding(ONES[0], MODEL, DAYS[0], 3),
        ONES[0],
        face.Embedding(ONES[0], MODEL, quality=5),
    ]
    gallery.enrol(["a", "b", "c"], items)
    assert found(gallery, ranges={"quality": (3, None)}) == "ac"
    assert found(gallery, ranges={"captured_at": (None, None)}) == "a"
    assert [gallery[name].quality for name in "abc"] == [3, None, 5]


def test_attributes_never_change_a_score() -> None:
    gallery = face.Gallery(MODEL)
    gallery.enrol(["a", "b"], face.Embeddings(ONES[:2], captured_at=DAYS[:2], quality=[1, 100]))
    answer = gallery.search(face.Embedding(ONES[0], MODEL, DAYS[1], 100), limit=2)
    assert answer.scores.tolist() == [4, 4]
    assert answer.reference_ids == ["a", "b"]


@pytest.mark.parametrize(
    "moment",
    [
        datetime(1, 1, 1, 23, tzinfo=UTC),
        datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC),
        datetime(1970, 1, 1, tzinfo=UTC),
        datetime(9999, 12, 31, tzinfo=UTC),
    ],
)
def test_any_moment_is_kept(moment: datetime) -> None:
    gallery = face.Gallery(MODEL)
    gallery.enrol(["a", "b"], face.Embeddings(ONES[:2], captured_at=[moment, None]))
    for _ in range(2):
        assert gallery["a"].captured_at == moment
        assert found(gallery, ranges={"captured_at": (moment, moment)}) == "a"
        gallery.compact()


@pytest.mark.parametrize("quality", [-5.0, 0.0, -0.0, 1e-30, 33.5])
def test_any_quality_is_kept(quality: float) -> None:
    gallery = face.Gallery(MODEL)
    gallery.enrol(["a", "b"], face.Embeddings(ONES[:2], quality=[quality, None]))
    for _ in range(2):
        assert gallery["a"].quality == pytest.approx(quality, rel=1e-6, abs=0)
        assert gallery["b"].quality is None
        gallery.compact()


BAD_RANGES: list[Any] = [
    {"age": (1, 2)},
    {"quality": (1,)},
    {"quality": 5},
    {"quality": ("low", None)},
    {"quality": (float("nan"), None)},
    {"quality": (DAYS[0], None)},
    {"captured_at": (5, None)},
    {"captured_at": (DAYS[0].replace(tzinfo=None), None)},
    {"captured_at": ("2020-01-01", None)},
]


@pytest.mark.parametrize("ranges", BAD_RANGES, ids=map(str, range(len(BAD_RANGES))))
def test_a_bad_range_is_an_error_not_an_empty_answer(gallery: face.Gallery, ranges: Any) -> None:
    with pytest.raises(InvalidInput) as caught:
        gallery.search(ONES[0], limit=1, eligible=Eligible(ranges=ranges))
    assert caught.value.field == "eligible"


def test_an_unknown_id_beside_a_range(gallery: face.Gallery) -> None:
    eligible = Eligible(reference_ids=["a", "nobody"], ranges={"quality": (0, None)})
    with pytest.raises(UnknownReference) as caught:
        gallery.search(ONES[0], limit=1, eligible=eligible)
    assert (caught.value.index, caught.value.field) == (1, "eligible")


@pytest.mark.parametrize(
    ("options", "field", "index"),
    [
        ({"captured_at": [None, DAYS[0].replace(tzinfo=None)]}, "captured_at", 1),
        ({"captured_at": [None, "2020"]}, "captured_at", 1),
        ({"captured_at": [None]}, "captured_at", None),
        ({"quality": [3.0, float("nan")]}, "quality", 1),
        ({"quality": [float("inf"), 3]}, "quality", 0),
        ({"quality": ["good", 3]}, "quality", 0),
        ({"quality": [1, 2, 3]}, "quality", None),
        ({"keep": "maybe"}, "keep", None),
    ],
)
def test_bad_attributes(options: dict[str, Any], field: str, index: int | None) -> None:
    gallery = face.Gallery(MODEL)
    with pytest.raises(InvalidInput) as caught:
        gallery.enrol(["a", "b"], face.Embeddings(ONES[:2], **options))
    assert caught.value.field == field
    assert index is None or caught.value.index == index
    assert (len(gallery), gallery.generation) == (0, 0)


def test_ranges_in_a_gallery_without_attributes() -> None:
    """The other categories have no attributes, so a filter by one is refused."""
    from support.galleries.kits import DNA, TOY

    for kit in (TOY, DNA):
        other = kit.gallery()
        other.enrol(["a"], [kit.item(0)])
        with pytest.raises(InvalidInput) as caught:
            other.search(kit.item(0), eligible=Eligible(ranges={"quality": (1, None)}))
        assert caught.value.field == "eligible"
