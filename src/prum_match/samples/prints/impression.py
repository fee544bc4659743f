"""A print of a piece of skin: what touches, how it stretches, what an extractor makes of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from prum_match.dactyloscopy import Template
from prum_match.dactyloscopy.template import BIFURCATION, ENDING, OTHER
from prum_match.samples.prints.extractors import Extractor
from prum_match.samples.prints.skin import Skin
from prum_match.samples.prints.waves import Complexes, Floats, Waves

__all__ = ["FINGER_KINDS", "PALM_KINDS", "Kind", "press"]

PPI = 500


@dataclass(frozen=True)
class Kind:
    """How prints of one kind are taken; lengths in pixels at 500 ppi, pairs are across and up."""

    name: str
    impression: int
    size: tuple[int, int]
    # Half axes of what touches and their spread, and how far its middle wanders over the skin.
    contact: tuple[float, float]
    contact_spread: float
    wander: tuple[float, float]
    # Where the print lies in the image, and how it is turned: standard deviations.
    shift: float
    turn: float
    # Distortion: smooth (pixels, and over which length) and overall (shares).
    smooth: float
    smooth_length: float
    stretch: float
    # Mean and spread of clearness; 0 is usual, in units of the strength of minutiae.
    clearness: tuple[float, float]


_FINGERS = (
    Kind("plain", 0, (388, 374), (150, 185), 0.12, (18, 25), 12, 9, 4, 350, 0.02, (0.8, 0.5)),
    Kind("rolled", 1, (800, 750), (230, 270), 0.08, (10, 12), 25, 5, 6, 350, 0.025, (0.9, 0.5)),
    Kind("latent", 4, (500, 500), (110, 130), 0.3, (60, 75), 20, 30, 7, 300, 0.03, (-0.6, 0.7)),
)
_PALMS = (
    Kind("palm", 10, (2000, 2200), (820, 960), 0.05, (40, 40), 30, 5, 12, 900, 0.02, (0.7, 0.5)),
    Kind(
        "latent", 13, (1000, 1000), (260, 300), 0.3, (450, 550), 30, 60, 9, 500, 0.03, (-0.6, 0.7)
    ),
)
FINGER_KINDS: Mapping[str, Kind] = MappingProxyType({kind.name: kind for kind in _FINGERS})
PALM_KINDS: Mapping[str, Kind] = MappingProxyType({kind.name: kind for kind in _PALMS})

# Over which distance from its border a print fades: pixels.
FADE = 22.0
# Local variations of clearness: deviation and length in pixels.
BLOTCH = (0.7, 160.0)
# A false pair is a ridge that breaks: its ends face each other so many pixels apart.
BREAK = 10.0
PAIRED = 0.4


@dataclass(frozen=True, eq=False)
class _Contact:
    middle: complex
    half: tuple[float, float]
    clearness: float
    blotches: Waves

    @classmethod
    def draw(cls, random: np.random.Generator, kind: Kind) -> _Contact:
        across, up = random.standard_normal(2) * kind.wander
        wide, high = np.array(kind.contact) * np.exp(
            kind.contact_spread * random.standard_normal(2)
        )
        clearness = random.normal(*kind.clearness)
        return cls(complex(across, up), (wide, high), clearness, Waves.draw(random, *BLOTCH))

    def depth(self, points: Complexes) -> Floats:
        """Return how far inside points are: pixels, negative outside."""
        away = points - self.middle
        radius = np.hypot(away.real / self.half[0], away.imag / self.half[1])
        return (1 - radius) * min(self.half)

    def clear(self, points: Complexes) -> Floats:
        """Return how clear the print is there."""
        fading = 3 * np.exp(-np.maximum(self.depth(points), 0) / FADE)
        return self.clearness + self.blotches.at(points)[0].real - fading

    @property
    def area(self) -> float:
        return float(np.pi * self.half[0] * self.half[1])


@dataclass(frozen=True, eq=False)
class _Found:
    points: Complexes
    direction: Floats
    ending: np.typing.NDArray[np.bool_]
    # How much more than needed was seen of it.
    margin: Floats

    def __getitem__(self, chosen: np.typing.NDArray[np.generic]) -> _Found:
        parts = (self.points, self.direction, self.ending, self.margin)
        return _Found(*(part[chosen] for part in parts))

    def __add__(self, other: _Found) -> _Found:
        pairs = (
            (self.points, other.points),
            (self.direction, other.direction),
            (self.ending, other.ending),
            (self.margin, other.margin),
        )
        return _Found(*(np.concatenate(pair) for pair in pairs))


def press(
    random: np.random.Generator, skin: Skin, kind: Kind, extractor: Extractor, position: int
) -> Template:
    """Return a print of the skin."""
    contact = _Contact.draw(random, kind)
    found = _seen(random, skin, contact, extractor) + _false(random, skin, contact, extractor)
    found = _placed(random, _distorted(random, found, kind, contact.middle), kind)
    found = _measured(random, found, extractor)
    inside = (np.abs(found.points.real) < kind.size[0] / 2 - 1) & (
        np.abs(found.points.imag) < kind.size[1] / 2 - 1
    )
    found = _spaced(found[inside], extractor.least_distance)
    return Template(
        x=np.rint(found.points.real + kind.size[0] / 2),
        y=np.rint(kind.size[1] / 2 - found.points.imag),
        angle=_degrees(found.direction, extractor.angle_step),
        type=_types(random, found.ending, extractor),
        quality=np.clip(np.rint(50 + 18 * found.margin), 1, 100),
        width=kind.size[0],
        height=kind.size[1],
        ppi=PPI,
        position=position,
        impression=kind.impression,
    )


def _seen(
    random: np.random.Generator, skin: Skin, contact: _Contact, extractor: Extractor
) -> _Found:
    """Return the minutiae of the skin that are found."""
    touching = contact.depth(skin.points) > 0
    points = skin.points[touching]
    margin = contact.clear(points) + skin.strength[touching] + extractor.keenness
    margin += skin.taste[touching] @ np.array(extractor.taste)
    margin += 0.7 * random.standard_normal(len(points))
    found = _Found(points, skin.direction[touching], skin.ending[touching], margin)
    return found[margin > 0]


def _false(
    random: np.random.Generator, skin: Skin, contact: _Contact, extractor: Extractor
) -> _Found:
    """Return minutiae that are not there, mostly where the print is not clear."""
    tried = random.poisson(2 * extractor.false_rate * contact.area / 1e4)
    radius = np.sqrt(random.uniform(size=tried))
    around = 2 * np.pi * random.uniform(size=tried)
    points = radius * (np.cos(around) * contact.half[0] + 1j * np.sin(around) * contact.half[1])
    points += contact.middle
    doubt = 1 / (1 + np.exp(contact.clear(points)))
    points = points[random.uniform(size=tried) < doubt]
    n = len(points)
    direction = skin.flow.at(points)[0] + np.pi * random.integers(0, 2, n)
    direction += np.radians(10) * random.standard_normal(n)
    ending = random.uniform(size=n) < 0.7
    margin = np.abs(0.5 * random.standard_normal(n))
    found = _Found(points, direction, ending, margin)
    paired = found[random.uniform(size=n) < PAIRED]
    facing = _Found(
        paired.points - BREAK * np.exp(1j * paired.direction),
        paired.direction + np.pi,
        paired.ending,
        paired.margin,
    )
    return found + facing[contact.depth(facing.points) > 0]


def _distorted(random: np.random.Generator, found: _Found, kind: Kind, middle: complex) -> _Found:
    """Return the minutiae on skin that was stretched and sheared, about the middle of the print."""
    away = found.points - middle
    grow, shear_along, shear_across = kind.stretch * random.standard_normal(3)
    # An affine map of the plane: z -> z + p z + q conj(z).
    plain, turned = complex(grow, 0), complex(shear_along, shear_across)
    value, right, up = Waves.draw(random, kind.smooth, kind.smooth_length).at(away)
    points = away + plain * away + turned * away.conj() + value
    ridge = np.exp(1j * found.direction)
    ridge += plain * ridge + turned * ridge.conj() + right * ridge.real + up * ridge.imag
    return _Found(points, np.angle(ridge), found.ending, found.margin)


def _placed(random: np.random.Generator, found: _Found, kind: Kind) -> _Found:
    """Return the minutiae turned and shifted in the image."""
    turn = np.radians(kind.turn) * random.standard_normal()
    shift = complex(*(kind.shift * random.standard_normal(2)))
    return _Found(
        found.points * np.exp(1j * turn) + shift,
        found.direction + turn,
        found.ending,
        found.margin,
    )


def _measured(random: np.random.Generator, found: _Found, extractor: Extractor) -> _Found:
    """Return the minutiae as an extractor measures them: worse where less was seen."""
    worse = 1 + 0.8 * np.exp(-found.margin)
    noise = random.standard_normal((3, len(worse))) * worse
    shift = np.where(found.ending, extractor.ending_shift, extractor.bifurcation_shift)
    points = found.points + shift * np.exp(1j * found.direction)
    points += extractor.position_noise * (noise[0] + 1j * noise[1])
    direction = found.direction + np.radians(extractor.angle_noise) * noise[2]
    return _Found(points, direction, found.ending, found.margin)


def _spaced(found: _Found, least: float) -> _Found:
    """Return the minutiae that have no better one too close, in the order of rows of the image."""
    found = found[np.argsort(-found.margin, kind="stable")]
    close = np.abs(found.points[:, None] - found.points) < least
    found = found[~np.tril(close, -1).any(axis=1)]
    return found[np.lexsort((found.points.real, -found.points.imag))]


def _degrees(direction: Floats, step: float) -> Floats:
    return np.rint(np.degrees(direction) / (step or 1)) * (step or 1) % 360


def _types(
    random: np.random.Generator, ending: np.typing.NDArray[np.bool_], extractor: Extractor
) -> np.typing.NDArray[np.uint8]:
    mistaken = random.uniform(size=len(ending)) < np.where(
        ending, extractor.bifurcations, extractor.endings
    )
    types = np.where(ending ^ mistaken, ENDING, BIFURCATION)
    types[random.uniform(size=len(ending)) < extractor.unknown] = OTHER
    return types.astype(np.uint8)
