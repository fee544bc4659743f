"""Policies of faces: length of lists and meaning of counts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from prum_match import face
from prum_match.errors import ComparisonMismatch, InvalidInput

MODEL = face.Model("m", "1", 4, normalise="none")
PROBE = np.array([1, 0, 0, 0], np.float32)


@pytest.fixture
def gallery() -> face.Gallery:
    """Scores 0 to 49; two images of a subject, each subject's better one odd."""
    made = face.Gallery(MODEL)
    table = np.ones((50, 4), np.float32)
    table[:, 0] = np.arange(50)
    subjects = [f"S{i // 2:02d}" for i in range(50)]
    made.enrol([f"R{i:02d}" for i in range(50)], table, subject_ids=subjects)
    return made


def test_a_search_without_threshold_and_limit_is_refused(gallery: face.Gallery) -> None:
    """Without a threshold and without a limit the answer would be the whole gallery."""
    unbounded = face.Policy()
    assert unbounded.threshold is None
    calls: list[Callable[[], Any]] = [
        lambda: gallery.search(PROBE),
        lambda: gallery.search(PROBE, policy=unbounded),
        lambda: gallery.search(PROBE, count_all=True),
        lambda: gallery.search_many([PROBE]),
        lambda: gallery.search_many(PROBE[None], policy=unbounded),
        lambda: gallery.join(gallery),
        lambda: gallery.join(gallery, policy=unbounded),
    ]
    for call in calls:
        with pytest.raises(InvalidInput) as caught:
            call()
        assert caught.value.code == "unbounded_search"
    # A join needs a threshold, whatever its cap.
    with pytest.raises(InvalidInput) as caught:
        gallery.join(gallery, policy=replace(unbounded, max_candidates=3))
    assert caught.value.code == "unbounded_search"


def test_a_threshold_or_a_limit_is_enough(gallery: face.Gallery) -> None:
    assert len(gallery.search(PROBE, limit=3)) == 3
    assert len(gallery.search(PROBE, policy=face.Policy(), limit=3)) == 3
    assert len(gallery.search(PROBE, policy=face.Policy(max_candidates=3))) == 3
    assert len(gallery.search(PROBE, policy=face.Policy(threshold=45.0))) == 3
    assert (
        len(gallery.search(PROBE, policy=face.Policy(threshold=45.0, max_candidates=2), limit=4))
        == 2
    )
    assert (
        len(gallery.search(PROBE, policy=face.Policy(threshold=45.0, max_candidates=9), limit=1))
        == 1
    )


def test_a_threshold_is_inclusive(gallery: face.Gallery) -> None:
    def found(threshold: float) -> list[str]:
        policy = face.Policy(threshold=threshold)
        return gallery.search(PROBE, policy=policy, fuse_subjects=False).reference_ids

    assert found(48) == found(48.0) == ["R49", "R48"]
    assert found(np.nextafter(48, 49)) == ["R49"]
    assert found(np.nextafter(48, 0)) == ["R49", "R48"]
    assert found(49.5) == []
    assert len(found(0)) == len(found(-0.0)) == len(found(-1e300)) == 50
    assert found(1e300) == []


def test_counts_of_a_list(gallery: face.Gallery) -> None:
    def counts(
        threshold: float | None, limit: int | None, **options: Any
    ) -> tuple[int, int, bool, int]:
        answer = gallery.search(
            PROBE, policy=face.Policy(threshold=threshold), limit=limit, **options
        )
        assert answer.n_found == answer.n_found
        return len(answer), answer.n_found, answer.truncated, answer.examined

    # By subjects: twenty-five of them; examined are references.
    assert counts(40.0, None) == (5, 5, False, 50)
    assert counts(40.0, 5) == (5, 5, False, 50)
    assert counts(41.5, 5) == (4, 4, False, 50)
    assert counts(None, 25) == (25, 25, False, 50)
    assert counts(None, 99) == (25, 25, False, 50)
    # By references.
    assert counts(40.0, None, fuse_subjects=False) == (10, 10, False, 50)
    assert counts(None, 50, fuse_subjects=False) == (50, 50, False, 50)
    # Cut: exact if asked for, else a lower bound.
    assert counts(40.0, 4, count_all=True) == (4, 5, True, 50)
    assert counts(None, 4, count_all=True) == (4, 25, True, 50)
    assert counts(40.0, 4, count_all=True, fuse_subjects=False) == (4, 10, True, 50)
    assert counts(None, 4, count_all=True, fuse_subjects=False) == (4, 50, True, 50)
    n, found, truncated, _ = counts(40.0, 2)
    assert (n, truncated) == (2, True)
    assert 2 < found <= 5


