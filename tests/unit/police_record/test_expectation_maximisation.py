"""Shares of levels that are found without labels."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from prum_match.police_record.em import Fit, expectation_maximisation
from prum_match.police_record.levels import DateLevel, NameLevel
from prum_match.police_record.model import START
from prum_match.police_record.patterns import LEVELS, Pattern, code_of, levels_of

Counts = NDArray[np.int64]
MATCHES, PAIRS = 2000, 2_000_000
TRUE_M = {"family": (0.1, 0.2, 0.7), "first": (0.2, 0.2, 0.6), "date": (0.05, 0.05, 0.9)}
TRUE_U = {"family": (0.99, 0.007, 0.003), "first": (0.98, 0.01, 0.01), "date": (0.96, 0.0399, 1e-4)}
NAMES = (NameLevel.DIFFERENT, NameLevel.CLOSE, NameLevel.EXACT)
DATES = (DateLevel.DIFFERENT, DateLevel.NEAR, DateLevel.EXACT)


def drawn() -> tuple[Counts, Counts]:
    """Return patterns and counts of pairs whose shares are known."""
    rng = np.random.default_rng(7)
    total: dict[int, int] = {}
    for n, shares in ((MATCHES, TRUE_M), (PAIRS, TRUE_U)):
        family, first, date = (rng.choice(3, n, p=shares[name]) for name in TRUE_M)
        for cell, count in enumerate(np.bincount(family * 9 + first * 3 + date)):
            pattern = Pattern(NAMES[cell // 9], NAMES[cell // 3 % 3], date=DATES[cell % 3])
            total[code_of(pattern)] = total.get(code_of(pattern), 0) + int(count)
    return np.array(list(total)), np.array(list(total.values()))


def fitted(codes: Counts, counts: Counts, **options: float) -> Fit:
    given = {"expected": 5000.0, **options}
    return expectation_maximisation(levels_of(codes), counts, start=START, **given)  # type: ignore[arg-type]


def test_shares_that_made_the_pairs_are_found() -> None:
    found = fitted(*drawn())
    assert found.converged
    assert found.matches == pytest.approx(MATCHES, rel=0.05)
    for name, levels in (("family", NAMES), ("first", NAMES), ("date", DATES)):
        np.testing.assert_allclose(found.m[name][list(levels)], TRUE_M[name], atol=0.03)
        np.testing.assert_allclose(found.u[name][list(levels)], TRUE_U[name], atol=0.001)


def test_the_likelihood_never_falls() -> None:
    history = np.array(fitted(*drawn()).log_likelihoods)
    assert history.size > 5
    assert np.diff(history).min() >= -1e-9 * abs(history[0])


def test_the_start_makes_no_difference() -> None:
    codes, counts = drawn()
    few, many = fitted(codes, counts, expected=300.0), fitted(codes, counts, expected=50_000.0)
    assert few.matches == pytest.approx(many.matches, rel=0.01)


def test_a_prior_that_is_known_is_kept() -> None:
    found = fitted(*drawn(), prior=0.001)
    assert found.prior == 0.001


def test_levels_that_no_pair_shows_keep_the_weight_of_the_start() -> None:
    found = fitted(*drawn())
    nickname, date = NameLevel.NICKNAME, DateLevel.SWAPPED
    for name, level in (("family", nickname), ("date", date), ("gender", 2), ("place", 8)):
        ratio = found.m[name][level] / found.u[name][level]
        expected = START.m[name][level] / START.u[name][level]
        assert np.log2(ratio) == pytest.approx(np.log2(expected), abs=0.5)


@pytest.mark.parametrize(
    ("patterns", "counts"),
    [
        ([Pattern()], [1]),
        ([Pattern()], [10**9]),
        ([Pattern(NameLevel.EXACT, NameLevel.EXACT)], [1000]),
        ([Pattern(NameLevel.DIFFERENT)], [1000]),
        ([Pattern(exchanged=True), Pattern(alias=True)], [1, 1]),
    ],
)
def test_nothing_is_infinite_where_there_is_nothing_to_learn(
    patterns: list[Pattern], counts: list[int]
) -> None:
    codes = np.array([code_of(pattern) for pattern in patterns])
    for expected in (0.5, 1e6):
        found = fitted(codes, np.array(counts), expected=expected)
        assert 0 < found.prior < 1
        assert np.isfinite(found.log_likelihoods).all()
        for name in LEVELS:
            for shares in (found.m[name], found.u[name]):
                assert shares[0] == 0
                assert (shares[1:] > 0).all()
                assert shares.sum() == pytest.approx(1)


def test_a_fit_ends_where_it_is_told_to() -> None:
    found = fitted(*drawn(), max_iterations=3)
    assert (found.converged, len(found.log_likelihoods)) == (False, 4)
