"""Fitting a calibration: scikit-learn estimators from scores to log-likelihood ratios.

Both are transformers of one feature, the comparison score, with labels as ``y``; they clone, sit
in pipelines and pass scikit-learn's estimator checks. Log-likelihood ratios are natural
logarithms. Neither map ever falls with the score, reaches beyond the scores that it was fitted
on or, unless ``bounds`` says otherwise, claims more than the data can carry (see
:func:`prum_match.evaluation.elub`). ``to_calibration`` freezes the result for use.
"""

from __future__ import annotations

import math
import warnings
from typing import Literal

import numpy as np

from prum_match.engine.calibration import Outside
from prum_match.errors import InvalidInput
from prum_match.evaluation.fitting import (
    Bounds,
    ScoreCalibrator,
    bad_parameter,
    is_positive,
)
from prum_match.evaluation.inputs import Floats
from prum_match.evaluation.pav import pools_of_arrays


class LogisticCalibrator(ScoreCalibrator):
    """Affine calibration by prior-weighted logistic regression.

    Parameters
    ----------
    prior : float, default 0.5
        Prior probability of *mated* for which the map is best; either kind of comparison is
        weighted to that share, whatever their numbers. At 0.5 the fit minimises Cllr.
    penalty : float, default 0.0
        Strength of an L2 penalty on the slope, in units of the pooled standard deviation of the
        scores. 0 is maximum likelihood, which does not exist where the scores separate the two
        kinds without overlap.
    bounds : "elub", float or None, default "elub"
        Limits of the log-likelihood ratio: the data's own, plus or minus a number, or none.
    outside : {"raise", "clip"}, default "raise"
        What :meth:`transform` does with scores outside the range fitted on.
    score_column : int, optional
        Column of the scores in a table; None: scores come as a vector or as a single column.

    Attributes
    ----------
    slope_, offset_ : float
        The affine map before bounds: ``llr = slope_ * score + offset_``. The slope is never
        negative: where the mean mated score is not above the mean non-mated one, the best map
        that does not fall says 0 throughout.
    scores_, llrs_ : numpy.ndarray of float64
        Knots of the bounded map.
    bounds_ : tuple of float
        Limits in force.

    Raises
    ------
    InvalidInput
        On fitting, code ``"separable"``: no maximum-likelihood slope exists; code
        ``"score_range"``: the scores spread too far, or too little, for floats.

    Notes
    -----
    Brümmer, du Preez (2006), Computer Speech & Language 20:230-275; Morrison (2013), Aust J
    Forensic Sci 45:173-197. The optimum is scikit-learn's ``LogisticRegression`` with sample
    weights, on standardised scores.

    Examples
    --------
    >>> scores = [0.1, 0.2, 0.3, 0.5, 0.4, 0.7, 0.8, 0.9]
    >>> mated = [False] * 4 + [True] * 4
    >>> calibrator = LogisticCalibrator(bounds=None).fit(scores, mated)
    >>> calibrator.transform([0.2, 0.45, 0.8]).round(2)
    array([-3.05, -0.2 ,  3.78])
    """

    _method = "logistic"

    def __init__(
        self,
        *,
        prior: float = 0.5,
        penalty: float = 0.0,
        bounds: Bounds = "elub",
        outside: Outside = "raise",
        score_column: int | None = None,
    ) -> None:
        self.prior = prior
        self.penalty = penalty
        self.bounds = bounds
        self.outside = outside
        self.score_column = score_column

    def _map(self, mated: Floats, nonmated: Floats) -> tuple[Floats, Floats]:
        scores = np.concatenate([mated, nonmated])
        least, most = scores.min(), scores.max()
        with np.errstate(over="ignore"):
            width = float(most - least)
        if not math.isfinite(width):
            raise _score_range()
        ends = np.unique([least, most])
        # Scores go to 0..1 first, where neither a mean nor a variance can leave the floats.
        unit = (scores - least) / (width or 1.0)
        # The likelihood is concave and, seen from slope 0, rises in the direction of the
        # difference of the means: the best slope has that sign.
        if unit[: mated.size].mean() <= unit[mated.size :].mean():
            self.slope_ = self.offset_ = 0.0
            return ends, np.zeros(ends.size)
        # With one feature, a maximum exists exactly where the two kinds overlap (Albert,
        # Anderson 1984, Biometrika 71:1-10).
        if self.penalty == 0.0 and nonmated.max() <= mated.min():
            raise _separable()
        center, spread = unit.mean(), unit.std()
        slope, offset = self._regress((unit - center) / spread, mated.size)
        llrs = slope * (np.array([0.0, 1.0]) - center) / spread + offset
        with np.errstate(over="ignore"):
            steepness = float((llrs[1] - llrs[0]) / width)
        if not math.isfinite(steepness):
            raise _score_range()
        self.slope_ = steepness
        self.offset_ = float(llrs[0] - steepness * least)
        return ends, llrs

    def _regress(self, scores: Floats, mated: int) -> tuple[float, float]:
        """Return slope and offset for standardised scores, the mated ones first."""
        # scikit-learn ships no type information.
        from sklearn.exceptions import ConvergenceWarning  # type: ignore[import-untyped]
        from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]

        label = np.arange(scores.size) < mated
        share = np.where(label, self.prior / mated, (1.0 - self.prior) / (scores.size - mated))
        regression = LogisticRegression(
            C=math.inf if self.penalty == 0.0 else 1.0 / self.penalty,
            solver="newton-cholesky",
            tol=1e-12,
            max_iter=1000,
        )
        with warnings.catch_warnings(), np.errstate(over="ignore"):
            warnings.simplefilter("error", ConvergenceWarning)
            try:
                regression.fit(scores[:, None], label, sample_weight=share)
            except ConvergenceWarning:
                # An overlap too thin for floats: the slope runs away as if there were none.
                raise _separable() from None
        odds = math.log(self.prior) - math.log1p(-self.prior)
        return float(regression.coef_[0, 0]), float(regression.intercept_[0]) - odds

    def _bound(self, knots: Floats, llrs: Floats) -> tuple[Floats, Floats]:
        # The line bends where it meets a limit, so there is a knot.
        limits = np.array([limit for limit in self.bounds_ if llrs[0] < limit < llrs[-1]])
        cuts = np.interp(limits, llrs, knots)
        x, first = np.unique(np.concatenate([knots, cuts]), return_index=True)
        return x, np.clip(np.concatenate([llrs, limits])[first], *self.bounds_)

    def _check_parameters(self) -> None:
        super()._check_parameters()
        if not is_positive(self.prior) or self.prior >= 1.0:
            raise bad_parameter("prior", "prior lies between 0 and 1", self.prior)
        if self.penalty != 0.0 and not is_positive(self.penalty):
            raise bad_parameter("penalty", "penalty is 0 or a positive number", self.penalty)


