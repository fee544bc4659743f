"""Plots: every function draws into given or new Axes and returns them.

Matplotlib (extra ``plot``) is loaded by the first call. Pyplot and its global state are not
used, so the functions work in servers and threads; ``axes.figure.savefig(path)`` writes a file.
"""

from __future__ import annotations

from collections.abc import Callable
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from prum_match.errors import missing_extra
from prum_match.evaluation.both_kinds import finite_scores_of_both, log_ratios_of_both
from prum_match.evaluation.curves import CmcCurve, DetCurve
from prum_match.evaluation.inputs import Floats
from prum_match.evaluation.likelihood import EceCurve
from prum_match.values.checks import real_number

if TYPE_CHECKING:
    from matplotlib.axes import Axes

TICKS = (1e-6, 1e-5, 1e-4, 1e-3, 0.01, 0.05, 0.2, 0.5, 0.8, 0.95, 0.99)


def det(
    curve: DetCurve, axes: Axes | None = None, *, label: str | None = None, floor: float = 1e-3
) -> Axes:
    """Draw a detection error trade-off as a step function on probit axes.

    Parameters
    ----------
    curve : DetCurve
        From :func:`det_curve` or :func:`search_det_curve`.
    axes : matplotlib.axes.Axes, optional
        Axes to draw into; None: a new figure.
    label : str, optional
        Name of the curve in a legend.
    floor : float, default 1e-3
        Lowest rate of the axes, 1e-7 to 0.1. Lower rates, and 0, which has no place on a probit
        axis, are drawn at the edge.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn into.

    Raises
    ------
    InvalidInput
        Code ``"bad_rate"``.
    PrumError
        Code ``"missing_extra"``: Matplotlib is not installed.

    Examples
    --------
    >>> from prum_match.evaluation import det_curve
    >>> curve = det_curve(mated_scores=[0.3, 0.8, 0.9], nonmated_scores=[0.1, 0.4, 0.5])
    >>> det(curve, label="system A").get_xlabel()
    'FMR'
    """
    floor = real_number(floor, "floor", least=1e-7, most=0.1, code="bad_rate")
    axes = _axes(axes)
    x, y = (
        np.clip(rates, floor, 1.0 - floor)
        for rates in _corners(curve.false_positives, curve.false_negatives)
    )
    # Thresholds rise from right to left; between two points the higher miss rate holds.
    axes.plot(x[::-1], y[::-1], drawstyle="steps-post", label=label)
    for set_scale in (axes.set_xscale, axes.set_yscale):
        set_scale("function", functions=(_probit, _normal))
    for set_ticks, set_limits in (
        (axes.set_xticks, axes.set_xlim),
        (axes.set_yticks, axes.set_ylim),
    ):
        ticks = [rate for rate in TICKS if floor <= rate]
        set_ticks(ticks, [f"{rate * 100:g} %" for rate in ticks])
        set_limits(floor, 1.0 - floor)
    axes.set_xlabel(curve.names[0])
    axes.set_ylabel(curve.names[1])
    return axes


def cmc(curve: CmcCurve, axes: Axes | None = None, *, label: str | None = None) -> Axes:
    """Draw a cumulative match characteristic.

    Parameters
    ----------
    curve : CmcCurve
        From :func:`cmc_curve`.
    axes, label
        As in :func:`det`.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn into.

    Raises
    ------
    PrumError
        Code ``"missing_extra"``: Matplotlib is not installed.

    Examples
    --------
    >>> from prum_match.evaluation import cmc_curve
    >>> cmc(cmc_curve([1, 1, 3, None], max_rank=4)).get_xlabel()
    'rank'
    """
    axes = _axes(axes)
    axes.plot(curve.ranks, curve.hit_rates, drawstyle="steps-post", label=label)
    axes.set_xlabel("rank")
    axes.set_ylabel("mates found at that rank or better")
    axes.set_ylim(0.0, 1.0)
    return axes


