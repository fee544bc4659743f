"""Smooth random fields: sums of a few plane waves, with their gradients."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Complexes = NDArray[np.complex128]

# Enough that no single wave shows, few enough to be cheap.
WAVES = 8


@dataclass(frozen=True, eq=False)
class Waves:
    """A smooth random function of the plane, real or complex; points are complex numbers."""

    amplitude: Complexes
    wave: Complexes
    phase: Floats

    @classmethod
    def draw(cls, random: np.random.Generator, deviation: float, length: float) -> Waves:
        """Draw a field: the standard deviation of its two parts, about the length of its waves."""
        parts = random.normal(0, deviation * np.sqrt(2 / WAVES), (2, WAVES))
        turn = random.uniform(0, 2 * np.pi, (2, WAVES))
        number = 2 * np.pi / (length * random.uniform(0.7, 1.8, WAVES))
        return cls(parts[0] + 1j * parts[1], number * np.exp(1j * turn[0]), turn[1])

    def at(self, points: Complexes) -> tuple[Complexes, Complexes, Complexes]:
        """Return the values, and their derivatives to the right and upwards."""
        # No products of matrices: the last bits would depend on the BLAS, the time on its threads.
        turn = (points[:, None] * self.wave.conj()).real + self.phase
        value = (np.cos(turn) * self.amplitude).sum(axis=1)
        slope = -np.sin(turn) * self.amplitude
        right, up = (slope * part for part in (self.wave.real, self.wave.imag))
        return value, right.sum(axis=1), up.sum(axis=1)
