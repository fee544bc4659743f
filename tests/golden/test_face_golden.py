"""Golden numbers of searches for faces: whole numbers from a stated mixing function.

face_golden.json holds set G1 of the project's reference on faces, section 7. It was computed with
whole numbers from the function `table` below, so that anyone can make it again; it is own work and
no person's data.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from prum_match import face
from support.face import TIERS, bits, tier

pytestmark = pytest.mark.native

GOLDEN: dict[str, Any] = json.loads(Path(__file__).with_name("face_golden.json").read_text("utf-8"))
N, D = 2000, 128
PROBES = 100_000
# Every component of both unit vectors is rounded to float32, by at most 2^-24 of itself, so by
# Cauchy-Schwarz the score is off by at most 2^-23. The golden digits end at 5e-13.
COSINE_TOLERANCE = 2.0**-23 + 5e-13


def table(first: int, n: int) -> NDArray[np.int64]:
    """x[i, j] = (h(i, j) >> 28) - 8, h a mix of 32 bits; whole numbers from -8 to 7."""
    with np.errstate(over="ignore"):
        i = np.arange(first, first + n, dtype=np.uint32)[:, None] * np.uint32(2654435761)
        h = i + np.arange(D, dtype=np.uint32) * np.uint32(40503) + np.uint32(12345)
        h = (h ^ (h >> np.uint32(15))) * np.uint32(2246822519)
        h = (h ^ (h >> np.uint32(13))) * np.uint32(3266489917)
    return ((h ^ (h >> np.uint32(16))) >> np.uint32(28)).astype(np.int64) - 8


def names(ids: list[int]) -> list[str]:
    return [f"{i:04d}" for i in ids]


@pytest.fixture(scope="module", params=["none", "apply"])
def gallery(request: pytest.FixtureRequest) -> face.Gallery:
    made = face.Gallery(face.Model("golden", "1", D, normalise=request.param))
    made.enrol(names(list(range(N))), table(0, N).astype(np.float32))
    return made


def test_the_vectors_equal_the_stated_function() -> None:
    x = table(0, N)
    assert (int(x.sum()), int((x**2).sum())) == (GOLDEN["sum"], GOLDEN["sum_of_squares"])
    assert (x.min(), x.max()) == (-8, 7)


@pytest.mark.parametrize("gallery", ["none"], indirect=True)
@pytest.mark.parametrize("name", TIERS)
@pytest.mark.parametrize("probe", range(3))
def test_the_best_twelve(gallery: face.Gallery, name: str, probe: int) -> None:
    golden = GOLDEN["top"][probe]
    vector = table(PROBES + probe, 1)[0].astype(np.float32)
    with tier(name):
        answer = gallery.search(vector, limit=12)
        batch = gallery.search_many(table(PROBES, 3).astype(np.float32), limit=12)[probe]
    for found in (answer, batch):
        assert found.reference_ids == names(golden["ids"])
        assert bits(found.scores) == bits(np.array(golden["scores"], np.float64))
        assert (found.examined, found.truncated) == (N, True)


@pytest.mark.parametrize("gallery", ["none"], indirect=True)
@pytest.mark.parametrize("name", TIERS)
def test_a_score_at_the_threshold_is_a_candidate(gallery: face.Gallery, name: str) -> None:
    golden = GOLDEN["threshold"]
    vector = table(PROBES, 1)[0]
    for threshold, wanted in (
        (golden["threshold"], golden["count_ge"]),
        (np.nextafter(float(golden["threshold"]), np.inf), golden["count_gt"]),
    ):
        with tier(name):
            answer = gallery.search(vector, policy=face.Policy(threshold=float(threshold)))
        assert answer.n_found == len(answer) == wanted
        assert not answer.truncated


@pytest.mark.parametrize("gallery", ["apply"], indirect=True)
def test_normalised_scores_are_cosines(gallery: face.Gallery) -> None:
    """With ``normalise="apply"`` scores are cosines, also of vectors of integer type."""
    golden = GOLDEN["cosine"]
    answer = gallery.search(table(PROBES, 1)[0], limit=len(golden["ids"]))
    assert answer.reference_ids == names(golden["ids"])
    assert answer.scores.tolist() == pytest.approx(golden["cos"], rel=0, abs=COSINE_TOLERANCE)


def test_compare_gives_unrounded_cosines() -> None:
    """The cosine is not rounded to float32 in between."""
    golden, x = GOLDEN["cosine"], table(0, N)
    probe, model = table(PROBES, 1)[0], face.Model("golden", "1", D, normalise="none")
    for i, cosine in zip(golden["ids"], golden["cos"], strict=True):
        comparison = face.compare(probe, x[i], model)
        assert comparison.cosine == pytest.approx(cosine, rel=0, abs=1e-12)
        assert comparison.score == float(int(probe @ x[i]))
