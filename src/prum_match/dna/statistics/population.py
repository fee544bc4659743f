"""Matches within a database compared with those expected from the population.

All pairs of profiles of a database, counted by fully and by partially matching loci, are a check
of everything that evidence rests on: allele frequencies, independence of loci, theta, and the
absence of duplicates and relatives. Weir (2004), J Forensic Sci 49:1009-1014; Weir (2007), Ann
Appl Stat 1:358-370; Tvedebrink et al. (2012), Forensic Sci Int Genet 6:387-392.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from prum_match.dna.profiles.loci import locus
from prum_match.dna.statistics.balding_nichols import checked_theta
from prum_match.dna.statistics.frequencies import Frequencies
from prum_match.dna.statistics.locus_pairs import OUTCOMES, outcome_probabilities
from prum_match.errors import InvalidInput
from prum_match.values.checks import whole_number

Floats = NDArray[np.float64]
# The usual rule for Pearson's statistic (Cochran 1954, Biometrics 10:417-451).
_LEAST_EXPECTED = 5.0


def expected_match_matrix(
    frequencies: Frequencies,
    n_profiles: int,
    *,
    loci: Iterable[str] | None = None,
    theta: float = 0.0,
) -> Floats:
    """Return the expected numbers of pairs of unrelated people by matching loci.

    Parameters
    ----------
    frequencies : Frequencies
        The population.
    n_profiles : int
        Number of profiles in the database, complete at the loci.
    loci : iterable of str, optional
        The loci; by default all of the table.
    theta : float, default 0.0
        Co-ancestry coefficient, 0 <= theta < 1.

    Returns
    -------
    array of float, (L + 1) x (L + 1) for L loci
        At ``[m, p]`` the expected number of pairs that share both alleles at ``m`` loci and
        exactly one allele at ``p`` further loci.

    Raises
    ------
    InvalidInput
        Codes ``"no_frequencies"``, ``"no_loci"``, ``"duplicate_locus"``, ``"bad_theta"``,
        ``"bad_option"``.

    Examples
    --------
    >>> table = Frequencies({"TH01": {"6": 0.5, "9.3": 0.5}})
    >>> expected_match_matrix(table, 17)
    array([[17., 68.],
           [51.,  0.]])
    """
    n_profiles = whole_number(n_profiles, "n_profiles", least=0, code="bad_option")
    theta = checked_theta(theta)
    names = [locus(name).name for name in (frequencies.loci if loci is None else loci)]
    if not names:
        raise InvalidInput("there is no locus to compare", code="no_loci", field="loci")
    if len(set(names)) < len(names):
        raise InvalidInput("a locus is named twice", code="duplicate_locus", field="loci")
    matrix = np.zeros((len(names) + 1, len(names) + 1))
    matrix[0, 0] = n_profiles * (n_profiles - 1) / 2
    for name in names:
        full, partial, none = _shared_alleles(frequencies, name, theta)
        following = matrix * none
        following[1:, :] += matrix[:-1, :] * full
        following[:, 1:] += matrix[:, :-1] * partial
        matrix = following
    return matrix


def _shared_alleles(
    frequencies: Frequencies, name: str, theta: float
) -> tuple[float, float, float]:
    """Return the probabilities that two people share two, one and no alleles of a locus."""
    by_differing = [0.0, 0.0, 0.0]
    probabilities = outcome_probabilities(frequencies, name, theta)
    for outcome, probability in zip(OUTCOMES, probabilities, strict=True):
        by_differing[outcome.micro_variants + outcome.mismatches] += probability
    full, partial, none = by_differing
    return full, partial, none


@dataclass(frozen=True, eq=False, repr=False)
class MatchMatrixComparison:
    """Observed against expected numbers of matching pairs.

    Attributes
    ----------
    observed, expected : array of float
        The two matrices, read-only.
    tail_observed, tail_expected : array of float
        Pairs with at least ``m`` fully matching loci, by ``m``.
    tail_ratio : array of float
        Their quotient; NaN where no pairs are expected. A ratio that rises with ``m`` suggests
        relatives, duplicates or a larger theta; by chance alone it stays near 1.
    statistic : float
        Pearson's sum of (observed - expected)^2 / expected over ``cells`` classes. Every cell
        with at least 5 expected pairs is a class; the other cells together form one more class,
        which is added to the smallest one if it has fewer than 5.
    cells : int
        Number of classes.
    degrees_of_freedom : int
        ``cells`` - 1 (both matrices have the same total) - the parameters that were fitted to
        the observed matrix.

    Notes
    -----
    No p-value is given on purpose. Pairs of one database share profiles and are not independent,
    so the statistic varies more than chi-square with these degrees of freedom: a value near them
    means a good fit, but a larger value does not prove a bad one (Tvedebrink et al. 2012).
    """

    observed: Floats
    expected: Floats
    tail_observed: Floats
    tail_expected: Floats
    tail_ratio: Floats
    statistic: float
    cells: int
    degrees_of_freedom: int

    def __repr__(self) -> str:
        return (
            f"<MatchMatrixComparison: {self.observed.sum():.0f} pairs, "
            f"statistic {self.statistic:.1f} on {self.degrees_of_freedom} degrees of freedom>"
        )


def compare_match_matrices(
    observed: ArrayLike, expected: ArrayLike, *, fitted: int = 0
) -> MatchMatrixComparison:
    """Compare an observed match matrix with an expected one.

    Parameters
    ----------
    observed : array of int, (L + 1) x (L + 1)
        Pairs by fully matching loci and loci with exactly one shared allele.
    expected : array of float
        The same from :func:`expected_match_matrix`.
    fitted : int, default 0
        Number of parameters (theta, frequencies) estimated from the observed matrix.

    Returns
    -------
    MatchMatrixComparison
        The comparison, cell by cell, by tails, and in one number.

    Raises
    ------
    InvalidInput
        Code ``"bad_matrix"``: shapes or totals differ, a number is negative or not finite, or
        pairs were observed in an impossible cell.

    Examples
    --------
    >>> table = Frequencies({"TH01": {"6": 0.5, "9.3": 0.5}})
    >>> expected = expected_match_matrix(table, 17)
    >>> report = compare_match_matrices([[20, 68], [48, 0]], expected)
    >>> report.tail_ratio.round(3).tolist(), round(report.statistic, 3), report.degrees_of_freedom
    ([1.0, 0.941], 0.706, 2)
    """
    seen, hoped = _matrix(observed, "observed"), _matrix(expected, "expected")
    if seen.shape != hoped.shape or not np.isclose(seen.sum(), hoped.sum(), rtol=1e-6, atol=1e-6):
        raise _bad("the two matrices differ in shape or in the number of pairs", "observed")
    if np.any(seen[hoped == 0.0] > 0.0):
        raise _bad("pairs were observed in an impossible cell", "observed")
    tail_seen = np.cumsum(seen.sum(axis=1)[::-1])[::-1]
    tail_hoped = np.cumsum(hoped.sum(axis=1)[::-1])[::-1]
    ratio = np.full(len(tail_seen), np.nan)
    np.divide(tail_seen, tail_hoped, out=ratio, where=tail_hoped > 0.0)
    for array in (tail_seen, tail_hoped, ratio):
        array.setflags(write=False)
    statistic, cells = _pearson(seen, hoped)
    freedom = max(0, cells - 1 - fitted)
    return MatchMatrixComparison(
        seen, hoped, tail_seen, tail_hoped, ratio, statistic, cells, freedom
    )


def _pearson(observed: Floats, expected: Floats) -> tuple[float, int]:
    """Return Pearson's statistic and the number of classes that it was summed over."""
    alone = expected >= _LEAST_EXPECTED
    seen, hoped = observed[alone].tolist(), expected[alone].tolist()
    rest_seen, rest = float(observed[~alone].sum()), float(expected[~alone].sum())
    if rest >= _LEAST_EXPECTED or (rest > 0.0 and not hoped):
        seen.append(rest_seen)
        hoped.append(rest)
    elif hoped:
        smallest = int(np.argmin(hoped))
        seen[smallest] += rest_seen
        hoped[smallest] += rest
    return sum((o - e) ** 2 / e for o, e in zip(seen, hoped, strict=True)), len(hoped)


def _matrix(values: ArrayLike, field: str) -> Floats:
    """Return a checked, read-only copy."""
    matrix = np.array(values, dtype=np.float64)
    square = matrix.ndim == 2 and matrix.shape[0] == matrix.shape[1]
    if not square or not np.isfinite(matrix).all() or (matrix < 0.0).any():
        raise _bad("not a square matrix of finite numbers from 0", field)
    matrix.setflags(write=False)
    return matrix


def _bad(message: str, field: str) -> InvalidInput:
    return InvalidInput(message, code="bad_matrix", field=field)
