from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from prum_match.errors import InvalidInput
from prum_match.evaluation import (
    cmc_curve,
    det_curve,
    fmr,
    fnir,
    fnmr,
    fpir,
    search_det_curve,
)

# Scores drawn at random lie the wrong way round as often as not.
pytestmark = pytest.mark.filterwarnings("ignore::prum_match.evaluation.MatedBelowNonmatedWarning")

SCORES = st.lists(st.integers(0, 8).map(lambda i: i / 8), min_size=1, max_size=12)


@given(SCORES, SCORES, st.floats(-0.5, 1.5))
def test_the_curve_is_the_step_function(
    nonmated: list[float], mated: list[float], threshold: float
) -> None:
    curve = det_curve(mated_scores=mated, nonmated_scores=nonmated)
    # The rates between two listed thresholds are those of the upper one.
    i = int(np.searchsorted(curve.thresholds, threshold))
    assert curve.false_positives[i] == fmr(nonmated, threshold)
    assert curve.false_negatives[i] == fnmr(mated, threshold)


@given(SCORES, SCORES)
def test_the_curve_runs_from_corner_to_corner(nonmated: list[float], mated: list[float]) -> None:
    curve = det_curve(mated_scores=mated, nonmated_scores=nonmated)
    assert (curve.false_positives[0], curve.false_negatives[0]) == (1.0, 0.0)
    assert (curve.false_positives[-1], curve.false_negatives[-1]) == (0.0, 1.0)
    assert np.all(np.diff(curve.thresholds) > 0)
    assert np.all(np.diff(curve.false_positives) <= 0)
    assert np.all(np.diff(curve.false_negatives) >= 0)


@given(SCORES, SCORES, st.floats(0, 1))
def test_operating_point_keeps_the_rate_with_the_fewest_misses(
    nonmated: list[float], mated: list[float], rate: float
) -> None:
    point = det_curve(mated_scores=mated, nonmated_scores=nonmated).at(rate)
    assert point.false_positives == fmr(nonmated, point.threshold) <= rate
    assert point.false_negatives == fnmr(mated, point.threshold)
    lower = [s for s in {*nonmated, *mated} if s < point.threshold]
    assert all(fmr(nonmated, threshold) > rate for threshold in lower)


def test_no_observed_threshold_may_do() -> None:
    point = det_curve(mated_scores=[0.1], nonmated_scores=[0.9]).at(0.0)
    assert point == (math.inf, 0.0, 1.0)


def test_search_curve_counts_missing_mates() -> None:
    tops, scores, ranks = [0.4, None, 0.2], [0.9, 0.3, None, 0.5], [1, 9, None, 2]
    curve = search_det_curve(
        mated_scores=scores, mated_ranks=ranks, top_nonmated_scores=tops, rank=5
    )
    assert curve.thresholds.tolist() == [0.2, 0.3, 0.4, 0.5, 0.9, np.inf]
    assert curve.false_positives.tolist() == fpir(tops, curve.thresholds).tolist()
    expected = fnir(scores, ranks, curve.thresholds, 5)
    assert curve.false_negatives.tolist() == np.asarray(expected).tolist()
    assert curve.false_negatives[0] == 0.5
    assert curve.names == ("FPIR", "FNIR")


def test_search_curve_without_any_candidate() -> None:
    curve = search_det_curve(mated_scores=[None], top_nonmated_scores=[None])
    assert curve.thresholds.tolist() == [np.inf]
    assert curve.at(0.0).false_negatives == 1.0


@given(st.lists(st.integers(0, 9), min_size=1, max_size=12), st.integers(1, 10))
def test_cmc_is_the_complement_of_fnir(ranks: list[int], last: int) -> None:
    curve = cmc_curve(ranks, last)
    assert curve.ranks.tolist() == list(range(1, last + 1))
    expected = [1 - fnir(None, ranks, rank=r) for r in range(1, last + 1)]
    assert curve.hit_rates == pytest.approx(expected, abs=1e-15)


@pytest.mark.parametrize("rate", [-0.1, 1.1, math.nan])
def test_invalid_rates_are_refused(rate: float) -> None:
    with pytest.raises(InvalidInput) as caught:
        det_curve(mated_scores=[0.2], nonmated_scores=[0.1]).at(rate)
    assert caught.value.code == "bad_rate"


def test_cmc_needs_a_rank() -> None:
    with pytest.raises(InvalidInput) as caught:
        cmc_curve([1], 0)
    assert caught.value.code == "bad_rank"


def test_reprs_hold_no_scores() -> None:
    assert (
        repr(det_curve(mated_scores=[0.25], nonmated_scores=[0.125]))
        == "<DetCurve: FMR and FNMR, 3 thresholds>"
    )
    assert repr(cmc_curve([1], 3)) == "<CmcCurve: 3 ranks>"
