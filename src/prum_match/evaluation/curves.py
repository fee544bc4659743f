"""Trade-off curves as step functions; nothing is interpolated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from prum_match.evaluation.both_kinds import finite_scores_of_both
from prum_match.evaluation.inputs import (
    Floats,
    Gappy,
    Ints,
    optional_ranks,
    optional_scores,
)
from prum_match.evaluation.metrics import fmr, fnir, fnmr, fpir
from prum_match.values.checks import real_number, whole_number


class OperatingPoint(NamedTuple):
    """A threshold and the two error rates at it.

    Attributes
    ----------
    threshold : float
        Scores of at least this match; infinite: nothing matches.
    false_positives, false_negatives : float
        The rates.
    """

    threshold: float
    false_positives: float
    false_negatives: float


@dataclass(frozen=True, eq=False, repr=False)
class DetCurve:
    """All operating points of a data set (detection error trade-off).

    Attributes
    ----------
    thresholds : numpy.ndarray of float64
        Every score that occurs, ascending, and infinity. The rates at any other threshold are
        those of the next one in this list.
    false_positives : numpy.ndarray of float64
        FMR or FPIR at each threshold, falling.
    false_negatives : numpy.ndarray of float64
        FNMR or FNIR at each threshold, rising.
    names : tuple of str
        Names of the two rates.
    """

    thresholds: Floats
    false_positives: Floats
    false_negatives: Floats
    names: tuple[str, str]

    def at(self, false_positives: float) -> OperatingPoint:
        """Return the lowest threshold in the data that keeps the false positive rate.

        Parameters
        ----------
        false_positives : float
            Largest false positive rate that is allowed, from 0 to 1.

        Raises
        ------
        InvalidInput
            Code ``"bad_rate"``.

        Examples
        --------
        >>> scores = {"mated_scores": [0.4, 0.7, 0.8, 0.9], "nonmated_scores": [0.1, 0.2, 0.3, 0.5]}
        >>> det_curve(**scores).at(0.25)
        OperatingPoint(threshold=0.4, false_positives=0.25, false_negatives=0.0)
        """
        allowed = real_number(
            false_positives, "false_positives", least=0.0, most=1.0, code="bad_rate"
        )
        i = int(np.argmax(self.false_positives <= allowed))
        return OperatingPoint(
            float(self.thresholds[i]),
            float(self.false_positives[i]),
            float(self.false_negatives[i]),
        )

    def __repr__(self) -> str:
        return f"<DetCurve: {' and '.join(self.names)}, {len(self.thresholds)} thresholds>"


def det_curve(*, mated_scores: ArrayLike, nonmated_scores: ArrayLike) -> DetCurve:
    """Return FMR and FNMR at every threshold that makes a difference.

    Parameters
    ----------
    mated_scores, nonmated_scores : array_like of float
        Scores of mated and of non-mated comparisons.

    Raises
    ------
    InvalidInput
        As :func:`fmr`.

    Warns
    -----
    MatedBelowNonmatedWarning
        Mated scores lie below non-mated ones by more than chance.

    Examples
    --------
    >>> curve = det_curve(mated_scores=[0.3, 0.9], nonmated_scores=[0.1, 0.4])
    >>> curve.thresholds
    array([0.1, 0.3, 0.4, 0.9, inf])
    >>> curve.false_positives, curve.false_negatives
    (array([1. , 0.5, 0.5, 0. , 0. ]), array([0. , 0. , 0.5, 0.5, 1. ]))
    """
    mated, nonmated = finite_scores_of_both(mated_scores, nonmated_scores)
    at = _levels(mated, nonmated)
    return DetCurve(at, fmr(nonmated, at), fnmr(mated, at), ("FMR", "FNMR"))


def search_det_curve(
    *,
    mated_scores: Gappy,
    mated_ranks: Gappy | None = None,
    top_nonmated_scores: Gappy,
    rank: int | None = None,
) -> DetCurve:
    """Return FPIR and FNIR at every threshold that makes a difference.

    Parameters
    ----------
    mated_scores, mated_ranks : array_like
        As in :func:`fnir`.
    top_nonmated_scores : array_like of float or None
        As in :func:`fpir`. The best of many non-mated scores may well exceed a mated one, so
        there is no warning where they do.
    rank : int, optional
        As in :func:`fnir`.

    Raises
    ------
    InvalidInput
        As :func:`fpir` and :func:`fnir`.

    Notes
    -----
    FNIR need not begin at 0: a mate that was not returned is missed at every threshold.

    Examples
    --------
    >>> curve = search_det_curve(mated_scores=[0.6, None], top_nonmated_scores=[0.2, None])
    >>> curve.thresholds, curve.false_positives, curve.false_negatives
    (array([0.2, 0.6, inf]), array([0.5, 0. , 0. ]), array([0.5, 0.5, 1. ]))
    """
    top = optional_scores(top_nonmated_scores, "top_nonmated_scores")
    scores = optional_scores(mated_scores, "mated_scores")
    at = _levels(top, scores)
    missed = np.asarray(fnir(scores, mated_ranks, at, rank))
    return DetCurve(at, fpir(top, at), missed, ("FPIR", "FNIR"))


@dataclass(frozen=True, eq=False, repr=False)
class CmcCurve:
    """Cumulative match characteristic: how often the mate is among the R best.

    Attributes
    ----------
    ranks : numpy.ndarray of int64
        1, 2, 3, ...
    hit_rates : numpy.ndarray of float64
        Share of mated searches whose mate has at most that rank, ``1 - FNIR(N, R)``.
    """

    ranks: Ints
    hit_rates: Floats

    def __repr__(self) -> str:
        return f"<CmcCurve: {len(self.ranks)} ranks>"


def cmc_curve(mated_ranks: Gappy, max_rank: int) -> CmcCurve:
    """Return the cumulative match characteristic.

    Parameters
    ----------
    mated_ranks : array_like of int or None
        As in :func:`fnir`.
    max_rank : int
        Last rank of the curve. Ranks beyond the limit of the candidate lists are meaningless.

    Raises
    ------
    InvalidInput
        Codes ``"bad_rank"``, ``"empty"``, ``"bad_shape"``, ``"masked"``, ``"not_a_number"``.

    Notes
    -----
    ISO/IEC 19795-1:2021.

    Examples
    --------
    >>> cmc_curve([1, 1, 3, None], max_rank=4).hit_rates
    array([0.5 , 0.5 , 0.75, 0.75])
    """
    found = optional_ranks(mated_ranks, "mated_ranks")
    last = whole_number(max_rank, "max_rank", least=1, code="bad_rank")
    ranks = np.arange(1, last + 1, dtype=np.int64)
    hits = np.searchsorted(np.sort(found[found > 0]), ranks, side="right")
    return CmcCurve(ranks, np.asarray(hits / found.size))


def _levels(*scores: Floats) -> Floats:
    """Return the thresholds at which a rate can change, and infinity."""
    levels = np.unique(np.concatenate(scores))
    return np.append(levels[levels > -np.inf], np.inf)
