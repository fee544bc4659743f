from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from oracles import evaluation as oracle
from prum_match.errors import InvalidInput
from prum_match.evaluation import fmr, fnir, fnmr, fpir, selectivity

# Few distinct values, so that ties with each other and with the threshold are the rule.
GRID = st.integers(-4, 4).map(lambda i: i / 4)
SCORES = st.lists(GRID | st.floats(-2, 2), min_size=1, max_size=12)
MATES = st.lists(
    st.tuples(GRID, st.integers(1, 6)) | st.just((None, None)), min_size=1, max_size=12
)
TOPS = st.lists(GRID | st.none(), min_size=1, max_size=12)


@given(SCORES, GRID)
def test_one_to_one_is_the_definition(scores: list[float], threshold: float) -> None:
    rate = oracle.rate_at_least(scores, threshold)
    assert fmr(scores, threshold) == float(rate)
    assert fnmr(scores, threshold) == float(1 - rate)


@given(TOPS, GRID)
def test_fpir_is_the_definition(tops: list[float | None], threshold: float) -> None:
    assert fpir(tops, threshold) == float(oracle.fpir(tops, threshold))


@given(MATES, st.none() | GRID, st.none() | st.integers(1, 7))
def test_fnir_is_the_definition(
    mates: list[tuple[Any, Any]], threshold: float | None, rank: int | None
) -> None:
    scores, ranks = map(list, zip(*mates, strict=True))
    expected = float(oracle.fnir(mates, threshold, rank))
    assert fnir(scores, ranks, threshold, rank) == expected
    if rank is None:
        assert fnir(scores, None, threshold) == expected
    if threshold is None:
        assert fnir(None, ranks, rank=rank) == expected


@given(TOPS, MATES)
def test_rates_are_monotone_and_bounded(
    tops: list[float | None], mates: list[tuple[Any, Any]]
) -> None:
    scores, ranks = map(list, zip(*mates, strict=True))
    at = np.linspace(-2, 2, 33)
    positives = fpir(tops, at)
    negatives = np.asarray(fnir(scores, ranks, at))
    by_rank = np.asarray(fnir(scores, ranks, rank=np.arange(1, 9)))
    assert np.all(np.diff(positives) <= 0)
    assert np.all(np.diff(negatives) >= 0)
    assert np.all(np.diff(by_rank) <= 0)
    for rates in (positives, negatives, by_rank):
        assert rates.min() >= 0.0
        assert rates.max() <= 1.0


@given(MATES, st.randoms(use_true_random=False))
def test_order_of_searches_does_not_matter(mates: list[tuple[Any, Any]], random: Any) -> None:
    shuffled = mates.copy()
    random.shuffle(shuffled)
    found = {
        fnir([s for s, _ in rows], [r for _, r in rows], 0.25, 3) for rows in (mates, shuffled)
    }
    assert len(found) == 1


def test_a_score_at_the_threshold_matches() -> None:
    assert fmr([0.5], 0.5) == 1.0
    assert fmr([0.5], math.nextafter(0.5, 1.0)) == 0.0
    assert fnmr([0.5], 0.5) == 0.0
    assert fpir([0.5], 0.5) == 1.0
    assert fnir([0.5], [1], 0.5) == 0.0


def test_scalars_give_floats_and_arrays_keep_their_shape() -> None:
    assert type(fmr([0.5], 0.5)) is float
    assert type(fnir([0.5], [1], rank=1)) is float
    assert fmr([0.5], np.zeros((2, 3))).shape == (2, 3)
    assert np.shape(fnir([0.5], [1], np.zeros((2, 1)), np.array([1, 2, 3]))) == (2, 3)


def test_infinite_thresholds_accept_all_or_nothing() -> None:
    assert fmr([0.5, 0.6], [-np.inf, np.inf]).tolist() == [1.0, 0.0]
    # What was not returned stays out even of "everything".
    assert fpir([0.5, None], -np.inf) == 0.5
    assert fnir([0.5, None], [1, None], -np.inf) == 0.5


@pytest.mark.parametrize("missing", [None, 0, np.inf])
def test_a_mate_that_was_not_returned_is_a_miss(missing: Any) -> None:
    # Its score is known to the caller from elsewhere, and still does not count.
    assert fnir([0.9, 0.9], [1, missing], threshold=0.1) == 0.5
    assert fnir([0.9, None], [1, missing], rank=100) == 0.5


