from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from prum_match.errors import InvalidInput
from prum_match.evaluation import (
    Trials,
    bootstrap_difference,
    bootstrap_interval,
    cllr,
    fmr,
    fnir,
    fnmr,
    rule_of_three,
)


def missed(scores: Any) -> float:
    return fnmr(scores, 0.5)


def cost(mated: Any, nonmated: Any) -> float:
    return cllr(mated_llrs=mated, nonmated_llrs=nonmated)


def some_trials(subjects: int = 12, rows: int = 4, shift: float = 0.0) -> Trials:
    random = np.random.RandomState(5)
    scores = random.uniform(size=(subjects, rows)) + shift
    names = np.repeat([f"S{i}" for i in range(subjects)], rows)
    return Trials(scores.ravel(), subjects=names)


def test_the_same_seed_gives_the_same_interval() -> None:
    trials = some_trials()
    first = bootstrap_interval(np.mean, trials, seed=7)
    assert bootstrap_interval(np.mean, trials, seed=7) == first
    assert bootstrap_interval(np.mean, trials, seed=8) != first
    assert first.low <= first.estimate <= first.high
    assert (first.subjects, first.replicates) == (12, 1000)


def test_the_interval_of_a_seed_is_known() -> None:
    # A number to hold on to: RandomState's stream is frozen, so it must never change.
    found = bootstrap_interval(missed, some_trials(), seed=1, replicates=200)
    assert (found.low, found.high) == (19 / 48, 32 / 48)


def test_more_confidence_is_wider() -> None:
    widths = []
    for confidence in (0.5, 0.8, 0.95, 0.99):
        found = bootstrap_interval(missed, some_trials(), seed=1, confidence=confidence)
        widths.append(found.high - found.low)
    assert widths == sorted(widths)
    assert widths[0] < widths[-1]


def test_order_and_names_of_subjects_do_not_matter() -> None:
    trials = some_trials()
    codes = [int(name[1:]) for name in trials.subjects]
    order = np.random.RandomState(2).permutation(len(codes))
    numbered = Trials(trials.columns[0], subjects=codes)
    shuffled = Trials(trials.columns[0][order], subjects=np.array(codes)[order])
    found = {bootstrap_interval(missed, t, seed=3) for t in (numbered, shuffled)}
    assert len(found) == 1


def test_rows_of_a_subject_come_and_go_together() -> None:
    seen: list[tuple[int, ...]] = []

    def record(scores: Any) -> float:
        seen.append(tuple(np.bincount(scores.astype(int), minlength=6)))
        return 0.0

    trials = Trials([0, 1, 2, 3, 4, 5], subjects=["a", "a", "b", "b", "b", "c"])
    bootstrap_interval(record, trials, seed=1, replicates=50)
    for counts in seen:
        assert counts[0] == counts[1]
        assert counts[2] == counts[3] == counts[4]
        assert counts[0] + counts[2] + counts[5] in (3,)


def test_a_row_of_two_people_counts_by_both() -> None:
    seen = []

    def record(scores: Any) -> float:
        seen.append(tuple(np.bincount(scores.astype(int), minlength=3)))
        return 0.0

    pairs = [["a", "b"], ["a", "c"], ["b", "c"]]
    bootstrap_interval(record, Trials([0, 1, 2], subjects=pairs), seed=1, replicates=200)
    times = {(x, y, 3 - x - y) for x in range(4) for y in range(4 - x)}
    possible = {(a * b, a * c, b * c) for a, b, c in times} - {(0, 0, 0)}
    # The first call is the estimate on the data themselves.
    assert set(seen) == possible
    assert seen[0] == (1, 1, 1)


def test_a_row_of_one_persons_items_is_that_persons() -> None:
    trials = some_trials()
    doubled = Trials(trials.columns[0], subjects=np.column_stack([trials.subjects] * 2))
    alone, twice = (bootstrap_interval(np.mean, t, seed=3) for t in (trials, doubled))
    assert twice == alone


def test_samples_share_their_subjects() -> None:
    seen = []

    def record(mine: Any, pairs: Any) -> float:
        seen.append((set(mine.astype(int)), {int(p) for p in pairs}))
        return 0.0

    mine = Trials([0, 1, 2], subjects=[0, 1, 2])
    pairs = Trials([1, 2, 12], subjects=[[0, 1], [0, 2], [1, 2]])
    bootstrap_interval(record, (mine, pairs), seed=1, replicates=100)
    members = {1: {0, 1}, 2: {0, 2}, 12: {1, 2}}
    for people, drawn in seen:
        assert drawn == {pair for pair, both in members.items() if both <= people}


def test_statistics_of_several_columns_and_samples() -> None:
    searches = Trials([0.9, 0.4, None, 0.8], [1, 3, None, 2], subjects=list("abcd"))
    found = bootstrap_interval(lambda s, r: fnir(s, r, rank=2), searches, seed=1, replicates=99)
    assert found.estimate == 0.5
    mated = Trials([2.0, 1.0, 3.0, 0.5], subjects=list("abcd"))
    nonmated = Trials([-1.0, -2.0, 0.1], subjects=[["a", "b"], ["b", "c"], ["c", "d"]])
    both = bootstrap_interval(cost, (mated, nonmated), seed=1, replicates=99)
    assert both.low < both.estimate < both.high


