"""The minutiae of a piece of skin, before anybody takes a print of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from prum_match.samples.prints.flow import Flow
from prum_match.samples.prints.waves import Complexes, Floats

__all__ = ["Skin", "grow"]

# Pixels at 500 ppi: ridges are 0.4 to 0.5 mm apart.
RIDGE_PERIOD = 9.0
# Two minutiae are about a ridge apart.
INHIBITION = 7.0
# How far the crowd of minutiae around a core or a delta reaches.
CROWD = 55.0
# Share of endings; the rest are bifurcations.
ENDINGS = 0.6
MOST = 0.004


@dataclass(frozen=True, eq=False)
class Skin:
    """Minutiae where they grew: points to the right and up, directions in radians."""

    flow: Flow
    points: Complexes
    direction: Floats
    ending: np.typing.NDArray[np.bool_]
    # How well each is seen by anybody, and how the extractors differ about it.
    strength: Floats
    taste: Floats


def grow(
    random: np.random.Generator,
    flow: Flow,
    half_width: float,
    half_height: float,
    density: float,
) -> Skin:
    """Let minutiae grow in a rounded rectangle: `density` a square pixel, more near cores and deltas.

    Where ridges fan out at a rate, new ones must begin at that rate over their period, for the
    ridges to stay equally far apart: this decides how many minutiae there are, and which way they
    point (Bonnevie 1924; Kücken and Newell 2005 derive it).
    """
    tried = random.poisson(4 * half_width * half_height * MOST)
    across, up = random.uniform(-1, 1, (2, tried))
    inside = across**4 + up**4 < 1
    points = across[inside] * half_width + 1j * up[inside] * half_height
    direction, fan = flow.at(points)
    born = fan / RIDGE_PERIOD
    singular = np.concatenate([flow.cores, flow.deltas])
    crowd = np.exp(-(np.abs(points[:, None] - singular) ** 2) / (2 * CROWD**2)).sum(axis=1)
    wanted = np.minimum(density * (1 + 0.6 * crowd) + 0.5 * np.abs(born), MOST)
    grown = random.uniform(0, MOST, len(points)) < wanted
    grown[grown] = _apart(points[grown])
    n = int(np.count_nonzero(grown))
    # The rest come in opposite pairs and point either way.
    forward = random.uniform(-1, 1, n) < born[grown] / wanted[grown]
    turned = direction[grown] + np.where(forward, 0, np.pi)
    turned += np.radians(4) * random.standard_normal(n)
    return Skin(
        flow,
        points[grown],
        turned,
        random.uniform(size=n) < ENDINGS,
        random.standard_normal(n),
        random.standard_normal((n, 2)),
    )


def _apart(points: Complexes) -> np.typing.NDArray[np.bool_]:
    """Tell which points have no earlier one closer than the inhibition: Matérn's second process."""
    close = np.abs(points[:, None] - points) < INHIBITION
    return ~np.tril(close, -1).any(axis=1)
