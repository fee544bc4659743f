"""Two prints of one finger on top of each other: a simple aligner for statistics, not a matcher."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Alignment", "Minutiae", "align", "hull", "inside", "mates", "turn_between"]

Floats = NDArray[np.float64]
Complexes = NDArray[np.complex128]
Integers = NDArray[np.int64]

TURNS = np.radians(np.arange(-60, 61, 5))
CELL = 12.0
REACH = 15.0
ANGLE_REACH = np.radians(30)


@dataclass(frozen=True, eq=False)
class Minutiae:
    """Points in pixels at 500 ppi, to the right and up; directions in radians; types."""

    points: Complexes
    direction: Floats
    type: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.points)


@dataclass(frozen=True, eq=False)
class Alignment:
    """How a print was laid on another, and which minutiae are mates: row by row."""

    points: Complexes
    direction: Floats
    first: Integers
    second: Integers


def turn_between(a: Floats, b: Floats) -> Floats:
    """Return a - b in -pi to pi."""
    turned: Floats = np.angle(np.exp(1j * (a - b)))
    return turned


def align(a: Minutiae, b: Minutiae) -> Alignment:
    """Lay a on b, rigidly, so that as many minutiae as possible have a mate."""
    best = max((_vote(a, b, turn) for turn in TURNS), key=lambda each: each[0])
    _, turn, shift = best
    for _ in range(4):
        points, direction = a.points * np.exp(1j * turn) + shift, a.direction + turn
        first, second = mates(points, direction, b)
        if len(first) < 2:
            break
        middles = a.points[first].mean(), b.points[second].mean()
        away = a.points[first] - middles[0], b.points[second] - middles[1]
        turn = float(np.angle(np.vdot(away[0], away[1])))
        shift = middles[1] - middles[0] * np.exp(1j * turn)
    return Alignment(points, direction, first, second)


def mates(points: Complexes, direction: Floats, b: Minutiae) -> tuple[Integers, Integers]:
    """Return the minutiae that are each other's nearest, near enough, and point the same way."""
    apart = np.abs(points[:, None] - b.points)
    apart[np.abs(turn_between(direction[:, None], b.direction)) > ANGLE_REACH] = np.inf
    nearest = apart.argmin(axis=1)
    rows = np.arange(len(points))
    kept = (apart.argmin(axis=0)[nearest] == rows) & (apart[rows, nearest] < REACH)
    return rows[kept], nearest[kept]


def _vote(a: Minutiae, b: Minutiae, turn: float) -> tuple[float, float, complex]:
    """Return the votes for the best shift at one turn, the turn and the shift."""
    alike = np.abs(turn_between(a.direction[:, None] + turn, b.direction)) < ANGLE_REACH
    shifts = (b.points - (a.points * np.exp(1j * turn))[:, None])[alike]
    if not len(shifts):
        return 0.0, turn, 0j
    across, up = (np.floor(part / CELL).astype(int) for part in (shifts.real, shifts.imag))
    across -= across.min() - 1
    up -= up.min() - 1
    votes = np.zeros((across.max() + 2, up.max() + 2))
    np.add.at(votes, (across, up), 1)
    # A shift near the border of a cell votes for its neighbours too.
    wide = votes[:-1] + votes[1:]
    square = wide[:, :-1] + wide[:, 1:]
    i, j = np.unravel_index(square.argmax(), square.shape)
    chosen = (across >= i) & (across <= i + 1) & (up >= j) & (up <= j + 1)
    return (
        float(square[i, j]),
        turn,
        complex(np.median(shifts[chosen].real), np.median(shifts[chosen].imag)),
    )


def hull(points: Complexes) -> Complexes:
    """Return the corners of the convex hull, counter-clockwise."""
    ordered = points[np.lexsort((points.imag, points.real))]
    return np.array([*_chain(ordered), *_chain(ordered[::-1])])


def inside(points: Complexes, others: Complexes) -> NDArray[np.bool_]:
    """Tell which points lie in the convex hull of the others."""
    corners = hull(others)
    edges = np.roll(corners, -1) - corners
    left = (np.conj(edges) * (points[:, None] - corners)).imag >= 0
    within: NDArray[np.bool_] = np.count_nonzero(left, axis=1) == len(corners)
    return within


def _chain(ordered: Complexes) -> list[complex]:
    chain: list[complex] = []
    for point in ordered.tolist():
        while (
            len(chain) > 1 and ((chain[-1] - chain[-2]).conjugate() * (point - chain[-1])).imag <= 0
        ):
            chain.pop()
        chain.append(point)
    return chain[:-1]
