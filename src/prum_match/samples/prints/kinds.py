"""Kinds of prints: plain, rolled, palm, and latents from scenes.

Plain prints have the size, the overlap, the turns and the distortion of FVC2002 DB1 and DB2, whose
volunteers were told to move and turn their fingers. The others are derived from these, with the
sizes that ANSI/NIST-ITL and collections of latents have.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, kw_only=True)
class Kind:
    """Parameters of a kind of print; lengths in pixels at 500 ppi, pairs are across and up."""

    name: str
    impression: int
    size: tuple[int, int]
    # Half axes of the contact area, their variation, and the spread of its centre over the skin.
    contact: tuple[float, float]
    contact_spread: float
    wander: tuple[float, float]
    # How far the print lies from the middle of the image, and how it is turned: degrees.
    shift: float
    turn: float
    # Distortion: smooth (how much, over which length) and of the whole (share).
    smooth: tuple[float, float]
    stretch: float
    # Clearness, mean and deviation, on the scale of the strength of minutiae.
    clearness: tuple[float, float]


_PLAIN = Kind(
    name="plain",
    impression=0,
    # FVC2002 DB1: 388 x 374; hulls of 250 x 320.
    size=(388, 374),
    contact=(132, 185),
    contact_spread=0.15,
    # Two thirds of a print overlap with the other one.
    wander=(30, 42),
    shift=12,
    # Turns between two prints have a deviation of 15 to 17.
    turn=11,
    # Distances between minutiae change by 2 px when they are short, by 4 when they are long.
    smooth=(2, 300),
    stretch=0.008,
    clearness=(0.9, 0.6),
)
_ROLLED = Kind(
    name="rolled",
    impression=1,
    # The box of a ten-print card: 1.6 x 1.5 inches.
    size=(800, 750),
    contact=(220, 265),
    contact_spread=0.08,
    wander=(10, 12),
    shift=25,
    turn=5,
    smooth=(3.5, 300),
    stretch=0.012,
    clearness=(1, 0.5),
)
_LATENT = Kind(
    name="latent",
    impression=4,
    size=(500, 500),
    # An examiner finds about 20 minutiae, and about 100 in a rolled print: the means of NIST SD27,
    # remembered.
    contact=(100, 120),
    contact_spread=0.3,
    wander=(60, 75),
    shift=20,
    turn=30,
    smooth=(4, 250),
    stretch=0.02,
    clearness=(-0.3, 0.7),
)
_PALM = Kind(
    name="palm",
    impression=10,
    size=(2000, 2200),
    contact=(820, 960),
    contact_spread=0.05,
    wander=(40, 40),
    shift=30,
    turn=5,
    smooth=(8, 700),
    stretch=0.01,
    clearness=(0.9, 0.5),
)
_PALM_LATENT = Kind(
    name="latent",
    impression=13,
    size=(1000, 1000),
    contact=(260, 300),
    contact_spread=0.3,
    wander=(450, 550),
    shift=30,
    turn=60,
    smooth=(5, 400),
    stretch=0.02,
    clearness=(-0.3, 0.7),
)
FINGER_KINDS: Mapping[str, Kind] = MappingProxyType(
    {kind.name: kind for kind in (_PLAIN, _ROLLED, _LATENT)}
)
PALM_KINDS: Mapping[str, Kind] = MappingProxyType(
    {kind.name: kind for kind in (_PALM, _PALM_LATENT)}
)
