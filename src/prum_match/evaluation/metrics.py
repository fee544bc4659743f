"""Error rates of ISO/IEC 19795-1: verification (FMR, FNMR) and open-set search (FPIR, FNIR).

**A score equal to the threshold is a match**, here and everywhere in the library. ISO/IEC
19795-1 words it as *greater than*, the evaluation code of NIST uses *greater or equal*; the two
differ where scores equal the threshold, which is common for counts of minutiae and rounded scores.
Scores are similarities: higher means more alike.

Two modes of open-set search, by what is left out (NIST IR 8271 uses the same words):

===============  ================  ===========  ==========================================
mode             ``threshold``     ``rank``     who decides
===============  ================  ===========  ==========================================
investigation    None              R            a human looks at the R best candidates
identification   T                 None         the threshold; a human only sees what passes
===============  ================  ===========  ==========================================

Both may be given, then the mate must satisfy both. A mate that a search did not return is a miss,
and its row stays: failures to enrol or to acquire, and mates that a policy or a limit cut, have
rank ``None``, ``0`` or infinity (all three mean the same) and score ``None`` or minus infinity.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from prum_match.errors import InvalidInput
from prum_match.evaluation.inputs import (
    NO_LIMIT,
    Floats,
    Gappy,
    Ints,
    finite_scores,
    optional_ranks,
    optional_scores,
    rank_limits,
    thresholds,
)
from prum_match.values.checks import whole_number

Many: TypeAlias = Sequence[float] | NDArray[Any]


@overload
def fmr(nonmated_scores: ArrayLike, threshold: float, *, failures: int = 0) -> float: ...
@overload
def fmr(nonmated_scores: ArrayLike, threshold: Many, *, failures: int = 0) -> Floats: ...
def fmr(
    nonmated_scores: ArrayLike, threshold: float | Many, *, failures: int = 0
) -> float | Floats:
    """Return the false match rate: the share of non-mated comparisons that match.

    Parameters
    ----------
    nonmated_scores : array_like of float
        Scores of comparisons of different subjects.
    threshold : float or array_like of float
        A score of at least the threshold is a match.
    failures : int, default 0
        Attempts that gave no score (failure to acquire or to enrol). They match nothing, and
        with them the rate is the false *accept* rate of one-attempt transactions.

    Returns
    -------
    float or numpy.ndarray
        One rate a threshold.

    Raises
    ------
    InvalidInput
        Codes ``"empty"``, ``"bad_shape"``, ``"masked"``, ``"not_a_number"``, ``"not_finite"``
        (NaN or an infinite score), ``"bad_threshold"``, ``"bad_count"``.

    Notes
    -----
    ISO/IEC 19795-1:2021, with the threshold itself counted as a match.

    Examples
    --------
    >>> fmr([0.1, 0.2, 0.3, 0.5], 0.3)
    0.5
    >>> fmr([0.1, 0.2, 0.3, 0.5], [0.0, 0.51])
    array([1., 0.])
    """
    scores = finite_scores(nonmated_scores, "nonmated_scores")
    failures = whole_number(failures, "failures", least=0, code="bad_count")
    at = thresholds(threshold)
    return _plain(_count_at_least(scores, at) / (scores.size + failures))


@overload
def fnmr(mated_scores: ArrayLike, threshold: float, *, failures: int = 0) -> float: ...
@overload
def fnmr(mated_scores: ArrayLike, threshold: Many, *, failures: int = 0) -> Floats: ...
def fnmr(mated_scores: ArrayLike, threshold: float | Many, *, failures: int = 0) -> float | Floats:
    """Return the false non-match rate: the share of mated comparisons that do not match.

    Parameters
    ----------
    mated_scores : array_like of float
        Scores of comparisons of one subject's items.
    threshold : float or array_like of float
        A score below the threshold is a non-match.
    failures : int, default 0
        Attempts that gave no score (failure to acquire or to enrol). They count as non-matches,
        and with them the rate is the false *reject* rate of one-attempt transactions.

    Returns
    -------
    float or numpy.ndarray
        One rate a threshold.

    Raises
    ------
    InvalidInput
        As :func:`fmr`.

    Notes
    -----
    ISO/IEC 19795-1:2021, with the threshold itself counted as a match.

    Examples
    --------
    >>> fnmr([0.4, 0.7, 0.8, 0.9], 0.7)
    0.25
    >>> fnmr([0.4, 0.7, 0.8, 0.9], 0.7, failures=1)
    0.4
    """
    scores = finite_scores(mated_scores, "mated_scores")
    failures = whole_number(failures, "failures", least=0, code="bad_count")
    trials = scores.size + failures
    return _plain((trials - _count_at_least(scores, thresholds(threshold))) / trials)


@overload
def fpir(top_nonmated_scores: Gappy, threshold: float) -> float: ...
@overload
def fpir(top_nonmated_scores: Gappy, threshold: Many) -> Floats: ...
def fpir(top_nonmated_scores: Gappy, threshold: float | Many) -> float | Floats:
    """Return the false positive identification rate FPIR(N, T).

    The share of searches without an enrolled mate that return any candidate with a score of at
    least T, measured at the gallery size N at which the searches ran. It is not scaled to another
    N: ``1 - (1 - FMR)**N`` holds under independence alone.

    Parameters
    ----------
    top_nonmated_scores : array_like of float or None
        Best score of each non-mated search; None or minus infinity where it returned nothing,
        which is not a false positive at any threshold.
    threshold : float or array_like of float
        T.

    Returns
    -------
    float or numpy.ndarray
        One rate a threshold.

    Raises
    ------
    InvalidInput
        Codes ``"empty"``, ``"bad_shape"``, ``"masked"``, ``"not_a_number"``, ``"not_finite"``,
        ``"bad_threshold"``.

    Notes
    -----
    ISO/IEC 19795-1:2021; NIST IR 8271.

    Examples
    --------
    >>> fpir([0.70, 0.55, 0.40, None], 0.55)
    0.5
    """
    scores = optional_scores(top_nonmated_scores, "top_nonmated_scores")
    found = scores[scores > -np.inf]
    return _plain(_count_at_least(found, thresholds(threshold)) / scores.size)


@overload
def fnir(
    mated_scores: Gappy | None,
    mated_ranks: Gappy | None,
    threshold: float | None = None,
    rank: int | None = None,
) -> float: ...
@overload
def fnir(
    mated_scores: Gappy | None,
    mated_ranks: Gappy | None,
    threshold: float | Many | None = None,
    rank: int | Many | None = None,
) -> float | Floats: ...
def fnir(
    mated_scores: Gappy | None,
    mated_ranks: Gappy | None,
    threshold: float | Many | None = None,
    rank: int | Many | None = None,
) -> float | Floats:
    """Return the false negative identification rate FNIR(N, R, T).

    The share of searches with an enrolled mate whose mate is not among the R best candidates with
    a score of at least T, at the gallery size N at which the searches ran.

    Parameters
    ----------
    mated_scores : array_like of float or None
        Score of each search's mate; None or minus infinity where it was not returned. The whole
        argument may be None if there is no ``threshold`` (categories that grade, not score).
    mated_ranks : array_like of int or None
        Rank of each search's mate, 1 is best; None, 0 or infinity where it was not returned: a
        miss, whatever its score. The whole argument may be None if there is no ``rank``.
    threshold : float or array_like of float, optional
        T; None: investigation mode.
    rank : int or array_like of int, optional
        R; None: identification mode. With neither, a miss is a mate that was not returned at all.
        Arrays are broadcast against ``threshold``.

    Returns
    -------
    float or numpy.ndarray
        One rate a threshold and rank.

    Raises
    ------
    InvalidInput
        Codes ``"empty"``, ``"bad_shape"``, ``"masked"``, ``"not_a_number"``, ``"not_finite"``,
        ``"bad_rank"``, ``"bad_threshold"``, ``"length_mismatch"``, ``"no_scores"`` (a threshold
        without scores, or a mate that has a rank and no score), ``"no_ranks"``.

    Notes
    -----
    ISO/IEC 19795-1:2021; NIST IR 8271. A list that was cut at L candidates answers for R <= L.

    Examples
    --------
    >>> scores, ranks = [0.90, 0.72, 0.40, None], [1, 2, 7, None]
    >>> fnir(scores, ranks, rank=1)
    0.75
    >>> fnir(scores, ranks, threshold=0.5)
    0.5
    >>> fnir(scores, ranks, threshold=0.5, rank=[1, 20])
    array([0.75, 0.5 ])
    """
    scores, ranks = _mates(mated_scores, mated_ranks)
    if threshold is not None and mated_scores is None:
        raise InvalidInput("a threshold needs mated_scores", code="no_scores", field="mated_scores")
    if rank is not None and mated_ranks is None:
        raise InvalidInput("a rank needs mated_ranks", code="no_ranks", field="mated_ranks")
    at = thresholds(-np.inf if threshold is None else threshold)
    limits = rank_limits(NO_LIMIT if rank is None else rank)
    try:
        at, limits = np.broadcast_arrays(at, limits)
    except ValueError:
        raise InvalidInput(
            "the shapes of threshold and rank do not fit", code="bad_shape", field="rank"
        ) from None
    missed = np.empty(at.shape)
    for limit in np.unique(limits):
        here = limits == limit
        hits = _count_at_least(scores[(ranks > 0) & (ranks <= limit)], at[here])
        missed[here] = (scores.size - hits) / scores.size
    return _plain(missed)


@overload
def selectivity(candidate_scores: ArrayLike, threshold: float, *, searches: int) -> float: ...
@overload
def selectivity(candidate_scores: ArrayLike, threshold: Many, *, searches: int) -> Floats: ...
def selectivity(
    candidate_scores: ArrayLike, threshold: float | Many, *, searches: int
) -> float | Floats:
    """Return the selectivity: how many candidates a non-mated search returns on average.

    Parameters
    ----------
    candidate_scores : array_like of float
        Scores of all candidates of all non-mated searches, one after the other; it may be empty.
        Lists that a limit cut above the threshold make the answer too small.
    threshold : float or array_like of float
        Candidates with a score of at least the threshold count.
    searches : int
        Number of non-mated searches, those that returned nothing included.

    Returns
    -------
    float or numpy.ndarray
        One mean a threshold.

    Raises
    ------
    InvalidInput
        Codes ``"bad_shape"``, ``"masked"``, ``"not_a_number"``, ``"not_finite"``,
        ``"bad_threshold"``, ``"bad_count"``.

    Notes
    -----
    ISO/IEC 19795-1:2021.

    Examples
    --------
    >>> selectivity([0.7, 0.5, 0.5, 0.2], 0.5, searches=10)
    0.3
    """
    searches = whole_number(searches, "searches", least=1, code="bad_count")
    nothing = not isinstance(candidate_scores, np.ma.MaskedArray) and not np.size(candidate_scores)
    scores = np.empty(0) if nothing else finite_scores(candidate_scores, "candidate_scores")
    return _plain(_count_at_least(scores, thresholds(threshold)) / searches)


def _mates(mated_scores: Gappy | None, mated_ranks: Gappy | None) -> tuple[Floats, Ints]:
    """Return score and rank of every mate; rank 0 is a miss whose score is ignored."""
    if mated_scores is None and mated_ranks is None:
        raise InvalidInput(
            "give mated_scores, mated_ranks or both", code="empty", field="mated_ranks"
        )
    if mated_ranks is None:
        scores = optional_scores(mated_scores, "mated_scores")  # type: ignore[arg-type]  # above
        return scores, (scores > -np.inf).astype(np.int64)
    ranks = optional_ranks(mated_ranks, "mated_ranks")
    if mated_scores is None:
        return np.zeros(ranks.size), ranks
    scores = optional_scores(mated_scores, "mated_scores")
    if scores.size != ranks.size:
        raise InvalidInput(
            "mated_scores and mated_ranks differ in length",
            code="length_mismatch",
            field="mated_ranks",
        )
    unscored = np.flatnonzero((ranks > 0) & (scores == -np.inf))
    if unscored.size:
        raise InvalidInput(
            "a mate has a rank but no score",
            code="no_scores",
            field="mated_scores",
            index=int(unscored[0]),
        )
    return scores, ranks


def _count_at_least(scores: Floats, at: Floats) -> NDArray[np.intp]:
    """Return the number of scores that reach each threshold."""
    return np.asarray(scores.size - np.searchsorted(np.sort(scores), at, side="left"))


def _plain(rates: Floats) -> float | Floats:
    """Return the single rate of a scalar threshold as a float."""
    return float(rates) if rates.ndim == 0 else rates
