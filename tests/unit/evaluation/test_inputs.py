"""How arrays are read: missing values, shapes, kinds of ids and the stream of random numbers."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from prum_match.errors import InvalidInput
from prum_match.evaluation.inputs import (
    finite_scores,
    log_ratios,
    optional_ranks,
    optional_scores,
    random_state,
    rank_limits,
    require_one_kind,
    subject_ids,
    thresholds,
)
from prum_match.evaluation.resampling import Trials, resamples


def test_missing_scores_become_minus_infinity_and_missing_ranks_zero() -> None:
    assert optional_scores([0.5, None], "scores").tolist() == [0.5, -math.inf]
    assert optional_ranks([1, None, math.inf, 7], "ranks").tolist() == [1, 0, 0, 7]


def test_arrays_have_one_type_for_any_input() -> None:
    assert finite_scores([0.5, 1], "scores").dtype == np.float64
    assert log_ratios([0.5, math.inf], "llrs").tolist() == [0.5, math.inf]
    assert rank_limits([1, 20]).dtype == np.int64
    assert (thresholds(0.5).shape, thresholds([[0.5]]).shape) == ((), (1, 1))
    assert subject_ids(["AT-1", "AT-2"]).dtype.kind == "U"
    assert subject_ids(np.array([7], np.uint8)).dtype == np.int64


@pytest.mark.parametrize(
    ("read", "value", "code", "index"),
    [
        (lambda v: finite_scores(v, "x"), [0.5, math.inf], "not_finite", 1),
        (lambda v: finite_scores(v, "x"), [True, False], "not_a_number", None),
        (lambda v: finite_scores(v, "x"), [10**400, 1], "not_a_number", 0),
        (lambda v: finite_scores(v, "x"), [[1.0], [1.0, 2.0]], "bad_shape", None),
        (lambda v: log_ratios(v, "x"), [0.0, math.nan], "not_finite", 1),
        (lambda v: optional_ranks(v, "x"), [1, 1.5], "bad_rank", 1),
        (rank_limits, [0], "bad_rank", None),
        (thresholds, math.nan, "bad_threshold", 0),
        (subject_ids, np.array(["a", 7], object), "bad_subject", 1),
    ],
)
def test_invalid_arrays_are_refused_with_their_position(
    read: Callable[[Any], Any], value: Any, code: str, index: int | None
) -> None:
    with pytest.raises(InvalidInput) as caught:
        read(value)
    assert (caught.value.code, caught.value.index) == (code, index)


def test_text_and_numbers_are_not_ids_of_the_same_subjects() -> None:
    require_one_kind(np.array(["a"]), np.array(["b"]))
    with pytest.raises(InvalidInput) as caught:
        require_one_kind(np.array(["7"]), np.array([7]))
    assert caught.value.code == "bad_subject"


def test_the_random_stream_of_a_seed_is_known() -> None:
    assert random_state(1).randint(0, 10, size=3, dtype=np.int64).tolist() == [5, 8, 9]
    assert random_state(2**32 - 1).randint(2) in (0, 1)
    for seed in (-1, 2**32, True, 1.0):
        with pytest.raises(InvalidInput) as caught:
            random_state(seed)  # type: ignore[arg-type]
        assert (caught.value.code, caught.value.field) == ("bad_seed", "seed")


def test_all_rows_of_a_subject_are_drawn_together() -> None:
    trials = Trials([0.9, 0.8, 0.4], subjects=["a", "a", "b"])
    drawn, subjects = resamples((trials,), seed=1, replicates=2)
    assert [rows[0].tolist() for rows in drawn] == [[2, 2], [0, 0, 1, 1]]
    assert subjects == 2
