"""The comparison score of two prints in plain NumPy, step by step.

csrc/kernels/prints/minutiae.hpp has the rule; `print_codes` and `print_pairs` are its first steps.
There is no native code here: the library, with lanes of any width, must agree to the last bit.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oracles.dactyloscopy.codes import Floats, Integers, Minutiae, f32, in_order, minutiae_of
from oracles.dactyloscopy.pairs import SAME, Pairs, pairs_of, products_of
from prum_match.dactyloscopy import Template

MOTIONS_TRIED = 4
DIRECTION_LEVER = 10000.0
MATE_SQUARE = f32(71) * f32(71)
MATE_GROWTH = f32(0.1) * f32(0.1)
MATE_MOST = f32(150) * f32(150)
MATE_TURN_SQUARE = f32(0.35) * f32(0.35)
FIRST_GRACE = f32(1.7)
LIKENESS_GAIN = f32(0.5)
# Costs are compared in steps of 1 / 131072.
COST_STEPS = f32(131072)
NO_MATE = 2**40

WORTH_OF_MATES = f32(0.55)
WORTH_IN_CROWD = f32(0.22)
WORTH_OF_FIT = f32(0.85)
EDGE_SQUARE = f32(20) * f32(20)
EDGE_GROWTH = f32(0.06) * f32(0.06)
EDGE_REACH = f32(1) / (f32(300) * f32(300))
OUTLINE_MARGIN = f32(60)
OVERLAP_OFFSET = 12
SCALE = 100


@dataclass(frozen=True)
class Motion:
    """b = (c x - s y + shift_x, s x + c y + shift_y)."""

    c: np.float32
    s: np.float32
    x: np.float32
    y: np.float32

    def __call__(self, x: Any, y: Any) -> tuple[Any, Any]:
        return self.c * x - self.s * y + self.x, self.s * x + self.c * y + self.y

    def back(self, x: Any, y: Any) -> tuple[Any, Any]:
        dx, dy = x - self.x, y - self.y
        return self.c * dx + self.s * dy, self.c * dy - self.s * dx

    def reversed(self) -> Motion:
        x = -(self.c * self.x + self.s * self.y)
        return Motion(self.c, -self.s, x, self.s * self.x - self.c * self.y)


STAY = Motion(f32(1), f32(0), f32(0), f32(0))


@dataclass(frozen=True)
class Found:
    """A score and its basis: places in the two templates, and minutiae that overlap."""

    score: float
    pairs: list[tuple[int, int]]
    overlap: tuple[int, int]
    motion: Motion


@dataclass(frozen=True)
class Placed:
    """A motion, and the centre of the minutiae of the first print that it was derived from."""

    motion: Motion
    middle_x: np.float32
    middle_y: np.float32


@dataclass(frozen=True)
class Mates:
    """Minutiae that are each other's best partner, with their fit and similarity, 0 to 1."""

    i: Integers
    j: Integers
    fit: Floats
    likeness: Floats

    def __len__(self) -> int:
        return len(self.i)


NO_MATES = Mates(*(np.zeros(0, int),) * 2, *(np.zeros(0, f32),) * 2)


def compare(a: Template, b: Template) -> Found:
    """Compare two prints in an order given by their minutiae; return the result as requested."""
    first, second = minutiae_of(a), minutiae_of(b)
    swapped = second.key < first.key
    if swapped:
        first, second = second, first
    score, mates, overlap, motion = _compared(first, second)
    places = [first.place[mates.i], second.place[mates.j]]
    if swapped:
        places, overlap, motion = places[::-1], overlap[::-1], motion.reversed()
    pairs = sorted((int(i), int(j)) for i, j in zip(*places, strict=True))
    return Found(score, pairs, overlap, motion)


