"""The fields behind drawn prints turn where they should and have the slopes that they say."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from prum_match.samples import prints
from prum_match.samples.prints import touch
from prum_match.samples.prints.kinds import FINGER_KINDS
from prum_match.samples.prints.patterns import finger_flow, palm_flow
from prum_match.samples.prints.waves import Complexes, Waves

STEP = 1e-4
TURNS = {
    "arch": (0, 0),
    "tented arch": (1, 1),
    "left loop": (1, 1),
    "right loop": (1, 1),
    "whorl": (2, 2),
    "twin loop": (2, 2),
}


def some_points(seed: int, n: int = 200) -> Complexes:
    random = np.random.default_rng(seed)
    return random.uniform(-250, 250, n) + 1j * random.uniform(-280, 280, n)


def test_waves_have_the_slopes_that_they_say() -> None:
    waves, points = Waves.draw(np.random.default_rng(1), 2.0, 150), some_points(2)
    value, right, up = waves.at(points)
    assert np.allclose((waves.at(points + STEP)[0] - value) / STEP, right, atol=1e-5)
    assert np.allclose((waves.at(points + 1j * STEP)[0] - value) / STEP, up, atol=1e-5)


def test_waves_have_the_deviation_asked_for() -> None:
    values = [
        Waves.draw(np.random.default_rng(seed), 3.0, 150).at(some_points(seed, 50))[0]
        for seed in range(200)
    ]
    assert np.std(np.real(values)) == pytest.approx(3, rel=0.1)
    assert np.std(np.imag(values)) == pytest.approx(3, rel=0.1)


@pytest.mark.parametrize("pattern", TURNS)
def test_a_pattern_has_its_cores_and_deltas(pattern: str) -> None:
    """Around a core ridges turn by half a turn, around a delta by half a turn the other way."""
    flow = finger_flow(np.random.default_rng(3), pattern)
    assert (len(flow.cores), len(flow.deltas)) == TURNS[pattern]
    around = np.exp(2j * np.pi * np.arange(181) / 180)
    for singular, turn in ((flow.cores, np.pi), (flow.deltas, -np.pi)):
        for point in singular:
            direction = 2 * flow.at(point + 3 * around)[0]
            steps = np.angle(np.exp(1j * np.diff(direction))) / 2
            assert steps.sum() == pytest.approx(turn)


@pytest.mark.parametrize(("pattern", "side"), [("left loop", -1), ("right loop", 1)])
def test_a_loop_opens_to_its_side(pattern: str, side: int) -> None:
    """There is one way out of a core along which the ridge runs straight away from it."""
    for seed in range(10):
        flow = finger_flow(np.random.default_rng(seed), pattern)
        way = np.exp(1j * np.linspace(-np.pi, np.pi, 720))
        direction = flow.at(flow.cores[0] + 10 * way)[0]
        out = way[np.abs((way * np.exp(-1j * direction)).real).argmax()]
        assert out.imag < 0
        assert out.real * side > 0


@pytest.mark.parametrize("pattern", [*TURNS, "palm"])
def test_ridge_flow_fans_out_as_documented(pattern: str) -> None:
    """The divergence of the unit vectors along the ridges, less what they grow wider."""
    random = np.random.default_rng(5)
    flow = palm_flow(random) if pattern == "palm" else finger_flow(random, pattern)
    points = some_points(6)
    singular = np.concatenate([flow.cores, flow.deltas, [1e9]])
    points = points[np.abs(points[:, None] - singular).min(axis=1) > 5]
    direction, fan = flow.at(points)
    right, up = (
        # Directions are known up to half a turn.
        direction + np.angle(np.exp(2j * (flow.at(points + step)[0] - direction))) / 2
        for step in (STEP, 1j * STEP)
    )
    spread = (np.cos(right) - np.cos(direction) + np.sin(up) - np.sin(direction)) / STEP
    wider = np.cos(direction) * flow.widening.real + np.sin(direction) * flow.widening.imag
    assert np.allclose(spread - wider, fan, atol=1e-4)


def test_a_distortion_turns_directions_with_the_skin() -> None:
    finger = prints.Finger.draw(np.random.default_rng(1))
    here = finger.skin.minutiae
    ahead = replace(here, points=here.points + STEP * np.exp(1j * here.direction))
    one, other = (
        touch._distorted(np.random.default_rng(4), each, FINGER_KINDS["latent"], 10 - 5j)
        for each in (here, ahead)
    )
    moved = np.angle(other.points - one.points)
    assert np.allclose(np.exp(1j * moved), np.exp(1j * one.direction), atol=1e-4)
    assert np.abs(one.points - here.points).max() > 2


def test_minutiae_follow_the_ridges_and_keep_apart() -> None:
    finger = prints.Finger.draw(np.random.default_rng(8))
    minutiae = finger.skin.minutiae
    ridge = finger.skin.flow.at(minutiae.points)[0]
    off = np.abs(np.sin(minutiae.direction - ridge))
    assert np.median(off) < 1e-9
    assert np.quantile(off, 0.95) < 0.5
    away = np.abs(minutiae.points[:, None] - minutiae.points)
    np.fill_diagonal(away, np.inf)
    nearest = away.min(axis=1)
    # Some have a companion; of the others none is closer than 12 pixels.
    assert 0.05 < (nearest < 11.9).mean() < 0.45
    assert np.median(nearest) > 12


def test_where_ridges_fan_out_minutiae_point_that_way() -> None:
    toward = []
    for seed in range(20):
        skin = prints.Finger.draw(np.random.default_rng(seed)).skin
        ridge, fan = skin.flow.at(skin.minutiae.points)
        toward.append(np.cos(skin.minutiae.direction - ridge)[np.abs(fan) > 0.005] > 0)
        toward[-1] = toward[-1] == (fan[np.abs(fan) > 0.005] > 0)
    assert 0.6 < np.concatenate(toward).mean() < 0.95
