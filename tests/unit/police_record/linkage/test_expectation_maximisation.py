"""Shares of levels that are found without labels."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from prum_match.police_record.linkage.em import Fit, expectation_maximisation
from prum_match.police_record.linkage.levels import CountryLevel, DateLevel, NameLevel
from prum_match.police_record.linkage.model import START, LinkageModel
from prum_match.police_record.linkage.patterns import LEVELS, Pattern, code_of, levels_of

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
    given = {"most": 5000.0, **options}
    return expectation_maximisation(levels_of(codes), counts, start=START, **given)  # type: ignore[arg-type]


def test_shares_that_made_the_pairs_are_found() -> None:
    found = fitted(*drawn())
    assert found.converged
    assert found.matches == pytest.approx(MATCHES, rel=0.05)
    for name, levels in (("family", NAMES), ("first", NAMES), ("date", DATES)):
        np.testing.assert_allclose(found.m[name][list(levels)], TRUE_M[name], atol=0.03)
        np.testing.assert_allclose(found.u[name][list(levels)], TRUE_U[name], atol=0.001)


def test_the_likelihood_never_falls() -> None:
    history = np.array(fitted(*drawn()).objectives)
    assert history.size > 5
    assert np.diff(history).min() >= -1e-9 * abs(history[0])


def test_the_limit_makes_no_difference_where_it_is_not_reached() -> None:
    codes, counts = drawn()
    near, far = fitted(codes, counts, most=2500.0), fitted(codes, counts, most=50_000.0)
    assert near.held == far.held == 0
    assert near.matches == pytest.approx(far.matches, rel=0.01)


def test_pairs_of_one_person_are_at_most_the_possible_number() -> None:
    codes, counts = drawn()
    found = fitted(codes, counts, most=1000.0)
    assert found.matches == pytest.approx(1000)
    assert found.matches <= 1000
    assert found.held > 0
    m, u = ({name: tuple(part[name].tolist()) for name in LEVELS} for part in (found.m, found.u))
    model = LinkageModel(m=m, u=u, prior=found.prior, name="held")
    probabilities = model.probability(model.weights().of(codes))
    assert counts @ probabilities == pytest.approx(1000, rel=0.01)


def test_fields_that_depend_on_each_other_are_not_taken_for_persons() -> None:
    """One pair in 50 is of one country: the same nationality, names more alike, no one person."""
    rng = np.random.default_rng(3)
    total: dict[int, int] = {}
    groups = (  # pairs, what is SAME, shares of levels of family names
        (2000, 1.0, (0.1, 0.2, 0.7), (0.05, 0.05, 0.9)),
        (40_000, 1.0, (0.95, 0.03, 0.02), TRUE_U["date"]),
        (1_960_000, 0.02, TRUE_U["family"], TRUE_U["date"]),
    )
    for n, same, family_shares, date_shares in groups:
        family, date = rng.choice(3, n, p=family_shares), rng.choice(3, n, p=date_shares)
        country, nationality = (rng.random(n) < same for _ in range(2))
        if n == groups[1][0]:
            nationality = country
        cells = family * 12 + date * 4 + country * 2 + nationality
        for cell, count in enumerate(np.bincount(cells)):
            pattern = Pattern(
                NAMES[cell // 12],
                date=DATES[cell // 4 % 3],
                country=CountryLevel(cell // 2 % 2 + 1),
                nationality=CountryLevel(cell % 2 + 1),
            )
            code = code_of(pattern)
            total[code] = total.get(code, 0) + int(count)
    codes, counts = np.array(list(total)), np.array(list(total.values()))
    alone, held = fitted(codes, counts, most=1e6), fitted(codes, counts, most=2000.0)
    assert alone.matches > 20_000
    assert held.matches == pytest.approx(2000)
    exact, near = DateLevel.EXACT, DateLevel.DIFFERENT
    assert held.m["date"][exact] > 0.8
    assert alone.m["date"][exact] < 0.3
    assert held.m["date"][near] < 0.2


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
def test_results_are_finite_without_information(patterns: list[Pattern], counts: list[int]) -> None:
    codes = np.array([code_of(pattern) for pattern in patterns])
    for most in (0.5, 1e6):
        found = fitted(codes, np.array(counts), most=most)
        assert 0 < found.prior < 1
        assert np.isfinite(found.objectives).all()
        for name in LEVELS:
            for shares in (found.m[name], found.u[name]):
                assert shares[0] == 0
                assert (shares[1:] > 0).all()
                assert shares.sum() == pytest.approx(1)


def test_a_fit_ends_after_the_given_number_of_rounds() -> None:
    found = fitted(*drawn(), max_iterations=3)
    assert (found.converged, len(found.objectives)) == (False, 4)
