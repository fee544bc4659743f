from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.isotonic import IsotonicRegression  # type: ignore[import-untyped]  # ships no types

from oracles import evaluation as oracle
from prum_match.errors import InvalidInput
from prum_match.evaluation import cllr, cllr_min, ece_curve, elub, pool_adjacent_violators

# Ratios drawn at random point the wrong way as often as not.
pytestmark = pytest.mark.filterwarnings("ignore::prum_match.evaluation.MatedBelowNonmatedWarning")

GRID = st.integers(-6, 6).map(lambda i: i / 2)
LLRS = st.lists(GRID | st.floats(-30, 30), min_size=1, max_size=12)
ANY_LLRS = st.lists(GRID | st.sampled_from([math.inf, -math.inf]), min_size=1, max_size=12)


@given(LLRS, LLRS)
def test_cllr_is_the_definition(mated: list[float], nonmated: list[float]) -> None:
    expected = oracle.cllr([math.exp(x) for x in mated], [math.exp(x) for x in nonmated])
    assert cllr(mated_llrs=mated, nonmated_llrs=nonmated) == pytest.approx(expected, rel=1e-12)


@given(LLRS, LLRS)
def test_cllr_is_the_same_with_hypotheses_exchanged(
    mated: list[float], nonmated: list[float]
) -> None:
    exchanged = cllr(mated_llrs=[-x for x in nonmated], nonmated_llrs=[-x for x in mated])
    assert exchanged == pytest.approx(cllr(mated_llrs=mated, nonmated_llrs=nonmated), rel=1e-12)


@given(LLRS, LLRS)
def test_cllr_min_is_the_definition(mated: list[float], nonmated: list[float]) -> None:
    expected = oracle.cllr_min(mated, nonmated)
    assert cllr_min(mated_scores=mated, nonmated_scores=nonmated) == pytest.approx(
        expected, abs=1e-12
    )


@given(ANY_LLRS, ANY_LLRS)
def test_no_monotone_calibration_beats_the_pooled_one(
    mated: list[float], nonmated: list[float]
) -> None:
    least = cllr_min(mated_scores=mated, nonmated_scores=nonmated)
    assert 0.0 <= least <= 1.0 + 1e-12
    assert least <= cllr(mated_llrs=mated, nonmated_llrs=nonmated) + 1e-12


@given(LLRS, LLRS)
def test_cllr_min_depends_only_on_the_order(mated: list[float], nonmated: list[float]) -> None:
    level = {x: float(i) for i, x in enumerate(sorted({*mated, *nonmated}))}
    renamed = cllr_min(
        mated_scores=[level[x] for x in mated], nonmated_scores=[level[x] for x in nonmated]
    )
    assert renamed == cllr_min(mated_scores=mated, nonmated_scores=nonmated)


@given(ANY_LLRS, ANY_LLRS)
def test_pooled_ratios_are_calibrated(mated: list[float], nonmated: list[float]) -> None:
    pools = pool_adjacent_violators(mated_scores=mated, nonmated_scores=nonmated)
    where = [np.searchsorted(pools.high, scores) for scores in (mated, nonmated)]
    found = [pools.llrs[i] for i in where]
    assert cllr(mated_llrs=found[0], nonmated_llrs=found[1]) == pytest.approx(
        cllr_min(mated_scores=mated, nonmated_scores=nonmated), abs=1e-12
    )


@given(ANY_LLRS, ANY_LLRS)
def test_pools_are_the_max_min_formula(mated: list[float], nonmated: list[float]) -> None:
    pools = pool_adjacent_violators(mated_scores=mated, nonmated_scores=nonmated)
    shares = oracle.pooled_shares(mated, nonmated)
    assert np.all(pools.low <= pools.high)
    assert np.all(pools.low[1:] > pools.high[:-1])
    for low, high, m, n in zip(pools.low, pools.high, pools.mated, pools.nonmated, strict=True):
        inside = {share for score, share in shares.items() if low <= score <= high}
        assert inside == {Fraction(int(m), int(m + n))}
    assert pools.mated.sum() == len(mated)
    assert pools.nonmated.sum() == len(nonmated)
    assert np.all(np.diff(pools.posteriors) > 0)


def test_pools_agree_with_scikit_learn() -> None:
    random = np.random.RandomState(3)
    mated, nonmated = random.normal(1, 1, 300), random.normal(0, 1, 2000)
    scores = np.concatenate([mated, nonmated])
    labels = np.arange(scores.size) < mated.size
    theirs = IsotonicRegression().fit_transform(scores, labels)
    pools = pool_adjacent_violators(mated_scores=mated, nonmated_scores=nonmated)
    share = pools.mated / (pools.mated + pools.nonmated)
    assert share[np.searchsorted(pools.high, scores)] == pytest.approx(theirs, abs=1e-12)


def test_scores_that_differ_by_little_stay_apart() -> None:
    # scikit-learn's isotonic regression takes scores closer than 1e-15 for one.
    tiny = pool_adjacent_violators(mated_scores=[3e-17, 4e-17], nonmated_scores=[1e-17, 2e-17])
    assert tiny.posteriors.tolist() == [0.0, 1.0]