def test_no_error_gives_no_interval_but_the_rule_of_three() -> None:
    found = bootstrap_interval(missed, some_trials(shift=1.0), seed=1, replicates=20)
    assert found.degenerate
    assert rule_of_three(300) == 0.01
    assert rule_of_three(2) == 1.0
    for trials in (3, 10, 1000):
        assert rule_of_three(trials) >= 1 - 0.05 ** (1 / trials)


def test_infinite_costs_stay_order_statistics() -> None:
    mated = Trials([2.0, -math.inf, 1.0], subjects=list("abc"))
    nonmated = Trials([-1.0, -2.0], subjects=list("de"))
    found = bootstrap_interval(cost, (mated, nonmated), seed=1, replicates=200)
    assert found.estimate == found.high == math.inf
    assert math.isfinite(found.low)
    same = bootstrap_difference(cost, (mated, nonmated), (mated, nonmated), seed=1, replicates=50)
    assert (same.estimate, same.low, same.high) == (0.0, 0.0, 0.0)


def test_pairing_cancels_difficulties_of_both_systems() -> None:
    random = np.random.RandomState(9)
    people = np.repeat(np.arange(60), 5)
    hard = np.repeat(random.normal(size=60), 5)
    noise = random.normal(size=(2, 300)) * 0.2
    first = Trials(hard + noise[0], subjects=people)
    second = Trials(hard + noise[1] + 0.15, subjects=people)

    def rate(scores: Any) -> float:
        return fnmr(scores, 0.0)

    paired = bootstrap_difference(rate, first, second, seed=1, replicates=300)
    alone = bootstrap_interval(rate, first, seed=1, replicates=300)
    assert paired.estimate == pytest.approx(
        rate(first.columns[0]) - rate(second.columns[0]), abs=1e-15
    )
    assert paired.low > 0.0
    assert paired.high - paired.low < (alone.high - alone.low) / 2


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (lambda t: bootstrap_interval(missed, t, seed=-1), "bad_seed"),
        (lambda t: bootstrap_interval(missed, t, seed=2**32), "bad_seed"),
        (lambda t: bootstrap_interval(missed, t, seed=1.5), "bad_seed"),  # type: ignore[arg-type]
        (lambda t: bootstrap_interval(missed, t, seed=1, confidence=1.0), "bad_confidence"),
        (lambda t: bootstrap_interval(missed, t, seed=1, replicates=0), "bad_count"),
        (lambda t: bootstrap_interval(lambda s: math.nan, t, seed=1), "bad_statistic"),
        (lambda t: bootstrap_interval(missed, (), seed=1), "empty"),
        (
            lambda t: bootstrap_interval(missed, Trials([1], subjects=["a"]), seed=1),
            "too_few_subjects",
        ),
        (lambda t: bootstrap_interval(cost, (t, Trials([1], subjects=[1])), seed=1), "bad_subject"),
        (lambda t: bootstrap_difference(missed, t, some_trials(11), seed=1), "not_paired"),
        (lambda t: bootstrap_difference(missed, t, (t, t), seed=1), "not_paired"),
        (lambda t: bootstrap_difference(missed, t, t, seed=1, confidence=0.0), "bad_confidence"),
        (lambda t: Trials(subjects=["a"]), "empty"),
        (lambda t: Trials([], subjects=[]), "empty"),
        (lambda t: Trials([1.0], subjects=["a", "b"]), "length_mismatch"),
        (lambda t: Trials([1.0], subjects=[["a", "b", "c"]]), "bad_shape"),
        (lambda t: Trials([1.0], subjects=[0.5]), "bad_subject"),
        (lambda t: Trials([1.0], subjects=[2**64 - 1]), "bad_subject"),
        (lambda t: Trials([1.0, 2.0], subjects=["a", None]), "bad_subject"),  # type: ignore[arg-type]
        (lambda t: rule_of_three(0), "bad_count"),
    ],
)
def test_calls_that_are_refused(call: Callable[[Trials], Any], code: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        call(some_trials())
    assert caught.value.code == code


def test_data_that_most_resamples_leave_empty_are_refused() -> None:
    names = [f"S{i}" for i in range(40)]
    lonely = Trials([0.5], subjects=[["S0", "S1"]])
    rest = Trials(np.zeros(40), subjects=names)
    with pytest.raises(InvalidInput) as caught:
        bootstrap_interval(lambda a, b: fmr(a, 0.5), (lonely, rest), seed=1, replicates=30)
    assert caught.value.code == "too_few_subjects"


def test_repr_holds_no_subject() -> None:
    assert repr(some_trials()) == "<Trials: 48 rows of 12 subjects>"
