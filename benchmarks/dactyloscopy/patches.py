"""Latents cut out of prints: a patch of minutiae, some lost, some added, all of them moved."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from benchmarks.dactyloscopy.data import Prints
from prum_match.dactyloscopy import Template

SIZE = 18
DROPOUT = 0.15
SPURIOUS = 2
JITTER = 2.0
"""Pixels at 500 ppi, standard deviation in x and in y."""
TURN = 6.0
"""Degrees, standard deviation of a direction."""
PPI = 500
LATENT = 4
MARGIN = 20

WHAT = (
    f"{SIZE} neighbouring minutiae, {DROPOUT:.0%} dropped, {SPURIOUS} added, moved by {JITTER:g} "
    f"px and {TURN:g} degrees, turned at random"
)


def patches(prints: Prints, seed: int) -> tuple[Prints, int]:
    """Return a patch of every print that has enough minutiae, and how many have not."""
    enough = np.array(
        [len(template) - template.not_compared >= SIZE for template in prints.templates]
    )
    some = prints.where(enough)
    random = np.random.default_rng(seed)
    cut = tuple(patch(template, random) for template in some.templates)
    found = Prints(f"{prints.name}-patches", cut, some.finger, some.impression, some.database)
    return found, int(np.count_nonzero(~enough))


def patch(template: Template, random: np.random.Generator) -> Template:
    """Return a latent of a template."""
    directed = np.flatnonzero(~np.isnan(template.angle))
    at = np.stack([template.x[directed], template.y[directed]], axis=1) * (PPI / template.ppi)
    near = _nearest(at, random)
    kept = near[random.random(len(near)) >= DROPOUT]
    angle = template.angle[directed]
    centre, radius = at[near].mean(axis=0), np.ptp(at[near], axis=0).max() / 2
    added = centre + random.uniform(-radius, radius, (SPURIOUS, 2))
    moved = at[kept] + random.normal(0, JITTER, (len(kept), 2))
    points = np.concatenate([moved, added]) - centre
    angles = np.concatenate(
        [angle[kept] + random.normal(0, TURN, len(kept)), random.uniform(0, 360, SPURIOUS)]
    )
    turn = random.uniform(0, 360)
    points = points @ _rotation(turn)
    points += MARGIN - points.min(axis=0)
    width, height = np.ceil(points.max(axis=0) + MARGIN).astype(int).tolist()
    return Template(
        x=np.rint(points[:, 0]),
        y=np.rint(points[:, 1]),
        angle=np.mod(angles + turn, 360),
        type=np.concatenate([template.type[directed][kept], random.integers(1, 3, SPURIOUS)]),
        width=width,
        height=height,
        ppi=PPI,
        impression=LATENT,
    )


def _nearest(at: NDArray[np.float64], random: np.random.Generator) -> NDArray[np.intp]:
    """Return the minutiae next to one drawn by chance."""
    distance = np.hypot(*(at - at[random.integers(len(at))]).T)
    return np.argsort(distance, kind="stable")[:SIZE]


def _rotation(degrees: float) -> NDArray[np.float64]:
    """Return the matrix that turns rows counter-clockwise as seen, y down."""
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return np.array([[c, -s], [s, c]])
