"""How prints are taken: plain, rolled, of palms, and what is left at scenes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

__all__ = ["FINGER_KINDS", "PALM_KINDS", "Kind"]


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
    Kind("plain", 0, (388, 374), (150, 185), 0.15, (30, 42), 12, 11, 1.9, 300, 0.008, (0.9, 0.4)),
    Kind("rolled", 1, (800, 750), (230, 270), 0.08, (10, 12), 25, 5, 3.5, 300, 0.015, (1, 0.4)),
    Kind("latent", 4, (500, 500), (110, 130), 0.3, (60, 75), 20, 30, 4, 250, 0.02, (-0.3, 0.7)),
)
_PALMS = (
    Kind("palm", 10, (2000, 2200), (820, 960), 0.05, (40, 40), 30, 5, 8, 700, 0.01, (0.9, 0.4)),
    Kind(
        "latent", 13, (1000, 1000), (260, 300), 0.3, (450, 550), 30, 60, 5, 400, 0.02, (-0.3, 0.7)
    ),
)
FINGER_KINDS: Mapping[str, Kind] = MappingProxyType({kind.name: kind for kind in _FINGERS})
PALM_KINDS: Mapping[str, Kind] = MappingProxyType({kind.name: kind for kind in _PALMS})
