"""Simulation: how often the intervals hold the true rate. Seeds are fixed, bounds are loose."""

from __future__ import annotations

from typing import Any

import numpy as np

from prum_match.evaluation import Trials, bootstrap_interval, fmr, fnmr


def missed(scores: Any) -> float:
    return fnmr(scores, 0.5)


def false_matches(scores: Any) -> float:
    return fmr(scores, 0.5)


def test_by_subject_covers_and_by_score_does_not() -> None:
    # Each of 60 people has a miss rate of their own, 0.1 on average, and 10 comparisons.
    random = np.random.RandomState(20)
    people = np.repeat(np.arange(60), 10)
    runs = 120
    by_subject = by_score = 0
    for run in range(runs):
        rates = np.repeat(random.beta(0.5, 4.5, size=60), 10)
        scores = (random.uniform(size=600) >= rates).astype(float)
        right = bootstrap_interval(missed, Trials(scores, subjects=people), seed=run, replicates=99)
        wrong = bootstrap_interval(
            missed, Trials(scores, subjects=np.arange(600)), seed=run, replicates=99
        )
        by_subject += right.low <= 0.1 <= right.high
        by_score += wrong.low <= 0.1 <= wrong.high
    assert by_subject / runs >= 0.87
    assert by_score / runs <= 0.80


def test_pairs_of_people_are_covered() -> None:
    # 25 people, all pairs; who has a common face matches many others falsely.
    random = np.random.RandomState(21)
    first, second = np.triu_indices(25, 1)
    pairs = np.column_stack([first, second])

    def scores_of_pairs(common: Any) -> Any:
        together = common[first] + common[second] + random.normal(size=first.size)
        return (together > 2.0).astype(float)

    # The sum of three standard normals has a standard deviation of sqrt(3).
    truth = 0.12410653949496187
    runs = 80
    by_both = by_first = 0
    for run in range(runs):
        scores = scores_of_pairs(random.normal(size=25))
        right, wrong = (
            bootstrap_interval(false_matches, Trials(scores, subjects=who), seed=run, replicates=99)
            for who in (pairs, first)
        )
        by_both += right.low <= truth <= right.high
        by_first += wrong.low <= truth <= wrong.high
    assert by_both / runs >= 0.84
    assert by_first / runs <= 0.80
