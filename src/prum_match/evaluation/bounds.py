"""Empirical lower and upper bounds (ELUB): the range of likelihood ratios that data support."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from prum_match.evaluation.both_kinds import log_ratios_of_both
from prum_match.evaluation.inputs import Floats


def elub(*, mated_llrs: ArrayLike, nonmated_llrs: ArrayLike) -> tuple[float, float]:
    """Return the range in which these likelihood ratios beat saying nothing.

    A likelihood ratio far above the number of non-mated comparisons rests on the model's tail,
    not on data. The bounds are the largest range around LR 1 in which a decision at any threshold
    costs no more with the system than without, after one comparison of either kind has been
    added that misleads as badly as possible.

    Parameters
    ----------
    mated_llrs, nonmated_llrs : array_like of float
        Natural logarithms of the likelihood ratios of mated and non-mated comparisons; they may
        be infinite.

    Returns
    -------
    low, high : float
        Natural logarithms, ``-log(mated + 1) <= low <= 0 <= high <= log(nonmated + 1)``. Both 0:
        the data support no evidential value at all.

    Raises
    ------
    InvalidInput
        Codes ``"empty"``, ``"bad_shape"``, ``"masked"``, ``"not_a_number"``, ``"not_finite"``
        (NaN).

    Warns
    -----
    MatedBelowNonmatedWarning
        Mated ratios lie below non-mated ones by more than chance.

    Notes
    -----
    Vergeer, van Es, de Jongh, Alberink, Stoel (2016), Science & Justice 56:482-491. Solved for
    the crossing itself, where the published procedure steps along a grid of thresholds.

    Examples
    --------
    >>> low, high = elub(mated_llrs=[float("inf")] * 3, nonmated_llrs=[-float("inf")] * 3)
    >>> np.exp([low, high])
    array([0.33333333, 3.        ])
    """
    return elub_of_arrays(*log_ratios_of_both(mated_llrs, nonmated_llrs))


def elub_of_arrays(mated: Floats, nonmated: Floats) -> tuple[float, float]:
    """Return the bounds from log-likelihood ratios that were checked."""
    # Exchanging the hypotheses turns a likelihood ratio into its inverse.
    low = _upper(-nonmated, -mated)
    return (0.0 - low, _upper(mated, nonmated))


def _upper(mated: Floats, nonmated: Floats) -> float:
    """Return the largest u >= 0 such that no threshold from 0 to u costs more than saying nothing.

    At a threshold t > 1, which stands for prior odds of 1/t, saying nothing costs 1 and the
    system costs miss(t) + t * false_alarm(t). Both rates are constant between neighbouring
    likelihood ratios, so there the cost passes 1 at t = (1 - miss) / false_alarm.
    """
    steps = np.unique(np.concatenate([[0.0], mated, nonmated]))
    steps = steps[(steps >= 0.0) & np.isfinite(steps)]
    # Interval i reaches from steps[i] to steps[i + 1], the last one to infinity.
    found = mated.size - np.searchsorted(np.sort(mated), steps, side="right")
    alarms = nonmated.size - np.searchsorted(np.sort(nonmated), steps, side="right")
    with np.errstate(divide="ignore"):
        crossing = np.log(found / (mated.size + 1)) - np.log((alarms + 1) / (nonmated.size + 1))
    first = int(np.argmax(crossing < np.append(steps[1:], np.inf)))
    return float(max(steps[first], crossing[first]))
