"""The minutiae of a print in the form for scores, and their codes, in plain NumPy.

Numbers are float32 as in the library, one operation after the other in the order that the rule
states, so that results agree to the last bit; csrc/kernels/prints/minutiae.hpp has the rule. Arrays
hold independent minutiae; sums are computed in order.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

from prum_match.dactyloscopy import Template

f32 = np.float32
Floats = NDArray[np.float32]
Integers = NDArray[np.int64]

CODE_LENGTH = 127
# Cells around a minutia: radius, number and width of each ring, in units of 10 micrometres.
RINGS = (
    (91.4, 6, 51.2),
    (182.9, 10, 56.7),
    (274.3, 14, 62.2),
    (365.8, 16, 67.7),
    (467.4, 18, 73.8),
)
DIRECTIONS = 6
REACH = f32(467.4) + f32(2.83) * f32(73.8)
HALF_FILLED = f32(0.5)
CROWD_RADIUS = f32(400)
CROWD_COSINE = f32(0.86602540378)


@dataclass(frozen=True)
class Minutiae:
    """The minutiae of a print that are compared: y up, in canonical order."""

    x: Floats
    y: Floats
    c: Floats
    s: Floats
    # Of 256.
    turn: Integers
    codes: Integers
    crowd: Integers
    # Place of each in its template.
    place: Integers
    # Which of two prints comes first.
    key: tuple[Any, ...]

    def __len__(self) -> int:
        return len(self.x)


def in_order(terms: NDArray[Any]) -> NDArray[Any]:
    """Add up rows one after the other, from zero."""
    start = np.zeros((1, *terms.shape[1:]), terms.dtype)
    total: NDArray[Any] = np.add.accumulate(np.concatenate([start, terms]))[-1]
    return total


def directions(turns: Any) -> tuple[Floats, Floats]:
    """Return cosines and sines of units of 1/65536 turn, by the series at the nearest eighth."""
    turns = np.asarray(turns, np.int64)
    eighth = (turns + 4096) // 8192
    d = (turns - eighth * 8192).astype(f32) * f32(9.58737992428525768e-5)
    d2 = d * d
    one = f32(1)
    cosine = one - d2 * (f32(0.5) - d2 * (one / f32(24) - d2 * (one / f32(720))))
    series = one / f32(6) - d2 * (one / f32(120) - d2 * (one / f32(5040)))
    sine = d * (one - d2 * series)
    h = f32(0.70710678118654752)
    table = np.array([1, h, 0, -h, -1, -h, 0, h], f32)
    c, s = table[eighth % 8], table[(eighth + 6) % 8]
    return c * cosine - s * sine, s * cosine + c * sine


@lru_cache(maxsize=256)
def minutiae_of(template: Template) -> Minutiae:
    known = np.flatnonzero(~np.isnan(template.angle))
    scale = 2540 / template.ppi
    x, y = (np.floor(v[known] * scale + 0.5).astype(np.int64) for v in (template.x, template.y))
    turn = np.floor(template.angle[known] * (65536 / 360) + 0.5).astype(np.int64) % 65536
    order = np.array(sorted(range(len(known)), key=lambda i: (y[i], x[i], turn[i])), np.int64)
    x, y, turn = x[order], y[order], turn[order]
    right, up = x.astype(f32), -y.astype(f32)
    c, s = directions(turn)
    return Minutiae(
        x=right,
        y=up,
        c=c,
        s=s,
        turn=turn // 256,
        codes=_codes(surroundings(right, up, c, s)),
        crowd=_crowd(right, up, c, s),
        place=known[order],
        key=(len(x), x.tolist(), y.tolist(), turn.tolist()),
    )


def surroundings(x: Floats, y: Floats, c: Floats, s: Floats) -> Floats:
    """Return how full each cell around each minutia is, for each difference of directions."""
    radius, width = (
        np.array([ring[k] for ring in RINGS for _ in range(ring[1])], f32) for k in (0, 2)
    )
    cell_c, cell_s = directions([65536 * i // n for _, n, _ in RINGS for i in range(n)])
    cell_x, cell_y = radius * cell_c, radius * cell_s
    narrow = 1 / (8 * width * width)
    turned_c, turned_s = (v[:, None] for v in directions(65536 * np.arange(DIRECTIONS) // 6))
    values = np.zeros((len(x), DIRECTIONS, len(narrow)), f32)
    for j in range(len(x)):
        dx, dy = x[j] - x, y[j] - y
        near = np.flatnonzero(~(dx * dx + dy * dy > REACH * REACH) & (np.arange(len(x)) != j))
        dx, dy, ci, si = dx[near], dy[near], c[near], s[near]
        ex = (dx * ci + dy * si)[:, None] - cell_x
        ey = (dy * ci - dx * si)[:, None] - cell_y
        bell = np.maximum(1 - (ex * ex + ey * ey) * narrow, 0) ** 2
        along, across = c[j] * ci + s[j] * si, s[j] * ci - c[j] * si
        alike = f32(0.5) + f32(0.5) * (along * turned_c + across * turned_s).T[:, :, None]
        alike = alike * alike * alike * alike
        values[near] += alike * (bell * bell)[:, None, :]
    return (values / (values + HALF_FILLED)).reshape(len(x), DIRECTIONS * len(narrow))


def _codes(values: Floats) -> Integers:
    with (files("prum_match.dactyloscopy") / "data" / "codes.npy").open("rb") as file:
        table = np.load(file).astype(f32) / f32(32767)
    mean, matrix = table[:, 0], table[:, 1:]
    sums = np.zeros((len(values), matrix.shape[1]), f32)
    for column, row in zip((values - mean).T, matrix, strict=True):
        sums += column[:, None] * row
    wide = sums.astype(np.float64)
    square = in_order((wide * wide).T)
    scale = np.divide(CODE_LENGTH, np.sqrt(square), out=np.zeros_like(square), where=square > 0)
    wide *= scale[:, None]
    return np.trunc(np.where(wide < 0, wide - 0.5, wide + 0.5)).astype(np.int64)


def _crowd(x: Floats, y: Floats, c: Floats, s: Floats) -> Integers:
    """Return how many minutiae near each one have the same direction, including itself."""
    dx, dy = x - x[:, None], y - y[:, None]
    around = dx * dx + dy * dy <= CROWD_RADIUS * CROWD_RADIUS
    same = c * c[:, None] + s * s[:, None] >= CROWD_COSINE
    return np.asarray(np.minimum((around & same).sum(axis=1), 255))