def test_the_default_is_to_fuse(gallery: face.Gallery) -> None:
    fused = gallery.search(PROBE, limit=3)
    assert fused.reference_ids == ["R49", "R47", "R45"]
    assert [candidate.subject_id for candidate in fused] == ["S24", "S23", "S22"]
    assert gallery.search(PROBE, limit=3, fuse_subjects=True).reference_ids == fused.reference_ids
    plain = gallery.search(PROBE, limit=3, fuse_subjects=False)
    assert plain.reference_ids == ["R49", "R48", "R47"]
    many = gallery.search_many([PROBE, -PROBE], limit=2, fuse_subjects=False)
    assert [answer.reference_ids for answer in many] == [["R49", "R48"], ["R00", "R01"]]
    many = gallery.search_many([PROBE, -PROBE], limit=2)
    assert [answer.reference_ids for answer in many] == [["R49", "R47"], ["R00", "R02"]]


def test_a_subject_loses_its_best_image(gallery: face.Gallery) -> None:
    gallery.erase(["R49", "R45", "R44"])
    answer = gallery.search(PROBE, limit=3)
    assert answer.reference_ids == ["R48", "R47", "R43"]
    assert answer.scores.tolist() == [48, 47, 43]
    gallery.replace(["R00"], np.array([[100, 0, 0, 0]], np.float32))
    assert gallery.search(PROBE, limit=2).reference_ids == ["R00", "R48"]


def test_subjects_across_segments() -> None:
    """One subject in every segment, another in none twice; a reference without is its own."""
    gallery = face.Gallery(MODEL)
    for part, n in enumerate((27, 9, 3)):
        table = np.zeros((n, 4), np.float32)
        table[:, 0] = part + 1
        table[:, 1] = 1
        names = [f"{part}-{i:02d}" for i in range(n)]
        subjects = ["everywhere" if i == 0 else None for i in range(n)] if part != 1 else None
        gallery.enrol(names, table, subject_ids=subjects)
    assert len(gallery._core.segments()) == 3
    answer = gallery.search(PROBE, limit=99)
    assert answer.n_found == len(answer) == 38
    assert "2-00" in answer.reference_ids
    assert "0-00" not in answer.reference_ids


def test_a_policy_names_its_source() -> None:
    policy = face.Policy(threshold=0.4)
    assert (policy.name, policy.version, policy.source) != ("", "", "")
    assert policy == face.Policy(threshold=0.4)
    assert policy != face.Policy(threshold=0.5)
    named = face.Policy(name="ours", version="3", source="validation of 2026", threshold=0.4)
    assert (named.name, named.version, named.source) == ("ours", "3", "validation of 2026")
    gallery = face.Gallery(MODEL)
    assert gallery.search(PROBE, policy=named).policy == named


@pytest.mark.parametrize("threshold", [float("nan"), "0.4", True, 1j, [0.4]])
def test_invalid_thresholds_are_refused(threshold: Any) -> None:
    with pytest.raises(InvalidInput) as caught:
        face.Policy(threshold=threshold)
    assert caught.value.field == "threshold"


@pytest.mark.parametrize("cap", [0, -1])
def test_invalid_limits_are_refused(cap: int) -> None:
    with pytest.raises(InvalidInput) as caught:
        face.Policy(max_candidates=cap)
    assert caught.value.code == "bad_limit"


def test_a_probe_of_another_category(gallery: face.Gallery) -> None:
    from support.galleries.kits import DNA

    with pytest.raises(InvalidInput):
        gallery.search(DNA.item(0), limit=1)
    with pytest.raises(ComparisonMismatch):
        DNA.gallery().search(PROBE)


def test_the_score_of_an_empty_answer(gallery: face.Gallery) -> None:
    answer = gallery.search(PROBE, policy=face.Policy(threshold=1e9))
    assert answer.scores.dtype == np.float64
    assert (len(answer.scores), answer.examined, answer.n_found) == (0, 50, 0)