class IsotonicCalibrator(ScoreCalibrator):
    """Monotone calibration without a model, by pooling adjacent violators, with bounds.

    Within a pool of scores the log-likelihood ratio is constant, between neighbouring pools it
    is interpolated. Pools of one kind alone would get infinite ratios; the bounds limit them.

    Parameters
    ----------
    bounds : "elub" or float, default "elub"
        Limits of the log-likelihood ratio: the data's own, or plus or minus a number.
    outside : {"raise", "clip"}, default "raise"
        What :meth:`transform` does with scores outside the range fitted on.
    score_column : int, optional
        Column of the scores in a table; None: scores come as a vector or as a single column.

    Attributes
    ----------
    scores_, llrs_ : numpy.ndarray of float64
        Knots: lowest and highest score of each pool and its bounded log-likelihood ratio.
    bounds_ : tuple of float
        Limits in force.

    Notes
    -----
    Zadrozny, Elkan (2002), KDD; see :func:`prum_match.evaluation.pool_adjacent_violators`. Not
    scikit-learn's ``IsotonicRegression``, which works in floats and takes scores closer than
    1e-15 for equal; on scores further apart the two agree.

    Examples
    --------
    >>> scores = [0.1, 0.2, 0.3, 0.5, 0.4, 0.7, 0.8, 0.9]
    >>> mated = [False] * 4 + [True] * 4
    >>> calibrator = IsotonicCalibrator(bounds=2.0).fit(scores, mated)
    >>> calibrator.transform([0.2, 0.45, 0.8])
    array([-2.,  0.,  2.])
    """

    _method = "isotonic"

    def __init__(
        self,
        *,
        bounds: Literal["elub"] | float = "elub",
        outside: Outside = "raise",
        score_column: int | None = None,
    ) -> None:
        self.bounds = bounds
        self.outside = outside
        self.score_column = score_column

    def _map(self, mated: Floats, nonmated: Floats) -> tuple[Floats, Floats]:
        pools = pools_of_arrays(mated, nonmated)
        knots, first = np.unique(np.column_stack([pools.low, pools.high]), return_index=True)
        return knots, np.repeat(pools.llrs, 2)[first]

    def _bound(self, knots: Floats, llrs: Floats) -> tuple[Floats, Floats]:
        return knots, np.clip(llrs, *self.bounds_)

    def _check_parameters(self) -> None:
        super()._check_parameters()
        if self.bounds is None:
            raise bad_parameter("bounds", "pools of one kind need a bound", None)


def _score_range() -> InvalidInput:
    return InvalidInput(
        "the range of the scores is too wide or too narrow for floats",
        code="score_range",
        field="scores",
    )


def _separable() -> InvalidInput:
    return InvalidInput(
        "the scores separate the two kinds (almost) completely, so no slope is the best one; "
        "set a penalty, or use IsotonicCalibrator",
        code="separable",
        field="scores",
    )
