"""Quality of likelihood ratios: Cllr, its discrimination part, empirical cross-entropy.

Likelihood ratios go in and out as **natural logarithms**, mated against non-mated: positive
supports *same subject*. Costs are in bits. Infinite ones are statements of certainty: they cost
nothing where they are right and infinitely much where they are wrong, so a single wrong one makes
Cllr infinite.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from prum_match.errors import InvalidInput
from prum_match.evaluation.both_kinds import any_scores_of_both, log_ratios_of_both
from prum_match.evaluation.inputs import Floats, finite_scores
from prum_match.evaluation.pav import pools_of_arrays

# Prior odds from 1:1000 to 1000:1 in twentieths of a decade; even odds are among them.
DEFAULT_PRIORS = np.arange(-60, 61) / 20.0
# Beyond this, a prior probability is no longer a normal float.
MAX_LOG10_ODDS = 300


def cllr(*, mated_llrs: ArrayLike, nonmated_llrs: ArrayLike) -> float:
    """Return the log-likelihood-ratio cost Cllr in bits.

    Parameters
    ----------
    mated_llrs, nonmated_llrs : array_like of float
        Natural logarithms of the likelihood ratios of mated and non-mated comparisons.

    Returns
    -------
    float
        0 is perfect; 1 is the cost of saying nothing (LR 1 throughout); more is worse than that.
        Infinite if an infinite log-likelihood ratio points the wrong way.

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
    Brümmer, du Preez (2006), Computer Speech & Language 20:230-275. The mean over mated LRs of
    log2(1 + 1/LR) and the mean over non-mated ones of log2(1 + LR), halved.

    Examples
    --------
    >>> cllr(mated_llrs=[0.0, 0.0], nonmated_llrs=[0.0])
    1.0
    >>> round(cllr(mated_llrs=np.log([2, 2]), nonmated_llrs=np.log([0.5, 0.5])), 12)
    0.584962500721
    """
    mated, nonmated = log_ratios_of_both(mated_llrs, nonmated_llrs)
    return float((_cost(-mated).mean() + _cost(nonmated).mean()) / 2.0)


def cllr_min(*, mated_scores: ArrayLike, nonmated_scores: ArrayLike) -> float:
    """Return the Cllr that the best monotone calibration of these scores would have.

    It measures how well the scores separate, apart from how they are calibrated;
    ``cllr(...) - cllr_min(...)`` on the same likelihood ratios is the loss from calibration. The
    map is fitted on the scores that it is judged by, so it flatters small sets.

    Parameters
    ----------
    mated_scores, nonmated_scores : array_like of float
        Scores, or log-likelihood ratios, of mated and non-mated comparisons. Only their order
        counts, so infinite ones are allowed.

    Returns
    -------
    float
        From 0 to 1, in bits.

    Raises
    ------
    InvalidInput
        As :func:`cllr`.

    Warns
    -----
    MatedBelowNonmatedWarning
        Mated scores lie below non-mated ones by more than chance.

    Notes
    -----
    Brümmer, du Preez (2006), Computer Speech & Language 20:230-275, by pooling adjacent violators.

    Examples
    --------
    >>> cllr_min(mated_scores=[0.9, 0.8, 0.7, 0.4], nonmated_scores=[0.5, 0.3, 0.2, 0.1])
    0.25
    >>> cllr_min(mated_scores=[2.0, 3.0], nonmated_scores=[0.0, 1.0])
    0.0
    """
    return _pooled_cost(_pooled(*any_scores_of_both(mated_scores, nonmated_scores)), 0.0)


@dataclass(frozen=True, eq=False, repr=False)
class EceCurve:
    """Empirical cross-entropy over prior odds, in bits.

    Attributes
    ----------
    log10_prior_odds : numpy.ndarray of float64
        Decimal logarithm of the prior odds, mated to non-mated.
    observed : numpy.ndarray of float64
        Of the likelihood ratios as given.
    calibrated : numpy.ndarray of float64
        After the best monotone calibration; the gap below ``observed`` is calibration loss.
    neutral : numpy.ndarray of float64
        Of a system that always says LR 1. Where ``observed`` lies above it, using the
        likelihood ratios is worse than leaving them out.
    """

    log10_prior_odds: Floats
    observed: Floats
    calibrated: Floats
    neutral: Floats

    def __repr__(self) -> str:
        return f"<EceCurve: {len(self.log10_prior_odds)} priors>"


def ece_curve(
    *,
    mated_llrs: ArrayLike,
    nonmated_llrs: ArrayLike,
    log10_prior_odds: ArrayLike = DEFAULT_PRIORS,
) -> EceCurve:
    """Return the empirical cross-entropy of likelihood ratios over prior odds.

    Parameters
    ----------
    mated_llrs, nonmated_llrs : array_like of float
        Natural logarithms of the likelihood ratios of mated and non-mated comparisons.
    log10_prior_odds : array_like of float, default -3 to 3
        Decimal logarithms of prior odds, within 300 of 0.

    Returns
    -------
    EceCurve
        Observed, calibrated and neutral; at even odds ``observed`` is Cllr and ``calibrated``
        is Cllr_min.

    Raises
    ------
    InvalidInput
        Codes ``"empty"``, ``"bad_shape"``, ``"masked"``, ``"not_a_number"``, ``"not_finite"``,
        ``"bad_prior"``.

    Warns
    -----
    MatedBelowNonmatedWarning
        Mated ratios lie below non-mated ones by more than chance.

    Notes
    -----
    Ramos, Gonzalez-Rodriguez, Zadora, Aitken (2013), J Forensic Sci 58:1503-1518.

    Examples
    --------
    >>> ratios = {"mated_llrs": [1.0, 2.0], "nonmated_llrs": [-2.0, 0.5]}
    >>> curve = ece_curve(**ratios, log10_prior_odds=[-1.0, 0.0])
    >>> float(curve.observed[1]) == cllr(**ratios), float(curve.neutral[1])
    (True, 1.0)
    """
    mated, nonmated = log_ratios_of_both(mated_llrs, nonmated_llrs)
    grid = finite_scores(log10_prior_odds, "log10_prior_odds")
    beyond = np.flatnonzero(np.abs(grid) > MAX_LOG10_ODDS)
    if beyond.size:
        raise InvalidInput(
            f"log10_prior_odds must lie within {MAX_LOG10_ODDS} of 0",
            code="bad_prior",
            field="log10_prior_odds",
            index=int(beyond[0]),
        )
    pools = _pooled(mated, nonmated)
    odds = grid * np.log(10.0)
    observed = [
        _weighted(o, _cost(-mated - o).mean(), _cost(nonmated + o).mean()) for o in odds.tolist()
    ]
    calibrated = [_pooled_cost(pools, o) for o in odds.tolist()]
    neutral = [_weighted(o, _cost(-o), _cost(o)) for o in odds.tolist()]
    return EceCurve(grid, np.array(observed), np.array(calibrated), np.array(neutral))


def _cost(llrs: Floats | float) -> Floats:
    """Return log2(1 + exp(x)) without overflow, exact at both infinities."""
    return np.asarray(np.logaddexp(0.0, llrs) / np.log(2.0))


def _weighted(odds: float, mated: Floats, nonmated: Floats) -> float:
    """Return the mean cost of either kind, weighted by its prior."""
    # Both priors from their own formula: 1 - p would be 0 at large odds, and 0 times an
    # infinite cost is not a number.
    prior, other = np.exp(-np.logaddexp(0.0, [-odds, odds]))
    return float(prior * mated + other * nonmated)


def _pooled(mated: Floats, nonmated: Floats) -> tuple[Floats, Floats, Floats]:
    """Return the log-likelihood ratio of each pool and its share of either kind."""
    pools = pools_of_arrays(mated, nonmated)
    shares = (kind / kind.sum() for kind in (pools.mated, pools.nonmated))
    return pools.llrs, *shares


def _pooled_cost(pools: tuple[Floats, Floats, Floats], odds: float) -> float:
    llrs, mated, nonmated = pools
    # A pool without one kind has an infinite ratio. It costs the other kind nothing, and the
    # absent kind is left out, because 0 times infinity is not a number.
    has_mated, has_nonmated = mated > 0, nonmated > 0
    right = mated[has_mated] @ _cost(-llrs[has_mated] - odds)
    wrong = nonmated[has_nonmated] @ _cost(llrs[has_nonmated] + odds)
    return _weighted(odds, right, wrong)