def _compared(a: Minutiae, b: Minutiae) -> tuple[float, Mates, tuple[int, int], Motion]:
    products = products_of(a, b)
    placed = _best_motion(a, b, products, pairs_of(a, b, products))
    if placed is None:
        return 0.0, NO_MATES, (0, 0), STAY
    mates = _mates(a, b, products, placed, f32(1))
    if not len(mates):
        return 0.0, NO_MATES, (0, 0), placed.motion
    overlap = _overlap(a, b, mates, placed.motion)
    room = float((overlap[0] + OVERLAP_OFFSET) * (overlap[1] + OVERLAP_OFFSET))
    score = SCALE * _worth(a, b, mates) / math.sqrt(room)
    return float(f32(score)), mates, overlap, placed.motion


# Step 4: motions, and who pairs up under them.


def _best_motion(a: Minutiae, b: Minutiae, products: Integers, pairs: Pairs) -> Placed | None:
    """Try the strongest pair with all that it supports, then the strongest of the others."""
    untried = np.ones(len(pairs), bool)
    best, most = None, -1.0
    for _ in range(MOTIONS_TRIED):
        if not untried.any():
            break
        u = int(np.argmax(np.where(untried, pairs.strength, f32(-1))))
        untried &= ~(pairs.support[u] > 0)
        untried[u] = False
        placed = _motion_of_pair(a, b, pairs, u)
        if placed is None:
            continue
        mates = _mates(a, b, products, placed, FIRST_GRACE)
        promise = float(in_order(mates.fit * (WORTH_OF_FIT + mates.likeness)))
        placed = _least_squares(a, b, mates.i, mates.j, np.ones(len(mates), f32))
        if placed is not None and promise > most:
            best, most = placed, promise
    return best


def _motion_of_pair(a: Minutiae, b: Minutiae, pairs: Pairs, u: int) -> Placed | None:
    weight = pairs.support[u] * pairs.strength
    weight[u] = pairs.strength[u]
    used = weight > 0
    return _least_squares(a, b, pairs.i[used], pairs.j[used], weight[used])


def _least_squares(
    a: Minutiae, b: Minutiae, i: Integers, j: Integers, weight: Floats
) -> Placed | None:
    """Return rotation and shift from places and directions (Umeyama, IEEE TPAMI 13, 1991)."""
    turned = a.c[i] * b.c[j] + a.s[i] * b.s[j], a.c[i] * b.s[j] - a.s[i] * b.c[j]
    x, y, to_x, to_y, turn_c, turn_s = (
        v.astype(np.float64) for v in (a.x[i], a.y[i], b.x[j], b.y[j], *turned)
    )
    terms = (x, y, to_x, to_y, x * to_x + y * to_y, x * to_y - y * to_x, turn_c, turn_s)
    w = weight.astype(np.float64)
    total = float(in_order(w))
    if not total > 0:
        return None
    ax, ay, bx, by, dot, cross, c, s = (float(in_order(w * term)) for term in terms)
    mx, my, nx, ny = ax / total, ay / total, bx / total, by / total
    along = dot - total * (mx * nx + my * ny) + DIRECTION_LEVER * c
    around = cross - total * (mx * ny - my * nx) + DIRECTION_LEVER * s
    length = math.sqrt(along * along + around * around)
    if not length > 0:
        return None
    c, s = along / length, around / length
    shift = nx - (c * mx - s * my), ny - (s * mx + c * my)
    return Placed(Motion(f32(c), f32(s), *(f32(v) for v in shift)), f32(mx), f32(my))


def _mates(
    a: Minutiae, b: Minutiae, products: Integers, placed: Placed, grace: np.float32
) -> Mates:
    """Return near minutiae that are each other's best partner; of equals the first is better."""
    motion = placed.motion
    x, y = motion(a.x, a.y)
    c, s = motion.c * a.c - motion.s * a.s, motion.s * a.c + motion.c * a.s
    middle_x, middle_y = motion(placed.middle_x, placed.middle_y)
    dx, dy = x - middle_x, y - middle_y
    tolerance = np.minimum(MATE_SQUARE + MATE_GROWTH * (dx * dx + dy * dy), MATE_MOST)[:, None]
    ex, ey = x[:, None] - b.x, y[:, None] - b.y
    square = ex * ex + ey * ey
    turned = 2 - 2 * (c[:, None] * b.c + s[:, None] * b.s)
    turned = turned * (1 / MATE_TURN_SQUARE)
    off, gain = square * (1 / (tolerance * grace)), products.astype(f32) * (LIKENESS_GAIN / SAME)
    cost = np.trunc((off + turned - gain + 1) * COST_STEPS)
    steps = np.where((off < 1) & (turned < 1), cost, NO_MATE).astype(np.int64)
    best_j, best_i = np.argmin(steps, axis=1), np.argmin(steps, axis=0)
    i = np.arange(len(a))
    i = i[(best_i[best_j] == i) & (steps[i, best_j] < NO_MATE)]
    j = best_j[i]
    away = square[i, j] / tolerance[i, 0]
    fit = np.where((away < 1) & (turned[i, j] < 1), (1 - away) * (1 - turned[i, j]), f32(0))
    likeness = np.maximum(products[i, j], 0).astype(f32) * (1 / SAME)
    return Mates(i, j, fit, likeness)


