"""Calibrated ratios hold on sample prints that were not used in the fit."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray

from prum_match import evaluation
from prum_match.dactyloscopy import CODES, Template, calibration_for, score_matrix
from prum_match.samples import prints

SEED = 424242
# Kinds and extractors by kind of print, as the calibrations were fitted, and how many hands.
TAKEN = ("fine", "coarse", "keen")
SOURCES = {
    "TP": (prints.Finger, ("plain", "rolled"), TAKEN),
    "LT": (prints.Finger, ("latent",), (*TAKEN, "examiner")),
    "PP": (prints.Palm, ("palm",), TAKEN),
    "LP": (prints.Palm, ("latent",), (*TAKEN, "examiner")),
}
HANDS = {"TP/TP": 240, "LT/TP": 300, "LT/LT": 300, "PP/PP": 12, "LP/PP": 40, "LP/LP": 100}


@cache
def ratios(stratum: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return natural log-likelihood ratios of mated and of non-mated comparisons."""
    kinds = stratum.split("/")
    taken: list[list[Template]] = [[], []]
    for number in range(HANDS[stratum]):
        random = np.random.Generator(np.random.PCG64([SEED, number]))
        hand = SOURCES[kinds[0]][0].draw(random)
        for side, kind in zip(taken, kinds, strict=True):
            _, names, extractors = SOURCES[kind]
            side.append(hand.impression(random, random.choice(names), random.choice(extractors)))
    calibration = calibration_for(taken[0][0], taken[1][0])
    scores = score_matrix(*taken)
    llrs = np.asarray(calibration.apply(scores, model=CODES, stratum=stratum, outside="clip"))
    return llrs.diagonal(), llrs[~np.eye(len(llrs), dtype=np.bool_)]


def cost(mated: NDArray[np.float64], nonmated: NDArray[np.float64]) -> float:
    return evaluation.cllr(mated_llrs=mated, nonmated_llrs=nonmated)


@pytest.mark.slow
@pytest.mark.parametrize("stratum", HANDS)
def test_misleading_ratios_are_rare_enough(stratum: str) -> None:
    # A ratio of t or more happens to non-mated comparisons at most once in t (Markov), and the
    # other way round. Comparisons share prints, so the counts vary more than independent ones.
    mated, nonmated = ratios(stratum)
    for size, misleading in ((nonmated.size, nonmated), (mated.size, -mated)):
        for t in (3, 10, 100, 1000, 10_000, 100_000):
            allowed = size / t
            assert np.count_nonzero(misleading >= np.log(t)) <= allowed + 3 * np.sqrt(allowed)


@pytest.mark.parametrize("stratum", HANDS)
def test_misleading_ratios_are_small_enough(stratum: str) -> None:
    # The mean ratio of non-mated comparisons is 1, or less where it was bounded; so is the mean
    # inverse ratio of mated ones.
    mated, nonmated = ratios(stratum)
    for misleading in (np.exp(nonmated), np.exp(-mated)):
        error = misleading.std() / np.sqrt(misleading.size)
        assert misleading.mean() <= 1 + 4 * error


@pytest.mark.parametrize("stratum", ["TP/TP", "LT/TP", "LT/LT", "LP/PP", "LP/LP"])
def test_calibration_loss_is_small(stratum: str) -> None:
    # The best monotone map knows the answers; what it gains on ours is the cost of calibration, and
    # what it makes of chance where mates are few: 40 palms.
    mated, nonmated = ratios(stratum)
    least = evaluation.cllr_min(mated_scores=mated, nonmated_scores=nonmated)
    lost = cost(mated, nonmated) - least
    assert lost < 0.05 + 1.5 / mated.size


def test_cllr_rises_with_the_number_of_latents() -> None:
    costs = [cost(*ratios(stratum)) for stratum in ("TP/TP", "LT/TP", "LT/LT")]
    assert costs == sorted(costs)
    assert costs[0] < 0.1
    assert costs[2] < 1
