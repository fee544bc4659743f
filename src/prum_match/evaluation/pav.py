"""Pool adjacent violators: the best monotone map from scores to likelihood ratios.

Zadrozny and Elkan (2002) for probabilities, Brümmer and du Preez (2006) for likelihood ratios:
among all maps that never fall with the score, the one found here minimises Cllr and every other
proper scoring rule at once. Counts stay whole numbers throughout, so the pools are exact;
scikit-learn's isotonic regression works in floats and joins scores closer than 1e-15.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from prum_match.evaluation.both_kinds import any_scores_of_both
from prum_match.evaluation.inputs import Floats, Ints


@dataclass(frozen=True, eq=False, repr=False)
class Pools:
    """Runs of scores that share one likelihood ratio, ascending.

    Attributes
    ----------
    low, high : numpy.ndarray of float64
        Smallest and largest score of each pool.
    mated, nonmated : numpy.ndarray of int64
        How many scores of either kind each pool holds.
    """

    low: Floats
    high: Floats
    mated: Ints
    nonmated: Ints

    @property
    def posteriors(self) -> Floats:
        """Share of mated scores in each pool, the two kinds weighted to equal totals."""
        mated = self.mated / self.mated.sum()
        return np.asarray(mated / (mated + self.nonmated / self.nonmated.sum()))

    @property
    def llrs(self) -> Floats:
        """Natural logarithm of each pool's likelihood ratio; infinite where one kind is absent."""
        with np.errstate(divide="ignore"):
            mated = np.log(self.mated / self.mated.sum())
            return np.asarray(mated - np.log(self.nonmated / self.nonmated.sum()))

    def __repr__(self) -> str:
        return f"<Pools: {len(self.low)} of {self.mated.sum() + self.nonmated.sum()} scores>"


def pool_adjacent_violators(*, mated_scores: ArrayLike, nonmated_scores: ArrayLike) -> Pools:
    """Pool scores until the share of mated ones never falls as the score rises.

    Parameters
    ----------
    mated_scores, nonmated_scores : array_like of float
        Scores of mated and non-mated comparisons. Only their order counts, so infinite ones are
        allowed. Equal scores share a pool.

    Returns
    -------
    Pools
        The pools; neighbours differ in their likelihood ratio.

    Raises
    ------
    InvalidInput
        Codes ``"empty"``, ``"bad_shape"``, ``"masked"``, ``"not_a_number"``, ``"not_finite"``.

    Warns
    -----
    MatedBelowNonmatedWarning
        Mated scores lie below non-mated ones by more than chance.

    Notes
    -----
    Ayer et al. (1955), Ann Math Stat 26:641-647. Linear time after sorting.

    Examples
    --------
    >>> pools = pool_adjacent_violators(
    ...     mated_scores=[0.9, 0.8, 0.7, 0.4], nonmated_scores=[0.5, 0.3, 0.2, 0.1]
    ... )
    >>> pools.low, pools.high, pools.posteriors
    (array([0.1, 0.4, 0.7]), array([0.3, 0.5, 0.9]), array([0. , 0.5, 1. ]))
    """
    return pools_of_arrays(*any_scores_of_both(mated_scores, nonmated_scores))


def pools_of_arrays(mated_scores: Floats, nonmated_scores: Floats) -> Pools:
    """Return the pools of scores that were checked."""
    scores = np.concatenate([mated_scores, nonmated_scores])
    levels, level = np.unique(scores, return_inverse=True)
    mated = np.bincount(level[: mated_scores.size], minlength=levels.size)
    nonmated = np.bincount(level[mated_scores.size :], minlength=levels.size)
    # Neighbours of equal share end in one pool anyway. Joining them first, in NumPy, leaves the
    # loop below at most two turns for each score of the rarer kind.
    apart = mated[:-1] * nonmated[1:] != mated[1:] * nonmated[:-1]
    starts = np.flatnonzero(np.concatenate([[True], apart]))
    pools: list[tuple[int, int, int]] = []
    runs = zip(
        starts.tolist(),
        np.add.reduceat(mated, starts).tolist(),
        np.add.reduceat(nonmated, starts).tolist(),
        strict=True,
    )
    for start, m, n in runs:
        while pools and pools[-1][1] * n >= m * pools[-1][2]:
            start, before_m, before_n = pools.pop()
            m, n = before_m + m, before_n + n
        pools.append((start, m, n))
    first, counts_m, counts_n = np.array(pools, np.int64).T
    last = np.append(first[1:], levels.size) - 1
    return Pools(levels[first], levels[last], counts_m, counts_n)
