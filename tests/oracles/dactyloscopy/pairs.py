"""Pairs of minutiae that may be the same, and the support of other pairs, in plain NumPy.

Steps 1 to 3 of csrc/kernels/prints/minutiae.hpp. A pair is a minutia of each print.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from oracles.dactyloscopy.codes import Floats, Integers, Minutiae, f32, in_order

MOST_PAIRS = 512
USUAL_PAIRS = 128 * 128
FLOOR = 4839
TURNS = 64
RELAXATIONS = 4
# The square of the length of codes.
SAME = f32(16129)

NEAR_SQUARE = f32(71) * f32(71)
PLACE_GROWTH = f32(0.16) * f32(0.16)
LENGTH_GROWTH = f32(0.08) * f32(0.08)
TURN_SQUARE = f32(0.36)
REACH_SQUARE = f32(1500) * f32(1500)


@dataclass(frozen=True)
class Pairs:
    """Pairs that may be the same minutia, how strong each is, and how they support each other."""

    i: Integers
    j: Integers
    # The turn from one print to the other, by the directions of the pair.
    c: Floats
    s: Floats
    strength: Floats
    support: Floats

    def __len__(self) -> int:
        return len(self.i)


def products_of(a: Minutiae, b: Minutiae) -> Integers:
    return a.codes @ b.codes.T


def pairs_of(a: Minutiae, b: Minutiae, products: Integers) -> Pairs:
    i, j = np.nonzero(products > FLOOR)
    product, turn = products[i, j], (b.turn[j] - a.turn[i]) % 256 // 4
    weighed = product * _weights_of_turns(product, turn)[turn] // 256
    more = max(len(a) * len(b) - USUAL_PAIRS, 0) // 128
    best = _best(weighed, min(64 + (len(a) + len(b)) // 8 + more, MOST_PAIRS))
    i, j = i[best], j[best]
    c = a.c[i] * b.c[j] + a.s[i] * b.s[j]
    s = a.c[i] * b.s[j] - a.s[i] * b.c[j]
    strength = weighed[best].astype(f32) * (1 / SAME)
    support = _support(a, b, i, j, c, s)
    return Pairs(i, j, c, s, _relaxed(strength, support), support)


def _weights_of_turns(products: Integers, turns: Integers) -> Integers:
    """Return 128 to 256 for each rotation, by the number of pairs with nearly that rotation."""
    votes = np.zeros(TURNS, np.int64)
    np.add.at(votes, turns, (products - FLOOR) ** 2)
    around = sum(
        w * np.roll(votes, k) for k, w in zip(range(-3, 4), (1, 2, 4, 4, 4, 2, 1), strict=True)
    )
    return np.asarray(128 + around * 128 // max(int(np.max(around)), 1))


def _best(weighed: Integers, keep: int) -> Integers:
    """Return the greatest values, the first of equals, in their original order."""
    return np.sort(np.argsort(-weighed, kind="stable")[:keep])


def _support(a: Minutiae, b: Minutiae, i: Integers, j: Integers, c: Floats, s: Floats) -> Floats:
    """Return how well each two pairs agree in both prints, 0 to 1; [of][for]."""
    ax, ay, bx, by = a.x[i], a.y[i], b.x[j], b.y[j]
    dax, day = ax - ax[:, None], ay - ay[:, None]
    dbx, dby = bx - bx[:, None], by - by[:, None]
    turned = 2 - 2 * (c[:, None] * c + s[:, None] * s)
    # The turn that is halfway.
    to_unit = f32(0.5) + turned * (f32(0.0625) + turned * f32(0.01171875))
    mc, ms = (c[:, None] + c) * to_unit, (s[:, None] + s) * to_unit
    ex, ey = mc * dax - ms * day - dbx, ms * dax + mc * day - dby
    square_a, square_b = dax * dax + day * day, dbx * dbx + dby * dby
    both, longer = square_a + square_b, square_a - square_b
    half = f32(0.5)
    place = 1 - (ex * ex + ey * ey) / (NEAR_SQUARE + PLACE_GROWTH * half * both)
    length = 1 - longer * longer / ((2 * both + 1) * (NEAR_SQUARE + LENGTH_GROWTH * half * both))
    turn = 1 - turned * (1 / TURN_SQUARE)
    support = np.maximum(place, 0) * np.maximum(length, 0) * np.maximum(turn, 0)
    unrelated = (both > 2 * REACH_SQUARE) | (i[:, None] == i) | (j[:, None] == j)
    return np.where(unrelated, f32(0), support)


def _relaxed(strength: Floats, support: Floats) -> Floats:
    for _ in range(RELAXATIONS):
        given = in_order(support * strength[:, None])
        most = np.max(given, initial=f32(1e-9))
        strength = f32(0.5) * strength + f32(0.5) / most * given
    return strength
