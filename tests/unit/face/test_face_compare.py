"""Comparison of two embeddings: the exact score and its explanation."""

from __future__ import annotations

import copy
import inspect
import math
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from oracles.face import exact as face_exact
from prum_match import dna, face
from prum_match.errors import ComparisonMismatch, InvalidInput, NoSuchColumn
from support.face import KINDS, TIERS, bits, dimensions, model_of, tier, vectors

A = np.array([3, 4, 0], np.float32)
B = np.array([4, 3, 2], np.float32)
MODEL = model_of(3)


def test_a_comparison_is_a_number() -> None:
    comparison = face.compare(A, B, MODEL)
    assert isinstance(comparison, float)
    assert comparison == comparison.score == 24
    assert comparison.cosine == pytest.approx(24 / 5 / math.sqrt(29), rel=1e-15)
    assert comparison > 23
    assert max(comparison, face.compare(A, A, MODEL)) == 25
    assert "24" in str(comparison)
    assert MODEL.key in str(comparison)


def test_vectors_and_embeddings_are_compared_alike() -> None:
    one, two = face.Embedding(A, MODEL), face.Embedding(B, MODEL)
    scores = [face.compare(a, b, MODEL) for a in (A, one) for b in (B, two, B.astype(np.int64))]
    assert scores == [24] * 6


def test_the_model_may_come_with_an_embedding() -> None:
    one = face.Embedding(A, MODEL)
    assert face.compare(one, B) == face.compare(B, one) == face.compare(A, B, MODEL)
    with pytest.raises(InvalidInput) as caught:
        face.compare(A, B)
    assert (caught.value.code, caught.value.field) == ("bad_model", "model")


def test_a_comparison_states_whether_it_is_a_candidate() -> None:
    assert face.compare(A, B, MODEL).is_candidate
    gallery = face.Gallery(MODEL)
    gallery.enrol(["b"], B[None])
    for threshold in (23.5, 24, 24.5):
        policy = face.Policy(threshold=threshold)
        comparison = face.compare(A, B, MODEL, policy=policy)
        assert comparison.policy is policy
        assert comparison.is_candidate == bool(gallery.search(A, policy=policy))
        side = "reaches" if threshold <= 24 else "does not reach"
        assert f"{side} the threshold {threshold:.6f}" in str(comparison)
    assert gallery.search(A, policy=face.Policy(threshold=1))[0].explain().is_candidate


def test_a_comparison_of_faces_has_no_grade() -> None:
    comparison = face.compare(A, B, MODEL)
    assert not hasattr(comparison, "grade")
    assert dict(inspect.getmembers(comparison))["score"] == 24
    with pytest.raises(NoSuchColumn) as caught:
        _ = comparison.grade
    assert (caught.value.code, caught.value.field) == ("no_such_column", "grade")


def test_a_policy_of_another_category_is_refused() -> None:
    with pytest.raises(ComparisonMismatch) as caught:
        face.compare(A, B, MODEL, policy=dna.PRUM_2008)  # type: ignore[arg-type]
    assert (caught.value.code, caught.value.field) == ("foreign_policy", "policy")


def test_a_unit_vector_and_itself() -> None:
    model = face.Model("m", "1", 3)
    comparison = face.compare([0.6015625, 0.798828125, 0], [0.6015625, 0.798828125, 0], model)
    assert comparison.cosine == pytest.approx(1, abs=1e-15)
    assert comparison.score == 0.6015625**2 + 0.798828125**2


def test_applied_norms() -> None:
    model = face.Model("m", "1", 3, normalise="apply")
    comparison = face.compare(A, 7 * A, model)
    assert comparison.score == pytest.approx(1, abs=2.0**-22)
    stored = [float(np.float32(x)) for x in (0.6, 0.8, 0)]
    assert comparison.score == face_exact.score(stored, stored)


def test_an_explanation_shows_no_values() -> None:
    a = np.array([0.7318264, -0.2718281, 0.6172839], np.float32)
    told = str(face.compare(a, a, MODEL)) + repr(face.compare(a, a, MODEL))
    assert not any(digits in told for digits in ("7318", "27182", "61728"))


@given(dimensions(), st.sampled_from(KINDS), st.sampled_from(KINDS), st.integers(0, 2**32))
def test_the_score_is_exact(d: int, of_a: str, of_b: str, seed: int) -> None:
    random = np.random.default_rng(seed)
    model = model_of(d)
    (a,) = vectors(random, 1, d, [of_a], [])
    (b,) = vectors(random, 1, d, [of_b], [a])
    wanted = bits(np.array([face_exact.exact_score(a.tolist(), b.tolist())]))
    cosine = face_exact.cosine(a.tolist(), b.tolist())
    for name in TIERS:
        with tier(name):
            for one, two in ((a, b), (b, a)):
                comparison = face.compare(one, two, model)
                assert bits(np.array([float(comparison)])) == wanted
                assert math.isclose(comparison.cosine, cosine, rel_tol=1e-14, abs_tol=1e-300)
                assert -1 <= comparison.cosine <= 1


HARD = {
    "cancels to nothing": ([2.0**60, 1, -(2.0**60)], [1, 0, 1], 0.0),
    "cancels to the least": ([2.0**60, 2.0**-90, -(2.0**60)], [2.0**30, 1, 2.0**30], 2.0**-90),
    "a tie goes to even": ([1, 2.0**-27, 0], [1, 2.0**-26, 0], 1.0),
    "a tie and a trace": ([1, 2.0**-27, 2.0**-90], [1, 2.0**-26, 2.0**-90], 1 + 2.0**-52),
    "a tie less a trace": ([1, 2.0**-27, -(2.0**-90)], [1, 2.0**-26, 2.0**-90], 1.0),
    "below the tie of an odd one": (
        [1 + 2.0**-23, 2.0**-26, 2.0**-60],
        [1 + 2.0**-23, 2.0**-27, -(2.0**-60)],
        1 + 2.0**-22 + 2.0**-46,
    ),
    "no negative zero": ([0, 1, 0], [-1, 0, 0], 0.0),
    "no negative zero from three": ([-0.0, 1, -0.0], [1, -0.0, 1], 0.0),
    "of subnormals": ([2.0**-149, 1, 0], [2.0**-149, 0, 1], 2.0**-298),
    "of great ones": ([2.0**95, 0, 1], [2.0**95, 0, -1], 2.0**190),
}


@pytest.mark.parametrize(("a", "b", "wanted"), HARD.values(), ids=HARD)
def test_sums_that_are_hard_to_round(a: list[float], b: list[float], wanted: float) -> None:
    one, two = np.array(a, np.float32), np.array(b, np.float32)
    assert face_exact.exact_score(one.tolist(), two.tolist()) == wanted
    gallery = face.Gallery(MODEL)
    gallery.enrol(["b"], two[None])
    for name in TIERS:
        with tier(name):
            scores = [
                float(face.compare(one, two, MODEL)),
                float(face.compare(two, one, MODEL)),
                gallery.search(one, limit=1).scores[0],
                gallery.search(one, policy=face.Policy(threshold=wanted)).scores[0],
                gallery.search_many([one] * 13, limit=1)[12].scores[0],
            ]
        assert bits(np.array(scores)) == bits(np.array([wanted] * 5))


def test_a_copied_comparison_still_explains_itself() -> None:
    made = face.compare([1, 2, 3], [3, 2, 1], MODEL)
    for again in (copy.copy(made), pickle.loads(pickle.dumps(made))):
        assert (again, again.cosine, str(again)) == (made, made.cosine, str(made))
