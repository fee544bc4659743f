"""Noise models in the manner of feature extractors and of an examiner."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

__all__ = ["EXTRACTORS", "Extractor"]


@dataclass(frozen=True)
class Extractor:
    """What an extractor makes of the minutiae that are there.

    Attributes
    ----------
    name : str
        How it is called.
    angle_step : float
        Degrees between the angles that it knows; 0: any whole degree.
    angle_noise : float
        Standard deviation in degrees, where a print is clear.
    lean : float
        How much of the lean of a minutia from the ridges around it follows.
    along_noise, beside_noise : float
        Standard deviations of the position along the ridge and across it, pixels at 500 ppi.
    ending_shift, bifurcation_shift : float
        Where it puts a minutia, pixels along its direction from where it is.
    keenness : float
        How faint a minutia it still finds; 0 is usual, in units of the strength of minutiae.
    taste : tuple of float
        Which minutiae it prefers: two extractors of one taste miss the same ones.
    credulity : float
        How readily it takes a flaw of the print for a minutia, in the same units.
    endings : float
        Chance that a bifurcation is taken for an ending.
    bifurcations : float
        Chance that an ending is taken for a bifurcation.
    unknown : float
        Chance that the type is not stated.
    least_distance : float
        Of two minutiae closer than this, pixels, the fainter is dropped.

    Examples
    --------
    >>> from prum_match.samples import prints
    >>> prints.EXTRACTORS["coarse"].angle_step
    11.25
    """

    name: str
    angle_step: float
    angle_noise: float
    lean: float
    along_noise: float
    beside_noise: float
    ending_shift: float
    bifurcation_shift: float
    keenness: float
    taste: tuple[float, float]
    credulity: float
    endings: float
    bifurcations: float
    unknown: float
    least_distance: float


_ALL = (
    Extractor("fine", 0, 1.7, 1, 1, 0.7, 0, 0, 0.0, (0.5, 0), 0, 0.08, 0.06, 0, 5),
    Extractor("coarse", 11.25, 2, 0, 1, 0.7, -1.4, -1.4, 1.2, (0, 1.2), 0, 0.15, 0.02, 0, 5),
    Extractor("keen", 0, 2, 1, 1, 0.7, 0, 0, 1.2, (-0.8, 0), 0.4, 0.1, 0.08, 0.15, 4),
    Extractor("examiner", 0, 5, 1, 1.3, 1.3, 0, 0, 0.3, (0, -0.4), -0.7, 0.05, 0.05, 0.1, 0),
)
EXTRACTORS: Mapping[str, Extractor] = MappingProxyType({each.name: each for each in _ALL})
"""Extractors by their name: ``"fine"``, ``"coarse"``, ``"keen"``, ``"examiner"``."""