def tippett(*, mated_llrs: ArrayLike, nonmated_llrs: ArrayLike, axes: Axes | None = None) -> Axes:
    """Draw a Tippett plot: the share of likelihood ratios that are at least x.

    Parameters
    ----------
    mated_llrs, nonmated_llrs : array_like of float
        Natural logarithms of likelihood ratios; the axis is in powers of ten. Infinite ones
        count, and lie beyond the edges.
    axes
        As in :func:`det`.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn into.

    Raises
    ------
    InvalidInput
        As :func:`cllr`.
    PrumError
        Code ``"missing_extra"``: Matplotlib is not installed.

    Warns
    -----
    MatedBelowNonmatedWarning
        Mated ratios lie below non-mated ones by more than chance.

    Notes
    -----
    Evett, Buckleton (1996), Advances in Forensic Haemogenetics 6:79-86.

    Examples
    --------
    >>> tippett(mated_llrs=[1.0, 4.0], nonmated_llrs=[-3.0, 0.5]).get_xlabel()
    'log10 LR greater than or equal to'
    """
    natural = log_ratios_of_both(mated_llrs, nonmated_llrs)
    drawn = {
        name: llrs / np.log(10.0)
        for name, llrs in zip(("mated", "non-mated"), natural, strict=True)
    }
    axes = _axes(axes)
    together = np.concatenate(list(drawn.values()))
    finite = together[np.isfinite(together)]
    left, right = (finite.min() - 1.0, finite.max() + 1.0) if finite.size else (-1.0, 1.0)
    for name, ratios in drawn.items():
        at = np.unique(np.concatenate([[left], np.clip(ratios, left, right), [right]]))
        share = 1.0 - np.searchsorted(np.sort(ratios), at, side="left") / ratios.size
        # What holds at a ratio holds below it, down to the next one.
        axes.plot(at, share, drawstyle="steps-pre", label=name)
    axes.axvline(0.0, color="0.7", linewidth=0.8)
    axes.set_xlim(left, right)
    axes.set_ylim(0.0, 1.0)
    axes.set_xlabel("log10 LR greater than or equal to")
    axes.set_ylabel("share of comparisons")
    axes.legend()
    return axes


def score_histogram(
    *,
    mated_scores: ArrayLike,
    nonmated_scores: ArrayLike,
    axes: Axes | None = None,
    bins: int = 50,
) -> Axes:
    """Draw the scores of mated and of non-mated comparisons, each to area 1.

    Parameters
    ----------
    mated_scores, nonmated_scores : array_like of float
        Scores; both use the same bins.
    axes
        As in :func:`det`.
    bins : int, default 50
        Number of bins.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn into.

    Raises
    ------
    InvalidInput
        As :func:`fmr`.
    PrumError
        Code ``"missing_extra"``: Matplotlib is not installed.

    Warns
    -----
    MatedBelowNonmatedWarning
        Mated scores lie below non-mated ones by more than chance.

    Examples
    --------
    >>> scores = {"mated_scores": [0.7, 0.8, 0.9], "nonmated_scores": [0.1, 0.2, 0.3]}
    >>> score_histogram(**scores).get_ylabel()
    'density'
    """
    mated, nonmated = finite_scores_of_both(mated_scores, nonmated_scores)
    axes = _axes(axes)
    edges = np.histogram_bin_edges(np.concatenate([mated, nonmated]), bins)
    for scores, name in ((mated, "mated"), (nonmated, "non-mated")):
        axes.hist(scores, edges.tolist(), density=True, alpha=0.6, label=name)
    axes.set_xlabel("score")
    axes.set_ylabel("density")
    axes.legend()
    return axes


def ece(curve: EceCurve, axes: Axes | None = None) -> Axes:
    """Draw the empirical cross-entropy over prior odds.

    Parameters
    ----------
    curve : EceCurve
        From :func:`ece_curve`.
    axes
        As in :func:`det`.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn into.

    Raises
    ------
    PrumError
        Code ``"missing_extra"``: Matplotlib is not installed.

    Examples
    --------
    >>> from prum_match.evaluation import ece_curve
    >>> ece(ece_curve(mated_llrs=[1.0, 2.0], nonmated_llrs=[-2.0, 0.5])).get_ylabel()
    'empirical cross-entropy in bits'
    """
    axes = _axes(axes)
    x = curve.log10_prior_odds
    axes.plot(x, curve.observed, label="observed")
    axes.plot(x, curve.calibrated, linestyle="--", label="after calibration")
    axes.plot(x, curve.neutral, linestyle=":", color="0.3", label="LR 1 throughout")
    axes.set_xlabel("log10 of the prior odds")
    axes.set_ylabel("empirical cross-entropy in bits")
    axes.legend()
    return axes


def _axes(axes: Axes | None) -> Axes:
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise missing_extra("matplotlib", "plot") from None
    return Figure(layout="constrained").subplots() if axes is None else axes


def _corners(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Return a step function without the points that lie straight between two others."""
    straight = np.zeros(x.size, np.bool_)
    for values in (x, y):
        straight[1:-1] |= (values[:-2] == values[1:-1]) & (values[1:-1] == values[2:])
    return x[~straight], y[~straight]


def _elementwise(function: Callable[[float], float], lowest: float, highest: float) -> Any:
    """Return a function of arrays; NaN, which Matplotlib leaves out, outside the open range."""

    def apply(values: ArrayLike) -> NDArray[np.float64]:
        x = np.asarray(values, np.float64)
        found = np.full(x.shape, np.nan)
        inside = (x > lowest) & (x < highest)
        found[inside] = [function(value) for value in x[inside].tolist()]
        return found

    return apply


_probit = _elementwise(NormalDist().inv_cdf, 0.0, 1.0)
_normal = _elementwise(NormalDist().cdf, -np.inf, np.inf)