# Step 5: what they are worth.


def _worth(a: Minutiae, b: Minutiae, mates: Mates) -> float:
    shape = mates.fit * (WORTH_OF_FIT + mates.likeness) * _agreement(a, b, mates)
    return float(in_order((_worth_of_crowds(a, b, mates) + shape).astype(np.float64)))


def _worth_of_crowds(a: Minutiae, b: Minutiae, mates: Mates) -> Floats:
    """Return the value of a mate for each minutia: less where many could be the mate."""
    crowd = np.maximum(a.crowd[mates.i], b.crowd[mates.j])
    worth = WORTH_OF_MATES - WORTH_IN_CROWD * np.array([_logarithm(int(n)) for n in crowd], f32)
    return np.asarray(np.maximum(worth, 0))


@cache
def _logarithm(n: int) -> float:
    """ln n = ln (n - 1) + 2 artanh(1 / (2 n - 1)), the same everywhere as a libm is not."""
    if n < 2:
        return 0.0
    u = 1 / (2 * n - 1)
    power, artanh = u, 0.0
    for k in range(1, 40, 2):
        artanh += power / k
        power *= u * u
    return _logarithm(n - 1) + 2 * artanh


def _agreement(a: Minutiae, b: Minutiae, mates: Mates) -> Floats:
    """Return how well distances from each mate to the others agree in both prints, 0 to 1."""
    square_a, square_b = (
        (x[i] - x[i][:, None]) * (x[i] - x[i][:, None])
        + (y[i] - y[i][:, None]) * (y[i] - y[i][:, None])
        for x, y, i in ((a.x, a.y, mates.i), (b.x, b.y, mates.j))
    )
    both, longer = square_a + square_b, square_a - square_b
    half = f32(0.5)
    off = longer * longer / ((2 * both + 1) * (EDGE_SQUARE + EDGE_GROWTH * half * both))
    close = 1 / (1 + f32(0.25) * off)
    weight = 1 / (1 + EDGE_REACH * half * both)
    np.fill_diagonal(weight, 0)
    total, agreed = in_order(weight), in_order(weight * (close * close))
    return np.asarray(np.divide(agreed, total, out=np.zeros_like(total), where=total > 0))


def _overlap(a: Minutiae, b: Minutiae, mates: Mates, motion: Motion) -> tuple[int, int]:
    """Return the minutiae of each print that are mates or within the other print."""
    in_b, in_a = _inside(b, *motion(a.x, a.y)), _inside(a, *motion.back(b.x, b.y))
    in_b[mates.i] = True
    in_a[mates.j] = True
    return int(in_b.sum()), int(in_a.sum())


def _inside(print_: Minutiae, x: Floats, y: Floats) -> NDArray[np.bool_]:
    """Tell which places are within the octagon around a print, with a margin."""
    diagonal = f32(1.41421356) * OUTLINE_MARGIN
    inside = np.ones(len(x), bool)
    for of, at, margin in (
        (print_.x, x, OUTLINE_MARGIN),
        (print_.y, y, OUTLINE_MARGIN),
        (print_.x + print_.y, x + y, diagonal),
        (print_.x - print_.y, x - y, diagonal),
    ):
        inside &= (at >= of.min() - margin) & (at <= of.max() + margin)
    return inside
