"""Learn the codes of minutiae from sample prints, and write what the package ships.

    python tools/train_codes.py src/prum_match/dactyloscopy/data/codes.npy

What surrounds a minutia (384 values) differs from print to print of one finger, and more so
between minutiae. Linear discriminant analysis finds the 64 directions in which the second is
largest against the first; no real print is used. Runs for some minutes; same NumPy, same bytes.
"""

from __future__ import annotations

import sys
from multiprocessing import Pool
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from prum_match import _native
from prum_match.samples import prints

Floats = NDArray[np.float64]

SEED = 2026
FINGERS = 1500
# Kinds of the touches of a finger, and the extractors that read each.
TOUCHES = ("plain", "plain", "plain", "rolled", "latent")
EXTRACTORS = ("fine", "coarse", "keen")
COMPONENTS = 64
# Added to the spread within minutiae, as a share of its mean: it keeps rare values from counting.
RIDGE = 1e-3
# Entries are stored in 16 bits.
STEPS = 32767


def surroundings_of(number: int) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Return what surrounds the minutiae of a finger's prints, and which minutia each is."""
    random = np.random.Generator(np.random.PCG64([SEED, number]))
    finger = prints.Finger.draw(random)
    values, owners = [], []
    for kind in TOUCHES:
        touch = finger.touch(random, kind)
        extractor = EXTRACTORS[int(random.integers(len(EXTRACTORS)))]
        template, numbers = touch.read_numbered(random, extractor)
        values.append(_native.print_surroundings(*template.units()))
        owners.append(np.where(numbers < 0, -1, number * 10000 + numbers))
    return np.concatenate(values), np.concatenate(owners)


def spreads(values: NDArray[np.float32], owners: NDArray[np.int64]) -> tuple[Floats, Floats]:
    """Return the covariances within minutiae, and of all."""
    order = np.argsort(owners, kind="stable")
    order = order[owners[order] >= 0]
    sorted_owners = owners[order]
    first = np.flatnonzero(np.diff(sorted_owners, prepend=-1))
    counts = np.diff(first, append=len(order))
    mine = values[order].astype(np.float64)
    means = np.add.reduceat(mine, first, axis=0) / counts[:, None]
    rest = mine - np.repeat(means, counts, axis=0)
    within = rest.T @ rest / float((counts - 1).sum())
    centred = values - values.mean(axis=0, dtype=np.float64)
    return within, centred.T @ centred / len(values)


def discriminants(within: Floats, total: Floats) -> Floats:
    """Return the components, the most telling first, each weighed by how much it tells."""
    within = within + RIDGE * np.trace(within) / len(within) * np.eye(len(within))
    lower = np.linalg.inv(np.linalg.cholesky(within))
    ratios, vectors = np.linalg.eigh(lower @ total @ lower.T)
    best = np.argsort(-ratios)[:COMPONENTS]
    weights = np.sqrt(np.maximum(ratios[best] - 1, 0) / ratios[best])
    matrix: Floats = lower.T @ vectors[:, best] * weights
    # Eigenvectors have no sign of their own.
    return matrix * np.sign(matrix[np.abs(matrix).argmax(axis=0), np.arange(COMPONENTS)])


def main(path: str) -> None:
    """Learn and write: the mean in the first column, then the matrix, in steps of 1 / 32767."""
    with Pool() as pool:
        parts: list[Any] = pool.map(surroundings_of, range(FINGERS), chunksize=50)
    values = np.concatenate([part[0] for part in parts])
    owners = np.concatenate([part[1] for part in parts])
    matrix = discriminants(*spreads(values, owners))
    matrix /= np.abs(matrix).max()
    mean = np.rint(values.mean(axis=0, dtype=np.float64) * STEPS).astype(np.int16)
    rows = np.rint(matrix * STEPS).astype(np.int16)
    np.save(Path(path), np.column_stack([mean, rows]))


if __name__ == "__main__":
    main(sys.argv[1])
