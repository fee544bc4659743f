"""Prints that are hard to compare, and prints that are almost equal to others."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from prum_match.dactyloscopy import Template
from prum_match.dactyloscopy.template import MAX_UNITS, from_turns
from prum_match.samples import prints

# At this resolution a pixel is a unit of 10 micrometres.
PPI = 2540
Random = np.random.Generator
Units = NDArray[np.int64]

FRESH = (
    "finger",
    "latent",
    "scattered",
    "crowded",
    "many",
    "few",
    "copies",
    "one point",
    "line",
    "lattice",
    "ring",
    "one direction",
    "corners",
    "unknown directions",
)
DERIVED = ("same", "shuffled", "part", "moved", "noisy", "mirrored", "doubled", "with others")


def of_units(x: Any, y: Any, turn: Any) -> Template:
    """Make a template of minutiae in units; a negative turn is an unknown direction."""
    turn = np.asarray(turn, np.int64).reshape(-1)
    angle = np.where(turn < 0, math.nan, from_turns((turn % 65536).astype(np.uint16)))
    x, y = (np.asarray(values, np.float64).reshape(-1) for values in (x, y))
    return Template(x=x, y=y, angle=angle, width=0, height=0, ppi=PPI)


def to_units(template: Template) -> tuple[Units, Units, Units]:
    """Return the minutiae of a template as `of_units` takes them."""
    x, y, turn = (values.astype(np.int64) for values in template.units())
    return x, y, np.where(np.isnan(template.angle), -1, turn)


def fresh(kind: str, random: Random) -> Template:
    """Make a print of a kind."""
    if kind in ("finger", "latent"):
        finger = prints.Finger.draw(random)
        made = finger.impression(random, "latent" if kind == "latent" else "rolled")
        return of_units(*to_units(made))
    n = int(random.integers(*{"few": (0, 4), "many": (200, 280)}.get(kind, (5, 90))))
    size = {"crowded": 500, "many": 3500, "few": 400}.get(kind, 1800)
    x, y = random.integers(0, size, (2, n)).astype(np.float64)
    turn = random.integers(0, 65536, n)
    if kind == "copies":
        chosen = random.integers(0, max(n // 6, 1), n)
        return of_units(x[chosen], y[chosen], turn[chosen])
    if kind == "one point":
        x, y = x[:1].repeat(n), y[:1].repeat(n)
    elif kind == "line":
        x, y = 40 * np.arange(n), 30 * np.arange(n)
    elif kind == "lattice":
        x, y, turn = 90 * (np.arange(n) % 9), 90 * (np.arange(n) // 9), turn // 16384 * 16384
    elif kind == "ring":
        steps = np.arange(n) / n
        x, y = (600 + 500 * wave(2 * np.pi * steps) for wave in (np.cos, np.sin))
        turn = (steps * 65536).astype(np.int64)
    elif kind == "one direction":
        turn[:] = turn[0]
    elif kind == "corners":
        x, y = random.choice([0, 1, 300, MAX_UNITS - 1, MAX_UNITS], (2, n))
    elif kind == "unknown directions":
        turn[random.random(n) < 0.4] = -1
    return of_units(x.round(), y.round(), turn)


def derived(kind: str, template: Template, random: Random) -> Template:
    """Make another print of a print."""
    x, y, turn = to_units(template)
    n = len(x)
    if kind == "shuffled":
        order = random.permutation(n)
        return of_units(x[order], y[order], turn[order])
    if kind == "part":
        kept = random.random(n) < 0.6
        return of_units(x[kept], y[kept], turn[kept])
    if kind == "moved":
        return moved(template, random.uniform(0, 360), *random.uniform(0, 400, 2))
    if kind == "noisy":
        to_x, to_y = (np.clip(v + random.normal(0, 15, n).round(), 0, MAX_UNITS) for v in (x, y))
        to_turn = (turn + random.normal(0, 900, n).round()) % 65536
        return of_units(to_x, to_y, np.where(turn < 0, -1, to_turn))
    if kind == "mirrored":
        return of_units(x.max(initial=0) - x, y, np.where(turn < 0, -1, (32768 - turn) % 65536))
    if kind == "doubled":
        beside = np.minimum(x + 25, MAX_UNITS)
        return of_units(*(np.concatenate(v) for v in ((x, beside), (y, y), (turn, turn))))
    if kind == "with others":
        return together(template, fresh("scattered", random))
    return of_units(x, y, turn)


def another(kind: str, first: Template, random: Random) -> Template:
    """Make a print of a kind, which may be derived from the first."""
    return derived(kind, first, random) if kind in DERIVED else fresh(kind, random)


def together(a: Template, b: Template) -> Template:
    """Superimpose two prints."""
    return of_units(*(np.concatenate(v) for v in zip(to_units(a), to_units(b), strict=True)))


def moved(template: Template, degrees: float, right: float, down: float) -> Template:
    """Turn a print counter-clockwise and shift it, away from the edges, to the nearest units."""
    x, y, turn = to_units(template)
    angle = math.radians(degrees)
    cx, cy = x - x.mean() if len(x) else x, y - y.mean() if len(y) else y
    to_x = math.cos(angle) * cx + math.sin(angle) * cy
    to_y = -math.sin(angle) * cx + math.cos(angle) * cy
    to_x, to_y = (np.rint(v - v.min(initial=0) + by) for v, by in ((to_x, right), (to_y, down)))
    to_turn = np.where(turn < 0, -1, np.rint(turn + degrees * 65536 / 360) % 65536)
    return of_units(np.clip(to_x, 0, MAX_UNITS), np.clip(to_y, 0, MAX_UNITS), to_turn)
