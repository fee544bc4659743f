"""Golden numbers of open-set metrics and of calibration.

Copied from the project's reference on faces, section 7, sets G3 and G4 (face_golden.json). They
were worked out by hand from the definitions, from made-up scores: no person's data.
"""

from __future__ import annotations

import numpy as np
import pytest

from prum_match.engine.calibration import Calibration
from prum_match.evaluation import (
    IsotonicCalibrator,
    cllr,
    cllr_min,
    cmc_curve,
    fnir,
    fpir,
    pool_adjacent_violators,
    search_det_curve,
)

pytestmark = pytest.mark.native

# G3: score and rank of the mate of six mated searches, best score of ten non-mated ones.
SCORES = [0.90, 0.80, 0.72, 0.65, 0.40, 0.30]
RANKS = [1, 1, 2, 1, 7, 55]
TOPS = [0.70, 0.55, 0.50, 0.45, 0.41, 0.40, 0.35, 0.33, 0.31, 0.20]
FPIR = {0.0: 1.0, 0.40: 0.6, 0.41: 0.5, 0.50: 0.3, 0.70: 0.1, 0.71: 0.0}
FNIR = {
    (0.0, 1): 1 / 2,
    (0.0, 20): 1 / 6,
    (0.0, 50): 1 / 6,
    (0.40, 20): 1 / 6,
    (0.41, 20): 1 / 3,
    (0.50, 20): 1 / 3,
    (0.71, 1): 2 / 3,
    (0.71, 20): 1 / 2,
}

# G4
MATED = [0.9, 0.8, 0.7, 0.4]
NONMATED = [0.5, 0.3, 0.2, 0.1]
POSTERIORS = [0.0, 0.0, 0.0, 0.5, 0.5, 1.0, 1.0, 1.0]
CLLR_AFFINE = 0.48519416837853935
CLLR_TWO_AND_A_HALF = 0.5849625007211562


def test_g3_fpir() -> None:
    assert fpir(TOPS, list(FPIR)).tolist() == pytest.approx(list(FPIR.values()), abs=0)
    assert {t: fpir(TOPS, t) for t in FPIR} == FPIR


@pytest.mark.parametrize(("threshold", "rank"), FNIR)
def test_g3_fnir(threshold: float, rank: int) -> None:
    assert fnir(SCORES, RANKS, threshold, rank) == pytest.approx(FNIR[threshold, rank], abs=1e-15)


def test_g3_fnir_as_arrays() -> None:
    thresholds, ranks = zip(*FNIR, strict=True)
    found = fnir(SCORES, RANKS, np.array(thresholds), np.array(ranks))
    assert found == pytest.approx(list(FNIR.values()), abs=1e-15)


def test_g3_curves() -> None:
    curve = search_det_curve(
        mated_scores=SCORES, mated_ranks=RANKS, top_nonmated_scores=TOPS, rank=20
    )
    point = curve.at(0.3)
    assert point.threshold == 0.50
    assert point.false_positives == 0.3
    assert point.false_negatives == pytest.approx(1 / 3)
    hits = cmc_curve(RANKS, max_rank=50).hit_rates
    assert hits[[0, 19, 49]] == pytest.approx([1 / 2, 5 / 6, 5 / 6])


def test_g4_pools() -> None:
    pools = pool_adjacent_violators(mated_scores=MATED, nonmated_scores=NONMATED)
    size = pools.mated + pools.nonmated
    assert np.repeat(pools.posteriors, size).tolist() == POSTERIORS


def test_g4_isotonic_calibrator() -> None:
    labels = [1] * 4 + [0] * 4
    calibrator = IsotonicCalibrator(bounds=30.0).fit(MATED + NONMATED, labels)
    llrs = calibrator.transform(sorted(MATED + NONMATED))
    assert 1 / (1 + np.exp(-llrs)) == pytest.approx(POSTERIORS, abs=1e-12)


def test_g4_cllr_of_constant_ratios() -> None:
    assert cllr(mated_llrs=[0.0] * 4, nonmated_llrs=[0.0] * 4) == 1.0
    found = cllr(mated_llrs=np.log([2.0] * 4), nonmated_llrs=np.log([0.5] * 4))
    assert found == pytest.approx(CLLR_TWO_AND_A_HALF, abs=1e-15)


def test_g4_affine() -> None:
    calibration = Calibration(
        category="face",
        model="golden 1",
        stratum="all",
        method="logistic",
        scores=(0.0, 1.0),
        llrs=(-9.0, 11.0),
        mated=4,
        nonmated=4,
    )

    def apply(scores: list[float]) -> list[float]:
        return [calibration.apply(score, model="golden 1", stratum="all") for score in scores]

    assert apply([0.3, 0.45, 0.6]) == pytest.approx([-3.0, 0.0, 3.0], abs=1e-12)
    found = cllr(mated_llrs=apply(MATED), nonmated_llrs=apply(NONMATED))
    assert found == pytest.approx(CLLR_AFFINE, abs=1e-12)
    assert cllr_min(mated_scores=apply(MATED), nonmated_scores=apply(NONMATED)) == 0.25
