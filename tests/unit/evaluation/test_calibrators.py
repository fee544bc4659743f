from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.base import clone  # type: ignore[import-untyped]  # ships no types
from sklearn.exceptions import NotFittedError  # type: ignore[import-untyped]  # ships no types
from sklearn.model_selection import GroupKFold  # type: ignore[import-untyped]  # ships no types

from prum_match.errors import InvalidInput, PrumError
from prum_match.evaluation import (
    IsotonicCalibrator,
    LogisticCalibrator,
    cllr,
    cllr_min,
    elub,
    pool_adjacent_violators,
    require_disjoint_subjects,
)

SCORES = st.lists(st.integers(0, 20).map(lambda i: i / 8), min_size=1, max_size=15)
CALIBRATORS = [LogisticCalibrator(penalty=1e-3), IsotonicCalibrator()]


def normal_data(n: int = 400, seed: int = 0) -> tuple[Any, Any]:
    """Scores whose true log-likelihood ratio is 2 * score - 2."""
    random = np.random.RandomState(seed)
    scores = np.concatenate([random.normal(2, 1, n), random.normal(0, 1, 3 * n)])
    return scores, np.arange(4 * n) < n


# Labels drawn at random are the wrong ones as often as not.
BELOW = "ignore::prum_match.evaluation.MatedBelowNonmatedWarning"


def llrs_of(llrs: Any, is_mated: Any) -> dict[str, Any]:
    return {"mated_llrs": llrs[is_mated], "nonmated_llrs": llrs[~is_mated]}


def gradient(calibrator: Any, mated: Any, nonmated: Any) -> list[float]:
    """Slope of the weighted log-likelihood at the fitted line: 0 at its maximum."""
    prior = calibrator.prior
    shift = math.log(prior / (1 - prior))
    rows = []
    for scores, label, share in ((mated, 1.0, prior), (nonmated, 0.0, 1 - prior)):
        odds = calibrator.slope_ * scores + calibrator.offset_ + shift
        rest = (label - 0.5 * (1 + np.tanh(odds / 2))) * share / scores.size
        rows.append([rest.sum(), (rest * scores).sum()])
    return [float(total) for total in np.sum(rows, axis=0)]


@pytest.mark.parametrize("prior", [0.5, 0.01, 0.9])
def test_logistic_is_the_maximum_of_the_weighted_likelihood(prior: float) -> None:
    scores, mated = normal_data()
    calibrator = LogisticCalibrator(prior=prior, bounds=None).fit(scores, mated)
    assert gradient(calibrator, scores[mated], scores[~mated]) == pytest.approx([0, 0], abs=1e-10)
    assert calibrator.slope_ == pytest.approx(2, abs=0.4)
    assert calibrator.offset_ == pytest.approx(-2, abs=0.4)
    line = calibrator.slope_ * scores + calibrator.offset_
    assert calibrator.transform(scores) == pytest.approx(line, abs=1e-12)


def test_penalty_is_on_the_slope_of_standardised_scores() -> None:
    scores, mated = normal_data()
    calibrator = LogisticCalibrator(penalty=0.5, bounds=None).fit(scores, mated)
    offset, slope = gradient(calibrator, scores[mated], scores[~mated])
    assert offset == pytest.approx(0, abs=1e-10)
    assert slope == pytest.approx(0.5 * calibrator.slope_ * scores.var(), abs=1e-10)


def test_logistic_at_even_prior_minimises_cllr() -> None:
    scores, mated = normal_data(100)
    calibrator = LogisticCalibrator(bounds=None).fit(scores, mated)
    best = cllr(**llrs_of(calibrator.transform(scores), mated))
    for slope, offset in ((0.01, 0), (-0.01, 0), (0, 0.01), (0, -0.01)):
        other = (calibrator.slope_ + slope) * scores + calibrator.offset_ + offset
        assert cllr(**llrs_of(other, mated)) > best


def test_logistic_follows_the_scale_of_the_scores() -> None:
    scores, mated = normal_data(100)
    plain = LogisticCalibrator(penalty=0.01).fit(scores, mated)
    for factor, shift in ((1e-200, 0.0), (1e200, 0.0), (3.0, 1e3), (1e-9, 5.0)):
        moved = scores * factor + shift
        other = LogisticCalibrator(penalty=0.01).fit(moved, mated)
        assert other.transform(moved) == pytest.approx(plain.transform(scores), rel=1e-4, abs=1e-4)


@pytest.mark.filterwarnings(BELOW)
@given(SCORES, SCORES)
def test_maps_never_fall_and_stay_in_bounds(mated: list[float], nonmated: list[float]) -> None:
    scores = np.array(mated + nonmated)
    is_mated = np.arange(scores.size) < len(mated)
    grid = np.linspace(scores.min(), scores.max(), 101)
    for calibrator in CALIBRATORS:
        llrs = calibrator.fit(scores, is_mated).transform(grid)
        low, high = calibrator.bounds_
        assert np.all(np.diff(llrs) >= 0.0)
        assert -math.log(len(mated) + 1) - 1e-12 <= low <= llrs.min()
        assert llrs.max() <= high <= math.log(len(nonmated) + 1) + 1e-12


