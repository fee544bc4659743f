"""A warning where mated and non-mated scores look exchanged, and none on weak systems."""

from __future__ import annotations

import math
import warnings
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from prum_match import evaluation
from prum_match.evaluation import MatedBelowNonmatedWarning, plots

BY_ARGUMENT = {
    "cllr": "llrs",
    "cllr_min": "scores",
    "det_curve": "scores",
    "ece_curve": "llrs",
    "elub": "llrs",
    "pool_adjacent_violators": "scores",
    "plots.score_histogram": "scores",
    "plots.tippett": "llrs",
}


def call(name: str, mated: Any, nonmated: Any) -> Any:
    function = getattr(plots if "." in name else evaluation, name.split(".")[-1])
    what = BY_ARGUMENT[name]
    return function(**{f"mated_{what}": mated, f"nonmated_{what}": nonmated})


def warns(mated: Any, nonmated: Any) -> bool:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        evaluation.cllr(mated_llrs=mated, nonmated_llrs=nonmated)
    assert all(each.category is MatedBelowNonmatedWarning for each in caught)
    return bool(caught)


@pytest.mark.parametrize("name", BY_ARGUMENT)
def test_exchanged_arguments_are_noticed_where_they_are_passed(name: str) -> None:
    mated, nonmated = [1.0, 2.0, 3.0], [-1.0, 0.0, 0.5]
    call(name, mated, nonmated)
    with pytest.warns(MatedBelowNonmatedWarning, match="curve 0.000") as caught:
        call(name, nonmated, mated)
    assert [each.filename for each in caught] == [__file__]


@pytest.mark.parametrize("name", BY_ARGUMENT)
def test_arguments_are_named(name: str) -> None:
    function = getattr(plots if "." in name else evaluation, name.split(".")[-1])
    with pytest.raises(TypeError):
        function([1.0, 2.0], [0.0, 0.5])


@pytest.mark.parametrize("separation", [0.5, 1.0, 3.0])
def test_an_exchange_of_overlapping_scores_is_noticed(separation: float) -> None:
    random = np.random.RandomState(1)
    mated, nonmated = random.normal(separation, 1, 400), random.normal(0, 1, 3000)
    assert not warns(mated, nonmated)
    assert warns(nonmated, mated)


@pytest.mark.parametrize(("mated", "nonmated"), [(40, 4000), (12, 12), (300, 300), (3, 1000)])
def test_worthless_scores_hardly_ever_warn(mated: int, nonmated: int) -> None:
    # Most often where both kinds are equally many: a normal deviate below -3.67, one in 8,000.
    random = np.random.RandomState(2)
    found = sum(warns(random.normal(size=mated), random.normal(size=nonmated)) for _ in range(400))
    assert found <= 1


def test_weak_systems_do_not_warn() -> None:
    # An area of 0.56; comparisons that share their subjects vary more than independent ones.
    random = np.random.RandomState(3)
    for _ in range(200):
        by_subject = np.repeat(random.normal(0, 0.5, 20), 5)
        mated = 0.25 + by_subject + random.normal(size=100)
        assert not warns(mated, random.normal(0, 1.1, 2000))


@pytest.mark.parametrize(
    ("mated", "nonmated", "expected"),
    [
        ([0.0], [1.0], False),
        ([0.0, 0.0], [1.0], False),
        ([0.0, 0.0], [1.0, 1.0], True),
        ([0.0, 1.0], [1.0, 1.0], False),
        ([-math.inf] * 2, [math.inf] * 2, True),
        ([-math.inf, math.inf], [-math.inf, math.inf], False),
        ([0.0] * 50, [0.0] * 50, False),
    ],
)
def test_small_and_tied_samples(mated: list[float], nonmated: list[float], expected: bool) -> None:
    assert warns(mated, nonmated) is expected


SCORES = st.lists(st.integers(0, 6).map(float), min_size=1, max_size=60)


@given(SCORES, SCORES)
def test_the_rule_is_the_definition(mated: list[float], nonmated: list[float]) -> None:
    wins = sum((m > n) + 0.5 * (m == n) for m in mated for n in nonmated)
    area = wins / (len(mated) * len(nonmated))
    rarer = min(len(mated), len(nonmated))
    below = sorted(mated)[len(mated) // 2] < sorted(nonmated)[len(nonmated) // 2]
    far = area < 0.5 - 1.5 / math.sqrt(rarer) or (area == 0.0 and rarer > 1)
    assert warns(mated, nonmated) is (below and far)


def test_labels_of_a_calibrator_that_are_exchanged_are_noticed() -> None:
    scores, is_mated = [0.1, 0.2, 0.3, 0.7, 0.8, 0.9], [True] * 3 + [False] * 3
    with pytest.warns(MatedBelowNonmatedWarning) as caught:
        evaluation.LogisticCalibrator().fit(scores, is_mated)
    assert [each.filename for each in caught] == [__file__]


def test_resamples_do_not_warn() -> None:
    mated = evaluation.Trials([2.0, -3.0, -2.0, 4.0], subjects=list("abcd"))
    nonmated = evaluation.Trials([-1.0, 0.0], subjects=list("ef"))
    found = evaluation.bootstrap_interval(
        lambda m, n: evaluation.cllr(mated_llrs=m, nonmated_llrs=n),
        (mated, nonmated),
        seed=1,
        replicates=200,
    )
    assert found.high > 1.0
