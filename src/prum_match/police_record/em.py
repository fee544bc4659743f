"""Shares of levels found without labels: expectation maximisation on counted patterns.

A. P. Dempster, N. M. Laird and D. B. Rubin, Maximum likelihood from incomplete data via the EM
algorithm, Journal of the Royal Statistical Society B 39 (1977). Pairs are of one person or of two,
and the fields are independent given which. Levels that are *not known* are left out.

The start counts for two pairs of one person, and for as many of two as keeps the proportion of
both. No share is 0 therefore, no weight infinite, and a level or a field that no pair shows keeps
the weight that it had at the start. What rises in each turn is the likelihood times that prior.
"""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from prum_match.police_record.model import Model
from prum_match.police_record.patterns import LEVELS, Levels

__all__ = ["Fit", "expectation_maximisation"]

Floats: TypeAlias = NDArray[np.float64]
Shares: TypeAlias = dict[str, Floats]

START_PAIRS = 2.0
"""Pairs of one person that the start counts for."""

LEAST_EXPECTED = 20.0
"""So that the start never counts for more than a tenth of the pairs."""

HALF = 0.5
"""Pairs of one person, and of two, that the share of these starts with: it is never 0 or 1."""


class Fit(NamedTuple):
    """What was found.

    Parameters
    ----------
    m, u : dict of str to array of float
        The shares of levels.
    prior : float
        Share of the pairs that are of one person.
    matches : float
        How many pairs are expected to be.
    log_likelihoods : tuple of float
        Before each turn and after the last, with the prior of the shares.
    converged : bool
        Whether the last turn changed next to nothing.
    """

    m: Shares
    u: Shares
    prior: float
    matches: float
    log_likelihoods: tuple[float, ...]
    converged: bool


def expectation_maximisation(
    levels: Levels,
    counts: NDArray[np.int64],
    *,
    start: Model,
    expected: float,
    prior: float | None = None,
    max_iterations: int = 500,
    tolerance: float = 1e-7,
) -> Fit:
    """Fit the shares of levels among pairs of one person and of two.

    Parameters
    ----------
    levels : dict of str to array of int
        The levels of each pattern.
    counts : array of int
        How many pairs have the pattern; more than 0 in all.
    start : Model
        Its `m` is where the search starts; the shares of all pairs are for `u`.
    expected : float
        How many pairs are of one person, at a guess. The fit is made twice, the second time from
        the number that the first found: by that the start is in proportion.
    prior : float, optional
        The share of these, if it is known; None: to be found as well.
    max_iterations : int, default 500
        Turns at most, each time.
    tolerance : float, default 1e-7
        The search ends where a turn changes the number of pairs of one person by a smaller share.

    Returns
    -------
    Fit
    """
    search = _Search(levels, counts, start, prior, max_iterations, tolerance)
    matches = search.run(expected).matches
    return search.run(matches)


class _Search(NamedTuple):
    levels: Levels
    counts: NDArray[np.int64]
    start: Model
    prior: float | None
    max_iterations: int
    tolerance: float

    def run(self, expected: float) -> Fit:
        """Fit with a start that counts in proportion to so many pairs of one person."""
        levels, counts, prior = self.levels, self.counts, self.prior
        pairs = float(counts.sum())
        expected = min(max(expected, LEAST_EXPECTED), pairs / 2)
        own, other = _start_counts(self.start, expected, pairs)
        m = {name: np.array(self.start.m[name]) for name in LEVELS}
        u = _shares(levels, counts, other)
        share = prior if prior is not None else _share(expected, pairs)
        matches, converged = expected, False
        history = list[float]()
        while True:
            of_one = np.log(share) + _log_sum(m, levels)
            of_two = np.log1p(-share) + _log_sum(u, levels)
            either = np.logaddexp(of_one, of_two)
            history.append(float(counts @ either) + _log_prior(m, own) + _log_prior(u, other))
            if prior is None:
                history[-1] += HALF * float(np.log(share) + np.log1p(-share))
            if converged or len(history) > self.max_iterations:
                return Fit(m, u, float(share), matches, tuple(history), converged)
            one = counts * np.exp(of_one - either)
            m, u = _shares(levels, one, own), _shares(levels, counts - one, other)
            last, matches = matches, float(one.sum())
            share = prior if prior is not None else _share(matches, pairs)
            converged = abs(matches - last) <= self.tolerance * max(matches, HALF)


def _start_counts(start: Model, expected: float, pairs: float) -> tuple[Shares, Shares]:
    """Return what the start counts for, in pairs of one person and of two."""
    of_two = START_PAIRS * pairs / expected
    own = {name: START_PAIRS * np.array(start.m[name]) for name in LEVELS}
    return own, {name: of_two * np.array(start.u[name]) for name in LEVELS}


def _shares(levels: Levels, pairs: NDArray[np.floating | np.integer], added: Shares) -> Shares:
    """Return the shares of levels in so many pairs of each pattern, and what is added."""
    found = {}
    for name, counted in added.items():
        total = np.bincount(levels[name], pairs, len(counted)) + counted
        total[0] = 0.0
        found[name] = total / total.sum()
    return found


def _share(matches: float, pairs: float) -> float:
    return (matches + HALF) / (pairs + 2 * HALF)


def _log_sum(shares: Shares, levels: Levels) -> Floats:
    total = np.zeros(len(levels["date"]))
    for name, column in shares.items():
        logs = np.zeros_like(column)
        np.log(column, out=logs, where=column > 0)
        total += logs[levels[name]]
    return total


def _log_prior(shares: Shares, added: Shares) -> float:
    return sum(float(added[n][1:] @ np.log(shares[n][1:])) for n in LEVELS)