@pytest.mark.filterwarnings(BELOW)
@given(SCORES, SCORES)
def test_isotonic_is_the_pools_within_bounds(mated: list[float], nonmated: list[float]) -> None:
    scores = np.array(mated + nonmated)
    is_mated = np.arange(scores.size) < len(mated)
    pools = pool_adjacent_violators(mated_scores=mated, nonmated_scores=nonmated)
    found = IsotonicCalibrator(bounds=1.5).fit(scores, is_mated).transform(scores)
    expected = np.clip(pools.llrs[np.searchsorted(pools.high, scores)], -1.5, 1.5)
    assert found.tolist() == expected.tolist()
    wide = IsotonicCalibrator(bounds=700.0).fit(scores, is_mated).transform(scores)
    assert cllr(**llrs_of(wide, is_mated)) == pytest.approx(
        cllr_min(mated_scores=mated, nonmated_scores=nonmated), abs=1e-12
    )


def test_bounds_are_those_of_the_unbounded_ratios() -> None:
    scores, mated = normal_data(50)
    free = LogisticCalibrator(bounds=None).fit(scores, mated).transform(scores)
    calibrator = LogisticCalibrator().fit(scores, mated)
    assert calibrator.bounds_ == pytest.approx(elub(**llrs_of(free, mated)), abs=1e-12)
    bounded = calibrator.transform(scores)
    assert bounded == pytest.approx(np.clip(free, *calibrator.bounds_), abs=1e-12)
    assert bounded.max() == calibrator.bounds_[1] < free.max()
    fixed = LogisticCalibrator(bounds=1.0).fit(scores, mated).transform(scores)
    assert fixed == pytest.approx(np.clip(free, -1, 1), abs=1e-12)


@pytest.mark.parametrize("calibrator", CALIBRATORS)
def test_scores_outside_the_fitted_range(calibrator: Any) -> None:
    scores, mated = normal_data(50)
    calibrator.set_params(outside="raise").fit(scores, mated)
    for beyond in (scores.min() - 1e-9, scores.max() + 1e-9):
        with pytest.raises(InvalidInput) as caught:
            calibrator.transform([0.0, beyond])
        assert (caught.value.code, caught.value.index) == ("outside_range", 1)
        assert str(beyond)[:6] not in str(caught.value)
    ends = calibrator.transform([scores.min(), scores.max()])
    clipped = calibrator.set_params(outside="clip").transform([-1e9, 1e9])
    assert clipped.tolist() == ends.tolist()
    calibrator.set_params(outside="raise")


def test_scores_without_overlap_have_no_best_slope() -> None:
    scores, labels = [0.1, 0.2, 0.8, 0.9], [0, 0, 1, 1]
    for touching in (scores, [0.1, 0.8, 0.8, 0.9]):
        with pytest.raises(InvalidInput) as caught:
            LogisticCalibrator().fit(touching, labels)
        assert caught.value.code == "separable"
    assert LogisticCalibrator(penalty=0.1).fit(scores, labels).slope_ > 0
    isotonic = IsotonicCalibrator().fit(scores, labels)
    assert isotonic.transform(scores) == pytest.approx([-math.log(2)] * 2 + [math.log(2)] * 2)


def test_an_overlap_too_thin_for_floats_counts_as_separation() -> None:
    scores = np.concatenate([np.linspace(1, 2, 50), [1 - 1e-12], np.linspace(0, 1, 50)])
    # Any warning would be an error here, as the configuration of the tests has it.
    with pytest.raises(InvalidInput) as caught:
        LogisticCalibrator().fit(scores, np.arange(101) < 51)
    assert caught.value.code == "separable"


@pytest.mark.filterwarnings(BELOW)
@pytest.mark.parametrize("calibrator", CALIBRATORS)
@pytest.mark.parametrize("scores", [[0.8, 0.9, 0.1, 0.2], [0.5, 0.5, 0.5, 0.5]])
def test_uninformative_scores_have_the_ratio_one(calibrator: Any, scores: list[float]) -> None:
    calibrator.fit(scores, [0, 0, 1, 1])
    assert calibrator.transform(scores).tolist() == [0.0] * 4
    with pytest.raises(InvalidInput) as caught:
        calibrator.to_calibration(category="face", model="m 1", stratum="all")
    assert caught.value.code == "no_evidence"


