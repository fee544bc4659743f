"""Simulated embeddings have the stated properties, and answers of rivals are judged correctly."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from support.benchmarks import only_task, python, stand_ins

pytestmark = pytest.mark.slow

MEASURE = """
import json
import numpy as np
from benchmarks.face import data

def measure(kind):
    vectors = data.vectors(kind, 6_000)
    probes = data.probes(kind, vectors, 4_000)
    mated = probes.mates >= 0
    mated_scores = (probes.vectors[mated] * vectors[probes.mates[mated]]).sum(axis=1)
    nonmated_scores = probes.vectors[~mated][:500] @ vectors.T
    spectrum = np.linalg.eigvalsh(np.cov(vectors, rowvar=False))
    norms = np.linalg.norm(np.vstack([vectors, probes.vectors]).astype(np.float64), axis=1)
    again = data.probes(kind, vectors, 4_000)
    smaller = vectors[:1_000].copy()
    data.forget()
    return {
        "shape": vectors.shape,
        "type": str(vectors.dtype),
        "read_only": not vectors.flags.writeable,
        "norm": float(np.abs(norms - 1).max()),
        "mated": int(mated.sum()),
        "mated scores": [float(mated_scores.mean()), float(mated_scores.std())],
        "nonmated scores": [float(nonmated_scores.mean()), float(nonmated_scores.std())],
        "participation": float(spectrum.sum() ** 2 / (spectrum ** 2).sum()),
        "largest": float(np.abs(vectors[:, 1:]).max()),
        "first": float(vectors[:, 0].min()),
        "same": bool(np.array_equal(again.vectors, probes.vectors)),
        "beginning": bool(np.allclose(smaller, data.vectors(kind, 1_000), rtol=0, atol=1e-6)),
    }

print(json.dumps({kind: measure(kind) for kind in ("face-like", "isotropic", "adversarial")}))
"""


@pytest.fixture(scope="module")
def measured() -> dict[str, dict[str, Any]]:
    done = python("-c", MEASURE)
    assert done.returncode == 0, done.stderr
    figures: dict[str, dict[str, Any]] = json.loads(done.stdout)
    return figures


@pytest.mark.parametrize("kind", ["face-like", "isotropic", "adversarial"])
def test_the_vectors_can_be_enrolled_and_drawn_again(
    measured: dict[str, dict[str, Any]], kind: str
) -> None:
    of = measured[kind]
    assert (of["shape"], of["type"], of["read_only"]) == ([6000, 512], "float32", True)
    assert of["norm"] < 1e-6
    assert of["mated"] == 2000
    assert of["same"]
    assert of["beginning"]


@pytest.mark.parametrize(("kind", "nonmated"), [("face-like", 0.070), ("isotropic", 0.0442)])
def test_people_are_as_alike_as_said(
    measured: dict[str, dict[str, Any]], kind: str, nonmated: float
) -> None:
    of = measured[kind]
    assert of["nonmated scores"] == pytest.approx([0.0, nonmated], abs=0.002)
    assert of["mated scores"][0] == pytest.approx(0.645, abs=0.005)


def test_photographs_of_one_person_differ_as_said(measured: dict[str, dict[str, Any]]) -> None:
    assert measured["face-like"]["mated scores"] == pytest.approx([0.645, 0.076], abs=0.005)


def test_the_spectrum_is_that_of_faces_and_no_component_stands_out(
    measured: dict[str, dict[str, Any]],
) -> None:
    # A sample of n vectors of participation ratio p has 1 / (1 / p + 1 / n).
    assert measured["face-like"]["participation"] == pytest.approx(
        1 / (1 / 200 + 1 / 6000), rel=0.05
    )
    assert measured["isotropic"]["participation"] == pytest.approx(
        1 / (1 / 512 + 1 / 6000), rel=0.05
    )
    assert measured["face-like"]["largest"] < 0.3


def test_one_component_outweighs_all_others(measured: dict[str, dict[str, Any]]) -> None:
    assert measured["adversarial"]["first"] > 0.95
    assert measured["adversarial"]["largest"] < 0.06


JUDGE = """
import json
import numpy as np
from benchmarks.face.data import Probes
from benchmarks.face.search import SearchCase
from benchmarks.face.search.verdict import verdict

scores = [0.9, 0.8, 0.5 + 2e-7, 0.5, 0.5 - 2e-7, 0.2]
vectors = np.zeros((6, 2), np.float32)
vectors[:, 0] = scores
many = Probes(np.array([[1, 0]], np.float32), np.array([-1]))

def judge(theirs, threshold=None, limit=3, ours=(0, 1, 2)):
    case = SearchCase("isotropic", vectors, many, 1, 1, 1, threshold, limit, 1)
    return verdict(case, {0: ours}, {0: theirs})

print(json.dumps([
    judge((0, 1, 2)),
    judge((0, 1, 4)),
    judge((0, 1, 5)),
    judge((1, 0, 2)),
    judge((0, 1)),
    judge((0, 1, -1)),
    judge((0, 1, 2, 3), 0.5, None, (0, 1, 2, 3)),
    judge((0, 1, 2), 0.5, None, (0, 1, 2, 3)),
    judge((0, 1, 2, 3, 4), 0.5, None, (0, 1, 2, 3)),
    judge((0, 2, 3), 0.5, None, (0, 1, 2, 3)),
    judge((0, 1, 2, 3, 5), 0.5, None, (0, 1, 2, 3)),
]))
"""


def test_only_the_rounding_of_float32_is_forgiven() -> None:
    done = python("-c", JUDGE)
    assert done.returncode == 0, done.stderr
    nearest = [True, True, False, False, False, False]
    from_threshold = [True, True, True, False, False]
    judged = json.loads(done.stdout)
    assert [agrees for agrees, _ in judged] == [*nearest, *from_threshold]
    assert judged[0][1] == "1 of 1 answers equal"
    assert judged[1][1] == "1 of 1 answers equal, 1 of them but for scores within 1e-06"
    assert "1 of 1 answers differ, the first at 0: ours (0, 1, 2), theirs (0, 1, 5)" in judged[2][1]


@pytest.mark.parametrize("task", ["face_single_adversarial", "face_threshold", "face_batch_10"])
def test_without_rivals_ours_is_measured_all_the_same(tmp_path: Path, task: str) -> None:
    file = tmp_path / "alone.json"
    arguments = (task, "--quick", "--size", "500", "--json", str(file))
    done = python("-m", "benchmarks", *arguments, **stand_ins(tmp_path, ["faiss", "usearch"]))
    assert done.returncode == 0, done.stderr
    assert "not run: faiss-cpu is not installed" in done.stdout
    ours, *others = only_task(file)["rows"]
    assert ours["status"] == "measured"
    assert {row["status"] for row in others} == {"missing"}
