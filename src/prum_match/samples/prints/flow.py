"""Ridge flow: the direction of ridges anywhere on a finger or a palm."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from prum_match.samples.prints.waves import Complexes, Floats, Waves


@dataclass(frozen=True, eq=False)
class Flow:
    """The zero-pole model of Sherlock and Monro (1993), bent by a tip, a bump and slow waves.

    Points are complex numbers: pixels at 500 ppi, to the right and *up* from the middle of the
    finger. The bends stand for the corrections of Vizcaya and Gerhardt (1996): without them ridges
    above a core are too flat. They are smooth and so add no core and no delta.
    """

    cores: Complexes
    deltas: Complexes
    # How much ridges follow the outline of the tip, and how much they rise in the middle: radians.
    tip: float
    bump: float
    waves: Waves
    # Gradient of the logarithm of the ridge period: 1/pixel.
    widening: complex
    # Where ridges begin to follow the outline, and over which width: pixels.
    tip_from: float = -60.0
    tip_width: float = 130.0
    bump_at: float = -20.0
    bump_width: float = 75.0

    def at(self, points: Complexes) -> tuple[Floats, Floats]:
        """Return the direction of the ridges in radians, and how much they fan out: 1/pixel.

        Ridges that run on while they grow narrower make room for others as if they fanned out.
        """
        singular = np.concatenate([self.cores, self.deltas])
        index = np.repeat([0.5, -0.5], [len(self.cores), len(self.deltas)])
        away = points[:, None] - singular
        # A minutia is never exactly there, but a core may be drawn where a candidate lies.
        away[away == 0] = 1e-6
        direction: Floats = (np.angle(away) * index).sum(axis=1)
        gradient: Complexes = (1j / away.conj() * index).sum(axis=1)
        for angle, slope in (self._tip(points), self._bump(points), self._slow(points)):
            direction += angle
            gradient += slope
        ridge = np.exp(1j * direction)
        fan: Floats = (np.conj(1j * ridge) * gradient - np.conj(ridge) * self.widening).real
        return direction, fan

    def _tip(self, points: Complexes) -> tuple[Floats, Complexes]:
        across = np.tanh(points.real / self.tip_width)
        up = 0.5 + 0.5 * np.tanh((points.imag - self.tip_from) / self.tip_width)
        gradient = (1 - across**2) * up + 2j * across * up * (1 - up)
        return -self.tip * across * up, -self.tip / self.tip_width * gradient

    def _bump(self, points: Complexes) -> tuple[Floats, Complexes]:
        across = points.real / self.bump_width
        up = (points.imag - self.bump_at) / (1.5 * self.bump_width)
        bell = -self.bump * np.exp((1 - across**2 - up**2) / 2)
        to_right = bell * (1 - across**2) / self.bump_width
        to_top = -bell * across * up / (1.5 * self.bump_width)
        return bell * across, to_right + 1j * to_top

    def _slow(self, points: Complexes) -> tuple[Floats, Complexes]:
        value, right, up = self.waves.at(points)
        gradient: Complexes = right.real + 1j * up.real
        return value.real, gradient
