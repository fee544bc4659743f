"""Simulated embeddings: vectors of norm one, 512 components, and probes whose mates are known.

"face-like" vectors are normal with the spectrum i^-0.6 (participation ratio 194, as embeddings
have fewer directions than components), turned at random so that no component stands out; two of
different people have the similarity 0 +- 0.07, two of one person 0.645 +- 0.076. "isotropic" ones
fill all directions evenly and leave a bound the least to exclude. In "adversarial" ones a single
component is large and the same for all: codes that scale with it say nothing about the rest.
All are plausible, none is fitted to a published model.

Each block of rows has a random stream of its own, so that a smaller set is the beginning of a
larger one.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Kind = Literal["face-like", "isotropic", "adversarial"]
Vectors = NDArray[np.float32]

DIMENSION = 512
SPECTRUM = -0.6  # of the variances
TINY = 0.01
# Similarity to the mate. What is added to it has a part along it, and widens 0.069 to 0.076.
MATED_MEAN, MATED_SPREAD = 0.645, 0.069
MATED_RANGE = (0.3, 0.95)

# 32 MiB: small beside the set.
BLOCK = 1 << 14
_SET, _NOISE, _ROTATION, _MATES = range(4)


@dataclass(frozen=True)
class Probes:
    """Vectors to search with.

    Attributes
    ----------
    vectors : numpy.ndarray of float32, shape (probes, 512)
        Every other one has a mate in the set.
    mates : numpy.ndarray of int64
        Row of the mate; -1: none.
    """

    vectors: Vectors
    mates: NDArray[np.int64]

    def first(self, count: int) -> Probes:
        return Probes(self.vectors[:count], self.mates[:count])

    def __len__(self) -> int:
        return len(self.vectors)


_kept: dict[Kind, Vectors] = {}


def vectors(kind: Kind, n: int) -> Vectors:
    """Return a set of vectors, read-only; the last one made is kept, as a million are 2 GB."""
    if len(_kept.get(kind, ())) < n:
        forget()
        made = _draw(kind, n, _SET)
        made.flags.writeable = False
        _kept[kind] = made
    return _kept[kind][:n]


def forget() -> None:
    """Give the memory back."""
    _kept.clear()


def probes(kind: Kind, references: Vectors, count: int) -> Probes:
    """Draw probes; a mated one is its mate and noise, in the shares of its similarity."""
    random = np.random.default_rng((_MATES, len(references)))
    made = _draw(kind, count, _NOISE)
    mates = np.full(count, -1)
    mated = np.arange(0, count, 2)
    mates[mated] = random.integers(len(references), size=len(mated))
    share = random.normal(MATED_MEAN, MATED_SPREAD, (len(mated), 1)).clip(*MATED_RANGE)
    mixed = share * references[mates[mated]] + np.sqrt(1 - share * share) * made[mated]
    made[mated] = mixed
    _normalise(made)
    return Probes(made, mates)


def _draw(kind: Kind, n: int, stream: int) -> Vectors:
    made = np.empty((n, DIMENSION), np.float32)
    shape = _shape() if kind == "face-like" else None
    noise = np.empty((BLOCK, DIMENSION), np.float32)
    for number, begin in enumerate(range(0, n, BLOCK)):
        part = made[begin : begin + BLOCK]
        random = np.random.default_rng((stream, number))
        random.standard_normal(dtype=np.float32, out=noise)
        rows = noise[: len(part)]
        if shape is not None:
            np.matmul(rows, shape, out=part)
        elif kind == "adversarial":
            np.multiply(rows, np.float32(TINY), out=part)
            part[:, 0] = 1
        else:
            part[:] = rows
        _normalise(part)
    return made


@cache
def _shape() -> Vectors:
    """Return what turns independent components into face-like ones: spectrum, then rotation."""
    random = np.random.default_rng(_ROTATION)
    rotation, triangle = np.linalg.qr(random.standard_normal((DIMENSION, DIMENSION)))
    spread = np.arange(1, DIMENSION + 1) ** (SPECTRUM / 2)
    # The signs make the rotation the same whatever the QR decomposition's convention.
    shape: Vectors = (spread[:, None] * rotation * np.sign(np.diag(triangle))).astype(np.float32)
    return shape


def _normalise(part: Vectors) -> None:
    """Scale every row to norm one, in place."""
    squares = np.einsum("ij,ij->i", part, part, dtype=np.float64)
    part *= (1 / np.sqrt(squares)).astype(np.float32)[:, None]