@pytest.mark.parametrize("calibrator", CALIBRATORS)
def test_frozen_is_the_same_to_the_bit(calibrator: Any) -> None:
    scores, mated = normal_data(50)
    calibrator.fit(scores, mated, subjects=np.arange(200) // 2)
    frozen = calibrator.to_calibration(category="face", model="m 1", stratum="frontal")
    again = type(frozen).from_json(frozen.to_json())
    grid = np.linspace(scores.min(), scores.max(), 999)
    found = np.asarray(again.apply(grid, model="m 1", stratum="frontal"))
    assert found.tobytes() == calibrator.transform(grid).tobytes()
    assert (frozen.mated, frozen.nonmated, frozen.subjects) == (50, 150, 100)
    assert calibrator.fit(scores, mated).subjects_ is None


def test_labels_of_any_two_values() -> None:
    scores = [0.1, 0.5, 0.4, 0.9]
    found = {
        tuple(IsotonicCalibrator().fit(scores, labels).transform(scores).tolist())
        for labels in ([False, False, True, True], [0, 0, 1, 1], [-1, -1, 1, 1], [1.0, 1, 2, 2])
    }
    assert len(found) == 1


def test_out_of_fold_ratios_by_subject() -> None:
    scores, mated = normal_data(100)
    subjects = np.arange(400) % 40
    calibrator = LogisticCalibrator(outside="clip")
    llrs = np.empty(scores.size)
    for fit, test in GroupKFold(4).split(scores, mated, subjects):
        fold = clone(calibrator).fit(scores[fit], mated[fit], subjects[fit])
        require_disjoint_subjects(fold.subjects_, subjects[test])
        llrs[test] = fold.transform(scores[test])
    assert cllr(**llrs_of(llrs, mated)) < 0.6


@pytest.mark.parametrize("calibrator", CALIBRATORS)
@pytest.mark.parametrize(
    ("scores", "labels", "code"),
    [
        ([], [], "empty"),
        ([0.1, math.nan], [0, 1], "not_finite"),
        ([0.1, math.inf], [0, 1], "not_finite"),
        ([[0.1, 0.2], [0.3, 0.4]], [0, 1], "bad_shape"),
        ([0.1, 0.2], [0, 1, 1], "length_mismatch"),
        ([0.1, 0.2], [1, 1], "one_class"),
        ([0.1, 0.2, 0.3], [0, 1, 2], "bad_labels"),
        ([0.1, 0.2], ["yes", "no"], "bad_labels"),
        ([0.1, 0.2], [0.0, math.nan], "bad_labels"),
        ([0.1, 0.2], None, "bad_labels"),
        ([True, False], [0.1, 0.2], "not_a_number"),
    ],
)
def test_data_that_are_refused(calibrator: Any, scores: Any, labels: Any, code: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        calibrator.fit(scores, labels)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("calibrator", "field"),
    [
        (LogisticCalibrator(prior=0.0), "prior"),
        (LogisticCalibrator(prior=1.0), "prior"),
        (LogisticCalibrator(penalty=-1.0), "penalty"),
        (LogisticCalibrator(bounds=0.0), "bounds"),
        (LogisticCalibrator(bounds="x"), "bounds"),  # type: ignore[arg-type]
        (LogisticCalibrator(outside="x"), "outside"),  # type: ignore[arg-type]
        (LogisticCalibrator(score_column=True), "score_column"),
        (IsotonicCalibrator(bounds=None), "bounds"),  # type: ignore[arg-type]
        (IsotonicCalibrator(bounds=math.inf), "bounds"),
    ],
)
def test_parameters_that_are_refused(calibrator: Any, field: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        calibrator.fit([0.1, 0.2, 0.3], [0, 1, 0])
    assert (caught.value.code, caught.value.field) == ("bad_parameter", field)


def test_subjects_belong_to_rows() -> None:
    with pytest.raises(InvalidInput) as caught:
        IsotonicCalibrator().fit([0.1, 0.2], [0, 1], subjects=["a"])
    assert caught.value.code == "length_mismatch"


def test_scores_beyond_floats_are_refused() -> None:
    with pytest.raises(InvalidInput) as caught:
        LogisticCalibrator().fit([-1e308, 1e308, 0.0, 5.0], [0, 1, 1, 0])
    assert caught.value.code == "score_range"
    with pytest.raises(InvalidInput) as caught:
        LogisticCalibrator(penalty=1e-3).fit([0.0, 0.0, 5e-324, 5e-324], [0, 0, 1, 1])
    assert caught.value.code == "score_range"


def test_an_unfitted_calibrator_raises_not_fitted() -> None:
    for caught in (NotFittedError, PrumError):
        with pytest.raises(caught) as error:
            IsotonicCalibrator().transform([0.1])
        assert error.value.code == "not_fitted"


def test_a_column_of_a_table() -> None:
    scores, mated = normal_data(50)
    table = np.column_stack([np.zeros(scores.size), scores])
    plain = IsotonicCalibrator().fit(scores, mated)
    column = IsotonicCalibrator(score_column=1).fit(table, mated)
    assert column.transform(table).tolist() == plain.transform(scores[:, None]).tolist()
    with pytest.raises(InvalidInput, match="is expecting 2 features"):
        column.transform(table[:, [1, 0, 0]])
    with pytest.raises(InvalidInput, match="Reshape your data"):
        column.transform(scores)
