"""The minutiae of a piece of skin, independent of any print."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from prum_match.samples.prints.flow import Flow
from prum_match.samples.prints.waves import Complexes, Floats

# Ridges of adults are 0.4 to 0.5 mm apart; this and all lengths below are pixels at 500 ppi.
RIDGE_PERIOD = 9.0
# FVC2002: half of the minutiae have their nearest neighbour beyond 20 pixels, where as many that
# know nothing of each other would have it at 16. The close pairs are companions.
INHIBITION = 12.0
COMPANION = 9.0
# FVC2002: a quarter of the minutiae of FingerJetFX has one within 10 pixels, but within 14 by
# mindtct and SourceAFIS, which clear away clusters; so companions are to the taste of the former.
COMPANIED = 0.2
COMPANION_TASTE = 3.0
# FVC2002: of two minutiae within 15 pixels, 4 to 5 in 10 point opposite ways.
OPPOSITE = 0.4
# How far the crowd of minutiae around a core or a delta reaches, and how much denser it is:
# remembered from the literature, not measured; the sets do not say where their cores are.
CROWD = 55.0
CROWDED = 0.6
# FVC2002: 55 to 70 in 100 minutiae of known type are endings.
ENDINGS = 0.6
# Which share of what ridges fan out is taken up by new ones; they grow wider for the rest.
# FVC2002: 6 in 10 minutiae point the same way as one 15 to 50 pixels away on a parallel ridge.
SLACK = 0.9
# How minutiae lean from the ridges around them: radians, of Student's t with 3 degrees of freedom.
# FVC2002: half of the angles of mindtct, which has those of the ridges, are 7 degrees off others'.
LEAN = np.radians(6)
# How minutiae differ in how well anybody sees them, on the scale of clearness. FVC2002: 8 in 10
# are found again in another print; with less, other ones would be missed each time.
STRENGTH = 2.0
# Density that is never exceeded, close to a core or a delta.
MOST = 0.003


@dataclass(frozen=True, eq=False)
class Minutiae:
    """Minutiae: points in pixels to the right and up, directions in radians."""

    points: Complexes
    # Along the ridges around, and how far the minutia itself leans from them.
    direction: Floats
    lean: Floats
    ending: NDArray[np.bool_]
    # How well each is seen by anybody, and how extractors differ about it.
    strength: Floats
    taste: Floats
    # Number of the skin's minutia; -1 for a false one.
    number: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.points)

    def __getitem__(self, chosen: NDArray[Any]) -> Minutiae:
        return Minutiae(*(column[chosen] for column in self._columns()))

    def __add__(self, other: Minutiae) -> Minutiae:
        pairs = zip(self._columns(), other._columns(), strict=True)
        return Minutiae(*map(np.concatenate, pairs))

    def _columns(self) -> list[NDArray[Any]]:
        return [getattr(self, field.name) for field in fields(self)]


@dataclass(frozen=True, eq=False)
class Skin:
    """Ridges of a finger or a palm, and all minutiae on them."""

    flow: Flow
    minutiae: Minutiae


def grow(
    random: np.random.Generator,
    flow: Flow,
    halves: tuple[float, float],
    density: float,
) -> Skin:
    """Let minutiae grow in a rounded rectangle, `density` of them a square pixel.

    There are more near cores and deltas. Where ridges fan out, new ones must begin between them
    for all to stay equally far apart: as many as the rate of fanning out over the ridge period.
    This decides which way most minutiae point, and adds some.
    """
    wide, high = halves
    tried = random.poisson(4 * wide * high * MOST)
    across, up = random.uniform(-1, 1, (2, tried))
    inside = across**4 + up**4 < 1
    points = wide * across[inside] + 1j * high * up[inside]
    direction, fan = flow.at(points)
    born = SLACK * fan / RIDGE_PERIOD
    singular = np.concatenate([flow.cores, flow.deltas])
    crowd = np.exp(-(np.abs(points[:, None] - singular) ** 2) / (2 * CROWD**2)).sum(axis=1)
    wanted = np.minimum(density * (1 + CROWDED * crowd) + 0.5 * np.abs(born), MOST)
    grown = random.uniform(0, MOST, len(points)) < wanted
    grown[grown] = apart(points[grown], INHIBITION)
    n = int(np.count_nonzero(grown))
    # The rest come in opposite pairs and point either way.
    forward = random.uniform(-1, 1, n) < born[grown] / wanted[grown]
    minutiae = Minutiae(
        points[grown],
        direction[grown] + np.where(forward, 0, np.pi),
        LEAN * random.standard_t(3, n),
        random.uniform(size=n) < ENDINGS,
        STRENGTH * random.standard_normal(n),
        random.standard_normal((n, 2)),
        np.arange(n),
    )
    minutiae += _companions(random, minutiae)
    return Skin(flow, replace(minutiae, number=np.arange(len(minutiae))))


def _companions(random: np.random.Generator, minutiae: Minutiae) -> Minutiae:
    """Return the other ends of short ridges, spurs and bridges."""
    chosen = minutiae[random.uniform(size=len(minutiae)) < COMPANIED]
    n = len(chosen)
    step = COMPANION * np.exp(1j * chosen.direction)
    scatter = random.normal(0, COMPANION / 4, (2, n))
    return replace(
        chosen,
        points=chosen.points + step + scatter[0] + 1j * scatter[1],
        direction=chosen.direction + np.where(random.uniform(size=n) < OPPOSITE, np.pi, 0),
        lean=LEAN * random.standard_t(3, n),
        taste=chosen.taste - COMPANION_TASTE,
    )


def apart(points: Complexes, least: float) -> NDArray[np.bool_]:
    """Tell which points have no earlier one closer than that: Matérn's second process."""
    close = np.abs(points[:, None] - points) < least
    alone: NDArray[np.bool_] = np.count_nonzero(np.tril(close, -1), axis=1) == 0
    return alone
