"""The oracle on faces is itself right: against fractions, and by hand."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from oracles.face import exact as face_exact

float32s = st.floats(width=32, allow_nan=False, allow_infinity=False)
pairs = st.lists(st.tuples(float32s, float32s), min_size=1, max_size=12)


@given(pairs)
def test_both_ways_to_score_agree(drawn: list[tuple[float, float]]) -> None:
    a, b = zip(*drawn, strict=True)
    assert face_exact.score(a, b) == face_exact.exact_score(a, b)


def test_products_are_exact_at_both_ends_of_float32() -> None:
    least, most = 2.0**-149, float(np.finfo(np.float32).max)
    assert face_exact.score([least], [least]) == 2.0**-298
    assert face_exact.score([most, most, 1], [most, -most, 2**-40]) == 2.0**-40
    assert face_exact.score([most, least], [most, least]) == face_exact.exact_score(
        [most, least], [most, least]
    )


def test_the_sum_is_rounded_once_and_to_even() -> None:
    half = 2.0**-53
    assert face_exact.score([1, half], [1, 1]) == 1.0
    assert face_exact.score([1, half, 2.0**-149], [1, 1, 2.0**-140]) == math.nextafter(1, 2)
    assert face_exact.score([1 + 2.0**-23, 2.0**-26], [2.0**30, 2.0**4]) == 2.0**30 + 128 + 2.0**-22


def test_a_list_by_hand() -> None:
    references = {"a": [1.0], "b": [2.0], "B": [2.0], "c": [3.0], "d": [-1.0], "e": [0.0]}
    subjects = {"b": "s", "c": "s", "a": "t", "e": None}
    everyone = face_exact.search([1.0], references)
    assert everyone.reference_ids == ["c", "B", "b", "a", "e", "d"]
    assert everyone.scores == [3, 2, 2, 1, 0, -1]
    assert (everyone.n_above_threshold, everyone.truncated, everyone.examined) == (6, False, 6)
    cut = face_exact.search([1.0], references, threshold=1.0, limit=2)
    assert (cut.reference_ids, cut.n_above_threshold, cut.truncated) == (["c", "B"], 4, True)
    fused = face_exact.search([1.0], references, threshold=0.0, subjects=subjects)
    assert fused.reference_ids == ["c", "B", "a", "e"]
    assert (fused.n_above_threshold, fused.examined) == (4, 6)
    few = face_exact.search([-1.0], references, eligible={"b", "c", "d"}, subjects=subjects)
    assert (few.reference_ids, few.scores, few.examined) == (["d", "b"], [1, -2], 3)
