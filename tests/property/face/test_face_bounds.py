"""Searches with tight bounds: a row scores as much as its code and Cauchy-Schwarz allow.

If a probe points along the error of a row's code, the bound of that row equals its score. Only then
does a bound that is slightly too small lose the row; elsewhere the slack hides the mistake.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from oracles.face import codes as face_codes
from oracles.face import exact as face_exact
from prum_match import face
from support.dna import tier
from support.examples import some
from support.face import TIERS, Vector, bits, model_of

# Whole 64 dimensions: no part of a probe is lost in the padding.
DIMENSIONS = (64, 128, 192, 512)
PLANES = ("coarse", "mixed", "fine")
BATCH = 40
MEANS = ("none", "some")


@dataclass
class Rows:
    gallery: face.Gallery
    table: Vector
    # Along the errors of the codes of each row, by plane.
    probes: dict[str, Vector]


def along(errors: NDArray[np.float64]) -> Vector:
    """Turn errors into probes whose own codes are exact: whole numbers, at most 127."""
    whole = np.rint(errors / np.abs(errors).max(axis=1, keepdims=True) * 127)
    probes = face_codes.rotated_back(whole)
    probes /= 2.0 ** np.round(np.log2(np.linalg.norm(probes, axis=1, keepdims=True)))
    return probes.astype(np.float32)


def probes_along(gallery: face.Gallery, table: Vector) -> dict[str, Vector]:
    (segment,) = gallery._core.segments()
    columns: dict[str, Any] = segment.columns
    high, low, coarse, fine = (columns[name] for name in ("high", "low", "coarse", "fine"))
    read = face_codes.read(high, low, coarse, fine, *table.shape)
    mean = gallery.model.mean
    exact = table.astype(np.float64)
    x = face_codes.rotated(exact if mean is None else exact - np.asarray(mean, np.float64))
    return {plane: along(x - getattr(read, plane)) for plane in PLANES}


def model_with(d: int, mean: str) -> face.Model:
    middle = np.random.default_rng(d + 1).standard_normal(d).astype(np.float32)
    return model_of(d, mean=middle if mean == "some" else None)


def rows_of(d: int, mean: str) -> Rows:
    """More rows than the first piece of a tile, of several sizes."""
    random = np.random.default_rng(d)
    n = 300
    table = random.standard_normal((n, d)) * 2.0 ** random.integers(-2, 3, (n, 1))
    made = table.astype(np.float32)
    gallery = face.Gallery(model_with(d, mean))
    gallery.enrol([f"R{i:03}" for i in range(n)], made)
    return Rows(gallery, made, probes_along(gallery, made))


def score(a: Vector, b: Vector) -> float:
    return face_exact.score(a.tolist(), b.tolist())


@pytest.mark.parametrize("mean", MEANS)
@pytest.mark.parametrize("plane", PLANES)
@pytest.mark.parametrize("d", DIMENSIONS)
def test_a_threshold_equal_to_the_score(d: int, plane: str, mean: str) -> None:
    rows = rows_of(d, mean)
    for row in some(range(0, len(rows.table), 3), f"{d} {plane} {mean}"):
        probe = rows.probes[plane][row]
        policy = face.Policy(threshold=score(probe, rows.table[row]))
        # Where it is in a batch, and beside whom, means nothing.
        batch = np.roll(rows.probes[plane][row : row + 1].repeat(BATCH, axis=0), row, axis=0)
        batch[np.arange(BATCH) != row % BATCH] = rows.probes["fine"][: BATCH - 1]
        for name in TIERS:
            with tier(name):
                single = rows.gallery.search(probe, policy=policy)
                many = rows.gallery.search_many(batch, policy=policy)[row % BATCH]
            for answer in (single, many):
                assert f"R{row:03}" in answer.reference_ids
                assert float(answer.scores[-1]) >= (policy.threshold or 0)


def rivals(random: np.random.Generator, n: int, probe: Vector, best: float) -> Vector:
    """Return otherwise arbitrary vectors that score slightly less than the best."""
    exact = probe.astype(np.float64)
    drawn = random.standard_normal((n, len(probe)))
    # More than their rounding to float32 changes.
    margin = 1e-6 * float(np.linalg.norm(exact)) * math.sqrt(len(probe))
    wanted = best - margin * np.arange(1, n + 1)
    along_probe = (wanted - drawn @ exact) / (exact @ exact)
    return (drawn + along_probe[:, None] * exact).astype(np.float32)


@pytest.mark.parametrize("mean", MEANS)
@pytest.mark.parametrize("plane", PLANES)
@pytest.mark.parametrize("d", DIMENSIONS)
@pytest.mark.parametrize("where", ["one segment", "a later segment"])
def test_the_best_by_a_narrow_margin_is_found(d: int, plane: str, mean: str, where: str) -> None:
    """Rivals raise the floor to just below the row before its turn comes."""
    random = np.random.default_rng(d)
    rows = rows_of(d, mean)
    for row in some(range(0, 60, 9), f"{d} {plane} {mean} {where}", least=2):
        probe, x = rows.probes[plane][row], rows.table[row]
        best = score(probe, x)
        others = rivals(random, 330, probe, best)
        gallery = face.Gallery(rows.gallery.model)
        if where == "one segment":
            table = np.concatenate([others, x[None]])
            gallery.enrol([*(f"N{i:03}" for i in range(330)), "X"], table)
        else:
            gallery.enrol([f"N{i:03}" for i in range(330)], others)
            gallery.enrol(["X"], x[None])
        scored = [(score(probe, other), f"N{i:03}") for i, other in enumerate(others)]
        for limit, fuse in ((1, False), (2, False), (1, True)):
            found = face_exact.listed([*scored, (best, "X")], None, limit)
            assert found.reference_ids[0] == "X"
            for name in TIERS:
                with tier(name):
                    options: dict[str, Any] = {"threads": 1, "fuse_subjects": fuse}
                    answers: list[Any] = [gallery.search(probe, limit=limit, **options)]
                    batch = np.repeat(probe[None], BATCH, axis=0)
                    batch[1::2] = rows.probes["fine"][: BATCH // 2]
                    many = gallery.search_many(batch, limit=limit, **options)
                    answers += [many[0], many[BATCH - 2]]
                for answer in answers:
                    assert answer.reference_ids == found.reference_ids
                    assert bits(answer.scores) == bits(np.array(found.scores))


@pytest.mark.parametrize("d", DIMENSIONS)
def test_the_coding_error_of_the_probe_is_in_the_bound(d: int) -> None:
    """The row points along the coding error of the probe, and has hardly an error of its own.

    In units of a step the row is 7.97, the last level, in all dimensions but one, which sets the
    step; the probe is 1.49 in all but that one, which sets its step by being 127.
    """
    random = np.random.default_rng(d)
    signs = random.choice([-1.0, 1.0], (20, d))
    first = np.arange(d) == 0
    table = face_codes.rotated_back(signs * np.where(first, 8 / 0.95, 127.5 / 16))
    probes = face_codes.rotated_back(signs * np.where(first, 127, 1.49)).astype(np.float32)
    gallery = face.Gallery(model_of(d))
    gallery.enrol([f"R{i:02}" for i in range(20)], table.astype(np.float32))
    for row, probe in enumerate(probes):
        policy = face.Policy(threshold=score(probe, table[row].astype(np.float32)))
        for name in TIERS:
            with tier(name):
                single = gallery.search(probe, policy=policy)
                many = gallery.search_many(np.concatenate([probes, probes]), policy=policy)[row]
            assert single.reference_ids == many.reference_ids == [f"R{row:02}"]


@pytest.mark.parametrize("limit", [1, 5])
@pytest.mark.parametrize("d", DIMENSIONS)
def test_the_first_floor_keeps_the_best(d: int, limit: int) -> None:
    """Rows with bounds above their scores must not displace a better row."""
    rows = rows_of(d, "none")
    for row in range(0, 300, 20):
        probe, x = -rows.probes["fine"][row], rows.table[row]
        (segment,) = rows.gallery._core.segments()
        error = float(segment.columns["fine"][row, 0])
        exact = probe.astype(np.float64)
        length = float(np.linalg.norm(exact))
        wanted = score(probe, x) + 0.05 * error * length
        better = (exact * (wanted / length**2)).astype(np.float32)
        gallery = face.Gallery(rows.gallery.model)
        copies = [f"N{i}" for i in range(limit + 1)]
        gallery.enrol([*copies, "X"], np.array([x] * len(copies) + [better]))
        for name in TIERS:
            with tier(name):
                # Where subjects are fused, only scores make a floor.
                answer = gallery.search(probe, limit=limit, fuse_subjects=False)
                batch = np.array([probe] * BATCH)
                many = gallery.search_many(batch, limit=limit, fuse_subjects=False)[BATCH - 1]
            assert answer.reference_ids == many.reference_ids == ["X", *copies][:limit]
            assert answer.truncated
            assert many.truncated


# --- what a bound has to add to the mean ----------------------------------------------------------


def found_everywhere(
    rows: list[list[float]], mean: list[float], probe: list[float], threshold: float
) -> list[list[str]]:
    """Search alone and in a batch, by a threshold and by a limit, on every tier."""
    gallery = face.Gallery(model_of(len(probe), mean=np.array(mean, np.float32)))
    gallery.enrol([f"R{i}" for i in range(len(rows))], np.array(rows, np.float32))
    vector = np.array(probe, np.float32)
    policy, limit = face.Policy(threshold=threshold), len(rows)
    lists = []
    for name in TIERS:
        with tier(name):
            lists += [
                gallery.search(vector, policy=policy).reference_ids,
                gallery.search(vector, limit=limit).reference_ids,
                gallery.search_many(np.array([vector] * BATCH), policy=policy)[7].reference_ids,
                gallery.search_many(np.array([vector] * BATCH), limit=limit)[7].reference_ids,
            ]
    return lists


@pytest.mark.parametrize("exponent", [-100, -126, -127, -128, -140, -149])
def test_a_row_very_near_to_the_mean(exponent: int) -> None:
    """The difference is too small for a reciprocal in float32."""
    rows = [[1.0, 0.0], [1.0, 2.0**exponent], [1.0, -(2.0**exponent)]]
    lists = found_everywhere(rows, [1.0, 0.0], [1.0, 0.0], 1.0)
    assert lists == [["R0", "R1", "R2"]] * len(lists)
    lists = found_everywhere(rows, [1.0, 0.0], [0.0, 1.0], -(2.0**exponent))
    assert lists == [["R1", "R0", "R2"]] * len(lists)


@pytest.mark.parametrize("limit", [1, 20, None])
def test_rows_equal_to_a_mean_orthogonal_to_the_probe(limit: int | None) -> None:
    """Bounds, scores and the threshold are all zero."""
    gallery = face.Gallery(model_of(3, mean=[0, 2, 0]))
    names = [f"R{i:03}" for i in range(700)]
    gallery.enrol(names, np.array([[0, 2, 0]] * 700, np.float32))
    for threshold in (None, 0.0)[limit is None :]:
        for name in TIERS:
            with tier(name):
                answers = gallery.search_many(
                    np.array([[1, 0, 1]] * BATCH, np.float32),
                    policy=face.Policy(threshold=threshold),
                    limit=limit,
                )
                single = gallery.search(
                    [1, 0, 1], policy=face.Policy(threshold=threshold), limit=limit
                )
            for answer in (single, answers[0], answers[BATCH - 1]):
                assert answer.reference_ids == names[:limit]
                assert answer.truncated == (limit is not None)


@pytest.mark.parametrize("great", [2.0**30, 2.0**60, 2.0**85])
def test_a_mean_whose_product_with_the_probe_cancels(great: float) -> None:
    """The product is zero in float64 but in fact one, and bounds have to allow for it."""
    mean = [great, 1.0, -great]
    rows = [[great, 1.0, -great], [great, 0.0, -great], [great, 2.0, -great]]
    lists = found_everywhere(rows, mean, [1.0, 1.0, 1.0], 0.0)
    assert lists == [["R2", "R0", "R1"]] * len(lists)
    lists = found_everywhere(rows[:1], mean, [1.0, 1.0, 1.0], 1.0)
    assert lists == [["R0"]] * len(lists)


@pytest.mark.parametrize("d", [64, 200])
def test_a_mean_much_larger_than_the_differences_of_rows(d: int) -> None:
    """The error of the product with the mean exceeds all differences of scores."""
    random = np.random.default_rng(d)
    for shift in range(0, 60, 6):
        mean = np.zeros(d)
        mean[0], mean[1] = 2.0**shift, -(2.0**shift)
        mean[2:] = random.standard_normal(d - 2)
        table = np.repeat(mean[None], 300, axis=0)
        table[:, 2:] += 0.25 * random.standard_normal((300, d - 2))
        rows = table.astype(np.float32)
        probe = random.standard_normal(d).astype(np.float32)
        probe[1] = probe[0]
        gallery = face.Gallery(model_of(d, mean=mean.astype(np.float32)))
        gallery.enrol([f"R{i:03}" for i in range(300)], rows)
        scored = [(score(probe, row), f"R{i:03}") for i, row in enumerate(rows)]
        found = face_exact.listed(scored, None, 5)
        reached = face_exact.listed(scored, found.scores[-1])
        for name in TIERS:
            with tier(name):
                answer = gallery.search(probe, limit=5)
                above = gallery.search(probe, policy=face.Policy(threshold=found.scores[-1]))
                many = gallery.search_many(np.array([probe] * BATCH), limit=5)[BATCH - 1]
            assert answer.reference_ids == many.reference_ids == found.reference_ids
            assert bits(answer.scores) == bits(np.array(found.scores))
            assert above.reference_ids == reached.reference_ids
            assert math.isclose(float(above.scores[0]), found.scores[0], rel_tol=0)