def test_failures_count_against_the_system() -> None:
    assert fmr([0.9, 0.1], 0.5, failures=2) == 0.25
    assert fnmr([0.9, 0.1], 0.5, failures=2) == 0.75


def test_selectivity_counts_searches_without_candidates() -> None:
    assert selectivity([0.9, 0.8, 0.2], 0.8, searches=4) == 0.5
    assert selectivity([], 0.8, searches=4) == 0.0
    assert selectivity([0.9], [0.9, 1.0], searches=1).tolist() == [1.0, 0.0]


@pytest.mark.parametrize(
    ("scores", "code", "index"),
    [
        ([], "empty", None),
        ([0.1, np.nan], "not_finite", 1),
        ([0.1, np.inf], "not_finite", 1),
        ([0.1, -np.inf], "not_finite", 1),
        ([[0.1]], "bad_shape", None),
        ([[0.1], [0.1, 0.2]], "bad_shape", None),
        (0.1, "bad_shape", None),
        ([True, False], "not_a_number", None),
        (["0.1"], "not_a_number", None),
        ([0.1, None], "not_a_number", 1),
        ([0.1j], "not_a_number", None),
        (np.array([0.1, "0.1"], object), "not_a_number", 1),
        ([10**400], "not_a_number", 0),
        (np.ma.masked_array([0.1, 0.2], [False, True]), "masked", None),
    ],
)
@pytest.mark.parametrize("metric", [fmr, fnmr])
def test_scores_that_are_refused(metric: Any, scores: Any, code: str, index: int | None) -> None:
    with pytest.raises(InvalidInput) as caught:
        metric(scores, 0.5)
    assert caught.value.code == code
    assert caught.value.index == index
    assert caught.value.field in ("nonmated_scores", "mated_scores")
    assert "0.1" not in str(caught.value)


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (lambda: fmr([0.1], np.nan), "bad_threshold"),
        (lambda: fmr([0.1], [0.1, np.nan]), "bad_threshold"),
        (lambda: fmr([0.1], "x"), "not_a_number"),  # type: ignore[arg-type]
        (lambda: fmr([0.1], [[0.1], [0.1, 0.2]]), "bad_shape"),  # type: ignore[list-item]
        (lambda: fmr([0.1], 0.5, failures=-1), "bad_count"),
        (lambda: fmr([0.1], 0.5, failures=True), "bad_count"),
        (lambda: fpir([np.nan], 0.5), "not_finite"),
        (lambda: fpir([np.inf], 0.5), "not_finite"),
        (lambda: fpir([], 0.5), "empty"),
        (lambda: fnir([0.1], [1], rank=0), "bad_rank"),
        (lambda: fnir([0.1], [1], rank=1.5), "bad_rank"),  # type: ignore[call-overload]
        (lambda: fnir([0.1], [1], rank=True), "bad_rank"),
        (lambda: fnir([0.1], [-1], rank=1), "bad_rank"),
        (lambda: fnir([0.1], [1.5], rank=1), "bad_rank"),
        (lambda: fnir([0.1], [np.nan], rank=1), "bad_rank"),
        (lambda: fnir([0.1], [-np.inf], rank=1), "bad_rank"),
        (lambda: fnir([0.1, 0.2], [1], rank=1), "length_mismatch"),
        (lambda: fnir([None], [1], rank=1), "no_scores"),
        (lambda: fnir(None, [1], threshold=0.5), "no_scores"),
        (lambda: fnir([0.1], None, rank=1), "no_ranks"),
        (lambda: fnir(None, None), "empty"),
        (lambda: fnir([np.nan], [1]), "not_finite"),
        (lambda: fnir([0.1], [1], [0.1, 0.2], [1, 2, 3]), "bad_shape"),
        (lambda: selectivity([0.1], 0.5, searches=0), "bad_count"),
        (lambda: selectivity([np.nan], 0.5, searches=1), "not_finite"),
        (lambda: selectivity(np.ma.masked_array([]), 0.5, searches=1), "masked"),
    ],
)
def test_calls_that_are_refused(call: Any, code: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        call()
    assert caught.value.code == code
