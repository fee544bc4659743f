"""Noise models in the manner of feature extractors and of an examiner."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, kw_only=True)
class Extractor:
    """How an extractor sees minutiae. Pixels are those of 500 ppi.

    Attributes
    ----------
    name : str
        How it is called.
    keenness : float
        How faint a minutia it still finds: what it adds to the clearness of each.
    credulity : float
        The same for flaws of the print that look like minutiae.
    taste : tuple of float
        Which minutiae it prefers: two extractors of one taste miss the same ones.
    border : float
        How near to where a print ends it takes no minutiae, pixels.
    least_distance : float
        Of two minutiae closer than this, pixels, the fainter is left out.
    lean : float
        How much of the lean of a minutia from the ridges around it follows.
    angle_step : float
        Degrees between the angles that it knows.
    angle_noise : float
        Standard deviation in degrees, where a print is clear.
    along_noise, beside_noise : float
        Standard deviations of the position along the ridge and across it, pixels.
    shift : float
        How much further along its direction it puts a minutia, pixels.
    taken_for_ending, taken_for_bifurcation : float
        Chance that the type of a bifurcation, or of an ending, is mistaken.
    unknown_type : float
        Chance that the type is not stated.

    Examples
    --------
    >>> from prum_match.samples import prints
    >>> prints.EXTRACTORS["coarse"].angle_step
    11.25
    """

    name: str
    keenness: float
    credulity: float
    taste: tuple[float, float]
    border: float
    least_distance: float
    lean: float
    angle_step: float
    angle_noise: float
    along_noise: float
    beside_noise: float
    shift: float
    taken_for_ending: float
    taken_for_bifurcation: float
    unknown_type: float


# Fitted by hand until the summaries of FVC2002 DB1 and DB2 came out: how many minutiae, on what
# area, how far from each other, how many are mated, with what residuals, and what two extractors
# make of one image. `benchmarks/dactyloscopy/statistics.py` prints them beside ours.
_FINE = Extractor(
    # As SourceAFIS: few minutiae, none near the border or in clusters, precise angles.
    name="fine",
    keenness=0.7,
    credulity=0.2,
    taste=(0.8, 0),
    border=18,
    least_distance=5,
    lean=1,
    angle_step=1,
    angle_noise=1.9,
    along_noise=1.15,
    beside_noise=0.85,
    shift=0,
    taken_for_ending=0.08,
    taken_for_bifurcation=0.06,
    unknown_type=0,
)
_COARSE = Extractor(
    # As NBIS mindtct: the direction of the ridges around in 32 steps, up to the border.
    name="coarse",
    keenness=1.2,
    credulity=0,
    taste=(0, 1.3),
    border=0,
    least_distance=5,
    lean=0,
    angle_step=11.25,
    angle_noise=2,
    along_noise=1,
    beside_noise=0.75,
    shift=-1.4,
    taken_for_ending=0.13,
    taken_for_bifurcation=0,
    unknown_type=0,
)
_KEEN = Extractor(
    # As FingerJetFX: takes both ends of short ridges, leaves some types open.
    name="keen",
    keenness=1.4,
    credulity=0.4,
    taste=(-0.6, 0),
    border=8,
    least_distance=4,
    lean=1,
    angle_step=1,
    angle_noise=2.3,
    along_noise=1.1,
    beside_noise=0.8,
    shift=0,
    taken_for_ending=0.1,
    taken_for_bifurcation=0.08,
    unknown_type=0.15,
)
_EXAMINER = Extractor(
    # Nothing was measured; careful, sees through noise, points by hand.
    name="examiner",
    keenness=0.6,
    credulity=-0.7,
    taste=(0, -0.4),
    border=0,
    least_distance=0,
    lean=1,
    angle_step=1,
    angle_noise=5,
    along_noise=1.3,
    beside_noise=1.3,
    shift=0,
    taken_for_ending=0.05,
    taken_for_bifurcation=0.05,
    unknown_type=0.1,
)
EXTRACTORS: Mapping[str, Extractor] = MappingProxyType(
    {each.name: each for each in (_FINE, _COARSE, _KEEN, _EXAMINER)}
)
"""Extractors by their name: ``"fine"``, ``"coarse"``, ``"keen"``, ``"examiner"``."""
