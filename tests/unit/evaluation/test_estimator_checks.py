"""scikit-learn's own checks of the two calibrators."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sklearn.utils import get_tags  # type: ignore[import-untyped]  # ships no types
from sklearn.utils.estimator_checks import (  # type: ignore[import-untyped]  # ships no types
    parametrize_with_checks,
)

from prum_match.evaluation import IsotonicCalibrator, LogisticCalibrator

CANNOT_APPLY = {
    "check_fit_score_takes_y": "the labels are called is_mated, as in the rest of the library",
    "check_dtype_object": "wants a TypeError for a score that is a dict; bad input is a ValueError",
}


def expected_failures(estimator: Any) -> dict[str, str]:
    return CANNOT_APPLY


# The checks fit tables; score_column says which column of them is the score. They also fit
# scores that separate the two kinds, which has a logistic answer with a penalty alone.
@parametrize_with_checks(  # type: ignore[untyped-decorator]  # as above
    [
        LogisticCalibrator(penalty=1e-3, score_column=0),
        IsotonicCalibrator(score_column=0),
        IsotonicCalibrator(bounds=5.0, outside="clip", score_column=0),
    ],
    expected_failed_checks=expected_failures,
)
def test_estimator(estimator: Any, check: Callable[[Any], None]) -> None:
    check(estimator)


def test_labels_are_required_and_scores_are_a_vector() -> None:
    tags = get_tags(IsotonicCalibrator())
    assert tags.target_tags.required
    assert tags.input_tags.one_d_array
    assert not tags.input_tags.two_d_array
