"""Templates in galleries: round trips, refusals, and columns of lists."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prum_match import dactyloscopy, face
from prum_match.dactyloscopy import Policy, Template
from prum_match.errors import ComparisonMismatch, InvalidInput
from support.dactyloscopy.templates import LATENT, changed, templates
from support.examples import examples
from support.galleries.kits import DACTYLOSCOPY

PRINT = DACTYLOSCOPY.item(1)


def gallery_of(*items: Template) -> dactyloscopy.Gallery:
    gallery = dactyloscopy.Gallery()
    gallery.enrol([f"R{i}" for i in range(len(items))], items)
    return gallery


@given(st.lists(templates(), min_size=1, max_size=3), templates())
@settings(max_examples=examples(200), deadline=None)
def test_any_template_comes_back(items: list[Template], probe: Template) -> None:
    """Items are equal in units, and in pixels within one unit of comparisons."""
    gallery = gallery_of(*items)
    back = [gallery[f"R{i}"] for i in range(len(items))]
    for old, new in zip(items, back, strict=True):
        for a, b in zip(old.units(), new.units(), strict=True):
            assert np.array_equal(a, b)
        for name in ("width", "height", "ppi", "position", "impression"):
            assert getattr(old, name) == getattr(new, name)
        assert np.array_equal(old.type, new.type)
        assert np.array_equal(old.quality, new.quality)
        assert np.array_equal(np.isnan(old.angle), np.isnan(new.angle))
        unit = old.ppi / 2540
        for a, b in ((old.x, new.x), (old.y, new.y)):
            assert np.all(np.abs(a - b) <= unit * (1 + 1e-9))
        turned = np.nan_to_num(old.angle - new.angle + 180) % 360 - 180 * ~np.isnan(old.angle)
        assert np.all(np.abs(turned) <= 360 / 65536)
    scores = dactyloscopy.score_matrix([probe], items)
    assert np.array_equal(dactyloscopy.score_matrix([probe], back), scores)
    gallery.compact()
    assert [gallery[f"R{i}"] for i in range(len(items))] == back


def test_whole_pixels_and_degrees_come_back_as_they_were() -> None:
    assert gallery_of(PRINT)["R0"] == PRINT


def test_minutiae_without_direction_are_noted_at_enrolment() -> None:
    gallery = dactyloscopy.Gallery()
    report = gallery.enrol(["a", "b"], [changed(PRINT, angle=np.full(len(PRINT), np.nan)), PRINT])
    assert report.notes == {"no_direction": len(PRINT)}
    assert gallery.enrol(["c"], [PRINT]).notes == {}
    assert np.isnan(gallery["a"].angle).all()
    assert gallery.search(PRINT, limit=5).reference_ids == ["b", "c"]


@pytest.mark.parametrize("item", [None, "P", b"FMR\0", 7, [1, 2], np.zeros(3)])
def test_invalid_templates_are_refused(item: Any) -> None:
    gallery = gallery_of(PRINT)
    with pytest.raises(InvalidInput) as caught:
        gallery.enrol(["a", "b"], [PRINT, item])
    assert (caught.value.code, caught.value.index) == ("bad_template", 1)
    assert len(gallery) == 1
    report = gallery.enrol(["a", "b"], [PRINT, item], on_error="report")
    assert [(e.code, e.index, e.field) for e in report.refused] == [("bad_template", 1, "items")]
    assert sorted(gallery) == ["R0", "a"]
    calls: list[Callable[[], object]] = [
        lambda: gallery.search(item, limit=1),
        lambda: gallery.search_many([PRINT, item], limit=1),
        lambda: dactyloscopy.compare(PRINT, item),
        lambda: dactyloscopy.compare(item, PRINT),
        lambda: dactyloscopy.score_matrix([PRINT, item], [PRINT]),
        lambda: dactyloscopy.score_matrix([PRINT], [PRINT, item]),
    ]
    for call in calls:
        with pytest.raises(InvalidInput) as caught:
            call()
        assert caught.value.code == "bad_template"


def test_a_search_without_threshold_and_limit_is_refused() -> None:
    """Without a threshold and without a limit the answer would be the whole gallery."""
    gallery = gallery_of(PRINT, PRINT)
    for call in (
        lambda: gallery.search(PRINT),
        lambda: gallery.search(PRINT, policy=Policy()),
        lambda: gallery.search_many([PRINT], policy=Policy(mode="cascade")),
        lambda: gallery.join(gallery, policy=Policy(max_candidates=3)),
    ):
        with pytest.raises(InvalidInput) as caught:
            call()
        assert caught.value.code == "unbounded_search"
    assert len(gallery.search(PRINT, limit=1)) == 1
    assert len(gallery.search(PRINT, policy=Policy(max_candidates=2))) == 2
    assert len(gallery.search(PRINT, policy=Policy(threshold=1))) == 2


def test_a_policy_of_another_category_is_refused() -> None:
    gallery = gallery_of(PRINT)
    with pytest.raises(ComparisonMismatch) as caught:
        gallery.search(PRINT, policy=face.Policy(threshold=1), limit=1)
    assert (caught.value.code, caught.value.field) == ("foreign_policy", "policy")


def test_a_folder_of_another_category_is_refused(tmp_path: Any) -> None:
    face.Gallery(face.Model("m", "1", 8)).save(tmp_path / "faces")
    with pytest.raises(ComparisonMismatch) as caught:
        dactyloscopy.Gallery.open(tmp_path / "faces")
    assert (caught.value.code, caught.value.field) == ("foreign_gallery", "path")


def test_columns_of_a_list() -> None:
    gallery = gallery_of(*(DACTYLOSCOPY.item(1, variant) for variant in range(3)))
    answer = gallery.search(PRINT, limit=3)
    assert set(answer.columns) == {"score", "pairs", "overlap_probe", "overlap_reference"}
    for candidate in answer:
        compared = dactyloscopy.compare(PRINT, gallery[candidate.reference_id])
        assert candidate.explain() == compared
        assert candidate.columns == {
            "score": compared.score,
            "pairs": len(compared.pairs),
            "overlap_probe": compared.overlap[0],
            "overlap_reference": compared.overlap[1],
        }


def test_prints_of_a_subject_are_one_candidate() -> None:
    gallery = dactyloscopy.Gallery()
    items = [DACTYLOSCOPY.item(1, variant) for variant in (2, 1, 2, 0)]
    gallery.enrol(["a", "b", "c", "d"], items, subject_ids=["S", "S", None, "T"])
    policy = Policy(threshold=60)
    assert gallery.search(PRINT, policy=policy).reference_ids == ["d", "b", "c"]
    assert gallery.search(PRINT, policy=policy, fuse_subjects=False).reference_ids == list("dbac")
    answer = gallery.search(PRINT, policy=policy, limit=2)
    assert (answer.reference_ids, answer.truncated) == (["d", "b"], True)


def test_latents_and_taken_prints_have_different_item_types() -> None:
    category = gallery_of().category
    assert category.wire.item_type(PRINT) == "P"
    assert category.wire.item_type(changed(PRINT, impression=LATENT)) == "S"


def test_an_empty_gallery_has_no_candidates() -> None:
    assert gallery_of().search(PRINT, limit=1).reference_ids == []
    nothing = changed(PRINT, x=[], y=[], angle=[], type=[], quality=[])
    gallery = gallery_of(nothing, PRINT, nothing)
    assert (
        gallery.search(nothing, policy=Policy(mode="cascade", keep=0.1), limit=9).reference_ids
        == []
    )
    assert gallery.search(
        PRINT, policy=Policy(mode="cascade", keep=0.1), limit=9
    ).reference_ids == ["R1"]
    assert gallery["R2"] == nothing
