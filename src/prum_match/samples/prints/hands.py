"""Synthetic fingers and palms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from prum_match.dactyloscopy import Template
from prum_match.dactyloscopy.positions import FINGERS, UNKNOWN_FINGER
from prum_match.errors import InvalidInput
from prum_match.samples.prints.kinds import FINGER_KINDS, PALM_KINDS, Kind
from prum_match.samples.prints.patterns import PATTERNS, finger_flow, palm_flow, pattern_of
from prum_match.samples.prints.skin import Skin, grow
from prum_match.samples.prints.touch import Touch, touch
from prum_match.values.checks import one_of

# Minutiae a square pixel at 500 ppi, before those are left out that stand too close. FVC2002: 8.5
# to 10 in 10000 square pixels are found.
FINGER_DENSITY = 0.0005
# A whole palm shows 600 to 1000.
PALM_DENSITY = 0.00026
# Half width and half height of the skin that may touch, pixels: a finger, rolled from nail to
# nail; a palm without its fingers.
FINGER_HALVES = (260, 300)
PALM_HALVES = (850, 1000)


@dataclass(frozen=True, eq=False)
class Finger:
    """A synthetic finger: its ridge flow and all its minutiae.

    Attributes
    ----------
    pattern : str
        One of :data:`PATTERNS`.
    position : int
        Friction ridge position; 0 if it does not matter.
    skin : object
        Skin with the minutiae.

    Examples
    --------
    >>> import numpy as np
    >>> from prum_match.samples import prints
    >>> random = np.random.default_rng(7)
    >>> finger = prints.Finger.draw(random, pattern="whorl", position=2)
    >>> finger
    Finger(pattern='whorl', position=2)
    >>> finger.impression(random), finger.impression(random, "latent", "examiner")
    (<Template: ... minutiae, right index>, <Template: ... minutiae, latent, unknown finger>)
    """

    pattern: str
    position: int
    skin: Skin = field(repr=False)

    @classmethod
    def draw(
        cls, random: np.random.Generator, pattern: str | None = None, position: int = 0
    ) -> Finger:
        """Draw a finger.

        Parameters
        ----------
        random : numpy.random.Generator
            Random generator.
        pattern : str, optional
            One of :data:`PATTERNS`; by default drawn with its share.
        position : int, default 0
            1 to 10, or 0 for any: most loops open towards the little finger.

        Raises
        ------
        InvalidInput
            Codes ``"bad_option"``, ``"bad_position"``.
        """
        if position not in (UNKNOWN_FINGER, *FINGERS):
            raise InvalidInput(
                "the position of a finger is 0 to 10",
                code="bad_position",
                field="position",
                value=position,
            )
        if pattern is None:
            pattern = pattern_of(random, position)
        one_of(pattern, "pattern", PATTERNS, code="bad_option")
        wide, high = FINGER_HALVES
        flow = finger_flow(random, pattern)
        size = np.exp(0.07 * random.standard_normal())
        density = FINGER_DENSITY * np.exp(0.15 * random.standard_normal())
        return cls(pattern, position, grow(random, flow, (size * wide, size * high), density))

    def impression(
        self,
        random: np.random.Generator,
        kind: str = "plain",
        extractor: str = "fine",
        position: int | None = None,
    ) -> Template:
        """Take a print.

        Parameters
        ----------
        random : numpy.random.Generator
            Random generator.
        kind : {"plain", "rolled", "latent"}
            Kind of print.
        extractor : str
            One of :data:`EXTRACTORS`.
        position : int, optional
            Position in the template; by default that of the finger, and 0 for a latent.

        Returns
        -------
        Template

        Raises
        ------
        InvalidInput
            Codes ``"bad_option"``, ``"bad_position"``.
        """
        if position is None:
            position = UNKNOWN_FINGER if kind == "latent" else self.position
        return self.touch(random, kind).read(random, extractor, position)

    def touch(self, random: np.random.Generator, kind: str = "plain") -> Touch:
        """Return a touch, which can be read several times.

        Parameters
        ----------
        random : numpy.random.Generator
            Random generator.
        kind : {"plain", "rolled", "latent"}
            Kind of print.

        Raises
        ------
        InvalidInput
            Code ``"bad_option"``.
        """
        return _touch(random, self.skin, kind, FINGER_KINDS)


@dataclass(frozen=True, eq=False)
class Palm:
    """A synthetic palm.

    Attributes
    ----------
    skin : object
        Skin with the minutiae.

    Examples
    --------
    >>> import numpy as np
    >>> from prum_match.samples import prints
    >>> random = np.random.default_rng(7)
    >>> palm = prints.Palm.draw(random)
    >>> palm.impression(random, position=21)
    <Template: ... minutiae, right full palm>
    """

    skin: Skin = field(repr=False)

    @classmethod
    def draw(cls, random: np.random.Generator) -> Palm:
        """Draw a palm."""
        density = PALM_DENSITY * np.exp(0.1 * random.standard_normal())
        return cls(grow(random, palm_flow(random), PALM_HALVES, density))

    def impression(
        self,
        random: np.random.Generator,
        kind: str = "palm",
        extractor: str = "fine",
        position: int = 20,
    ) -> Template:
        """Take a print as :meth:`Finger.impression` does: of the kind "palm" or "latent"."""
        return self.touch(random, kind).read(random, extractor, position)

    def touch(self, random: np.random.Generator, kind: str = "palm") -> Touch:
        """Return a touch, as :meth:`Finger.touch` does, of the same kinds as :meth:`impression`."""
        return _touch(random, self.skin, kind, PALM_KINDS)


def _touch(random: np.random.Generator, skin: Skin, kind: str, kinds: Mapping[str, Kind]) -> Touch:
    return touch(random, skin, kinds[one_of(kind, "kind", kinds, code="bad_option")])
