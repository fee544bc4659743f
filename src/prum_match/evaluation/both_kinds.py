"""Mated and non-mated scores that are given together, and a warning where they look exchanged."""

from __future__ import annotations

import warnings
from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from prum_match.evaluation.inputs import Floats, finite_scores, log_ratios

# Standard errors below one half from which an AUC is no longer put down to chance.
_STANDARD_ERRORS = 3.0


class MatedBelowNonmatedWarning(UserWarning):
    """Mated scores lie below the non-mated ones, as if the two had been exchanged.

    Functions that take both kinds warn if every mated score lies below every non-mated one (two
    or more of each), or if the area under the ROC curve (the chance that a mated score exceeds a
    non-mated one) is below one half by three standard errors, each taken as large as it can be,
    ``0.5 / sqrt(number of the rarer kind)``. A system that is merely weak stays above that.
    Distances given as scores are noticed in the same way. The result is computed nevertheless.

    Notes
    -----
    The bound of the variance: Birnbaum, Klose (1957), Ann Math Stat 28:933-945.

    Examples
    --------
    >>> import warnings
    >>> from prum_match.evaluation import cllr
    >>> with warnings.catch_warnings(record=True) as caught:
    ...     warnings.simplefilter("always")
    ...     _ = cllr(mated_llrs=[-3.0, -2.0], nonmated_llrs=[1.0, 2.0])
    >>> caught[0].category.__name__
    'MatedBelowNonmatedWarning'
    """


def finite_scores_of_both(mated: ArrayLike, nonmated: ArrayLike) -> tuple[Floats, Floats]:
    """Return mated and non-mated comparison scores as float64."""
    return _both(finite_scores, "scores", mated, nonmated)


def any_scores_of_both(mated: ArrayLike, nonmated: ArrayLike) -> tuple[Floats, Floats]:
    """Return mated and non-mated scores of which only the order counts; infinite ones are valid."""
    return _both(log_ratios, "scores", mated, nonmated)


def log_ratios_of_both(mated: ArrayLike, nonmated: ArrayLike) -> tuple[Floats, Floats]:
    """Return mated and non-mated log-likelihood ratios as float64."""
    return _both(log_ratios, "llrs", mated, nonmated)


def warn_if_mated_below(mated: Floats, nonmated: Floats, *, stacklevel: int) -> None:
    """Warn where mated scores lie below non-mated ones by more than chance."""
    area = _area_if_below(mated, nonmated)
    rarer = min(mated.size, nonmated.size)
    if (area == 0.0 and rarer >= 2) or area < 0.5 - _STANDARD_ERRORS * 0.5 / rarer**0.5:
        warnings.warn(
            f"mated scores lie below non-mated ones (area under the ROC curve {area:.3f}); check "
            "that the two are not exchanged and that higher scores mean more alike",
            MatedBelowNonmatedWarning,
            stacklevel=stacklevel + 1,
        )


def _both(
    read: Callable[[ArrayLike, str], Floats], what: str, mated: ArrayLike, nonmated: ArrayLike
) -> tuple[Floats, Floats]:
    found = read(mated, f"mated_{what}"), read(nonmated, f"nonmated_{what}")
    # Attributed to the caller of the public function: above this one, its reader and itself.
    warn_if_mated_below(*found, stacklevel=4)
    return found


def _area_if_below(mated: Floats, nonmated: Floats) -> float:
    """Return the area under the ROC curve, or 1 where a look at the medians rules a warning out."""
    # Linear time for all data that are in order; the bootstrap calls this a thousand times.
    if _median(mated) >= _median(nonmated):
        return 1.0
    levels = np.sort(nonmated)
    lower = np.searchsorted(levels, mated, side="left") + np.searchsorted(levels, mated, "right")
    return float(lower.mean() / (2.0 * nonmated.size))


def _median(values: Floats) -> float:
    # Never the mean of two values, which may be infinities of opposite sign.
    middle = values.size // 2
    return float(np.partition(values, middle)[middle])
