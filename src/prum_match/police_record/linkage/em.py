"""Expectation maximisation on counted patterns: shares of levels without labels.

A. P. Dempster, N. M. Laird and D. B. Rubin, Maximum likelihood from incomplete data via the EM
algorithm, Journal of the Royal Statistical Society B 39 (1977). Pairs are of one person or of two,
and the fields are independent given which. Levels that are *not known* are left out.

Fields of two persons are not independent: people born in one country share names, a nationality and
places of birth with millions of others. Left alone, the fit takes such pairs for pairs of one
person. There cannot be more of those than there are persons, so the expectation is limited to that
number: K. Ganchev, J. Graca, J. Gillenwater and B. Taskar, Posterior regularization for
structured latent variable models, Journal of Machine Learning Research 11 (2010). Odds are all
lowered by one factor, which becomes a part of the prior.

The start counts as two pairs of one person, and as many pairs of two persons as keeps the
proportion. So no share is 0, no weight infinite, and a level or field that no pair shows keeps the
weight that it had at the start. Each iteration increases the likelihood times that prior, minus
the cost of the limit.
"""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from prum_match.police_record.linkage.model import LinkageModel
from prum_match.police_record.linkage.patterns import LEVELS, Levels

Floats: TypeAlias = NDArray[np.float64]
Shares: TypeAlias = dict[str, Floats]

START_PAIRS = 2.0
"""Pairs of one person that the start counts as."""

LEAST_EXPECTED = 20.0
"""Bound on the weight of the start: at most a tenth of the pairs."""

HALF = 0.5
"""Prior pairs of one person and of two, so that the share is never 0 or 1."""


class Fit(NamedTuple):
    """Result of a fit."""

    m: Shares
    u: Shares
    prior: float
    matches: float
    held: float
    objectives: tuple[float, ...]
    converged: bool


def expectation_maximisation(
    levels: Levels,
    counts: NDArray[np.int64],
    *,
    start: LinkageModel,
    most: float,
    max_iterations: int = 500,
    tolerance: float = 1e-6,
) -> Fit:
    """Fit the shares of levels among pairs of one person and of two."""
    search = _Search(levels, counts, start, most, max_iterations, tolerance)
    return search.run(search.run(most).matches)


class _Search(NamedTuple):
    levels: Levels
    counts: NDArray[np.int64]
    start: LinkageModel
    most: float
    max_iterations: int
    tolerance: float

    def run(self, expected: float) -> Fit:
        """Fit with a start whose weight is given in pairs of one person."""
        levels, counts = self.levels, self.counts
        pairs = float(counts.sum())
        expected = min(max(expected, LEAST_EXPECTED), pairs / 2)
        own, other = _start_counts(self.start, expected, pairs)
        m = {name: np.array(self.start.m[name]) for name in LEVELS}
        u = _shares(levels, counts, other)
        share = _share(expected, pairs)
        before = np.zeros(len(counts))
        history = list[float]()
        while True:
            of_one, of_two = (
                np.log(share) + _log_sum(m, levels),
                np.log1p(-share) + _log_sum(u, levels),
            )
            held, one = _held(of_one - of_two, counts, self.most)
            matches = float(counts @ one)
            history.append(
                float(counts @ (one * of_one + (1 - one) * of_two + _entropy(one)))
                + _log_prior(m, own)
                + _log_prior(u, other)
                + HALF * float(np.log(share) + np.log1p(-share))
            )
            moved = float(counts @ abs(one - before))
            converged = moved <= self.tolerance * max(matches, HALF)
            if converged or len(history) > self.max_iterations:
                prior = _from_log_odds(np.log(share) - np.log1p(-share) - held)
                bits = held / np.log(2)
                return Fit(m, u, float(prior), matches, bits, tuple(history), converged)
            before = one
            m, u = _shares(levels, counts * one, own), _shares(levels, counts * (1 - one), other)
            share = _share(matches, pairs)


def _held(log_odds: Floats, counts: NDArray[np.int64], most: float) -> tuple[float, Floats]:
    """Return the shift of the log odds that the limit requires, and the resulting probabilities."""
    low, high = 0.0, float(max(log_odds.max(), 0)) + np.log(counts.sum() / most + 1)
    one = _from_log_odds(log_odds)
    if counts @ one <= most:
        return 0.0, one
    # Bisect until floating point cannot separate the two ends.
    while low < (middle := (low + high) / 2) < high:
        if counts @ _from_log_odds(log_odds - middle) > most:
            low = middle
        else:
            high = middle
    return high, _from_log_odds(log_odds - high)


def _from_log_odds(log_odds: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-np.clip(log_odds, -700, 700))))


def _entropy(p: Floats) -> Floats:
    """Return the entropy of a binary choice, in nats."""
    q = 1 - p
    logs = (np.log(x, out=np.zeros_like(x), where=x > 0) for x in (p, q))
    return np.asarray(-sum(x * log for x, log in zip((p, q), logs, strict=True)))


def _start_counts(start: LinkageModel, expected: float, pairs: float) -> tuple[Shares, Shares]:
    """Return the weight of the start, in pairs of one person and of two."""
    of_two = START_PAIRS * pairs / expected
    own = {name: START_PAIRS * np.array(start.m[name]) for name in LEVELS}
    return own, {name: of_two * np.array(start.u[name]) for name in LEVELS}


def _shares(levels: Levels, pairs: NDArray[np.floating | np.integer], added: Shares) -> Shares:
    """Return the shares of levels, from pairs counted by pattern plus the start."""
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