def test_infinite_ratios_are_taken_at_their_word() -> None:
    inf = math.inf
    assert cllr(mated_llrs=[inf], nonmated_llrs=[-inf]) == 0.0
    assert cllr(mated_llrs=[-inf, 5.0], nonmated_llrs=[0.0]) == inf
    assert cllr(mated_llrs=[5.0], nonmated_llrs=[inf, 0.0]) == inf
    assert cllr_min(mated_scores=[inf], nonmated_scores=[-inf]) == 0.0


@pytest.mark.parametrize(
    ("function", "what"),
    [(cllr, "llrs"), (cllr_min, "scores"), (ece_curve, "llrs"), (elub, "llrs")],
)
@pytest.mark.parametrize(
    ("mated", "nonmated", "code"),
    [
        ([], [0.0], "empty"),
        ([0.0], [], "empty"),
        ([math.nan], [0.0], "not_finite"),
        ([0.0], [0.0, math.nan], "not_finite"),
        (["x"], [0.0], "not_a_number"),
    ],
)
def test_invalid_ratios_are_refused(
    function: Any, what: str, mated: Any, nonmated: Any, code: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        function(**{f"mated_{what}": mated, f"nonmated_{what}": nonmated})
    assert caught.value.code == code


@given(LLRS, LLRS)
def test_ece_at_even_odds_is_cllr(mated: list[float], nonmated: list[float]) -> None:
    curve = ece_curve(mated_llrs=mated, nonmated_llrs=nonmated)
    (even,) = np.flatnonzero(curve.log10_prior_odds == 0.0)
    assert curve.observed[even] == pytest.approx(
        cllr(mated_llrs=mated, nonmated_llrs=nonmated), rel=1e-12
    )
    assert curve.calibrated[even] == pytest.approx(
        cllr_min(mated_scores=mated, nonmated_scores=nonmated), rel=1e-12
    )
    assert curve.neutral[even] == 1.0
    # PAV minimises every proper scoring rule, so it is below the others at every prior.
    assert np.all(curve.calibrated <= curve.observed + 1e-12)
    assert np.all(curve.calibrated <= curve.neutral + 1e-12)


def test_ece_of_silence_is_neutral_and_that_is_the_entropy_of_the_prior() -> None:
    curve = ece_curve(mated_llrs=[0.0, 0.0], nonmated_llrs=[0.0])
    assert curve.observed.tolist() == curve.neutral.tolist()
    p = 1 / (1 + 10**-curve.log10_prior_odds)
    entropy = -p * np.log2(p) - (1 - p) * np.log2(1 - p)
    assert curve.neutral == pytest.approx(entropy, abs=1e-12)


def test_ece_at_extreme_priors_is_a_number() -> None:
    curve = ece_curve(
        mated_llrs=[math.inf, -math.inf], nonmated_llrs=[math.inf], log10_prior_odds=[-300.0, 300.0]
    )
    assert curve.observed.tolist() == [math.inf, math.inf]
    assert np.isfinite(curve.calibrated).all()
    with pytest.raises(InvalidInput) as caught:
        ece_curve(mated_llrs=[0.0], nonmated_llrs=[0.0], log10_prior_odds=[0.0, 301.0])
    assert (caught.value.code, caught.value.index) == ("bad_prior", 1)


@given(ANY_LLRS, ANY_LLRS)
def test_bounds_are_the_first_thresholds_that_cost_more(
    mated: list[float], nonmated: list[float]
) -> None:
    low, high = elub(mated_llrs=mated, nonmated_llrs=nonmated)
    assert -math.log(len(mated) + 1) - 1e-12 <= low <= 0.0
    assert 0.0 <= high <= math.log(len(nonmated) + 1) + 1e-12
    mated, nonmated = ([math.exp(x) for x in llrs] for llrs in (mated, nonmated))
    for bound in (low, high):
        inside = np.linspace(0.0, bound, 9)[1:-1]
        assert all(oracle.beats_silence(mated, nonmated, math.exp(x)) for x in inside if bound)
        beyond = bound + math.copysign(1e-6, bound if bound else (1 if bound is high else -1))
        assert not oracle.beats_silence(mated, nonmated, math.exp(beyond))


def test_more_data_carry_more() -> None:
    for n in (1, 10, 100):
        low, high = elub(mated_llrs=[math.inf] * n, nonmated_llrs=[-math.inf] * n)
        assert high == pytest.approx(math.log(n))
        assert low == -high


def test_a_system_that_misleads_gets_no_range() -> None:
    assert elub(mated_llrs=[-3.0, -4.0], nonmated_llrs=[3.0, 4.0]) == (0.0, 0.0)


def test_reprs_hold_no_scores() -> None:
    assert (
        repr(pool_adjacent_violators(mated_scores=[0.5], nonmated_scores=[0.25]))
        == "<Pools: 2 of 2 scores>"
    )
    assert (
        repr(ece_curve(mated_llrs=[0.5], nonmated_llrs=[0.25], log10_prior_odds=[0.0]))
        == "<EceCurve: 1 priors>"
    )
