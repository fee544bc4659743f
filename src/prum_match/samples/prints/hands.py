"""Fingers and palms that nobody has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from prum_match.dactyloscopy import Template
from prum_match.errors import InvalidInput
from prum_match.samples.prints.flow import Flow
from prum_match.samples.prints.kinds import FINGER_KINDS, PALM_KINDS
from prum_match.samples.prints.skin import Skin, grow
from prum_match.samples.prints.touch import Touch, touch
from prum_match.samples.prints.waves import Waves

__all__ = ["PATTERNS", "Finger", "Palm"]

PATTERNS: Mapping[str, float] = {
    "arch": 0.037,
    "tented arch": 0.029,
    "left loop": 0.338,
    "right loop": 0.317,
    "whorl": 0.229,
    "twin loop": 0.05,
}
"""Patterns and their shares: those of Wilson, Candela and Watson (1994), twin loops
taken out of the whorls. A left loop opens to the left of the image."""

# Minutiae a square pixel at 500 ppi away from cores and deltas: 0.19 in a square millimetre.
FINGER_DENSITY = 0.00034
PALM_DENSITY = 0.00022
# How much wider ridges get over a pixel.
WIDENING = 0.0009


@dataclass(frozen=True, eq=False)
class Finger:
    """A finger that nobody has: its ridge flow and all its minutiae.

    Attributes
    ----------
    pattern : str
        One of :data:`PATTERNS`.
    skin : object
        Where its minutiae are.

    Examples
    --------
    >>> import numpy as np
    >>> from prum_match.samples import prints
    >>> random = np.random.default_rng(7)
    >>> finger = prints.Finger.draw(random, pattern="whorl")
    >>> finger.impression(random, position=2)
    <Template: ... minutiae, right index>
    """

    pattern: str
    skin: Skin

    @classmethod
    def draw(cls, random: np.random.Generator, pattern: str | None = None) -> Finger:
        """Draw a finger.

        Parameters
        ----------
        random : numpy.random.Generator
            Where chance comes from.
        pattern : str, optional
            One of :data:`PATTERNS`; drawn with its share where it is not given.

        Raises
        ------
        InvalidInput
            Code ``"bad_option"``.
        """
        if pattern is None:
            shares = np.cumsum(list(PATTERNS.values()))
            pattern = list(PATTERNS)[int(np.searchsorted(shares, random.uniform(0, shares[-1])))]
        _one_of("pattern", pattern, PATTERNS)
        flow = _finger_flow(random, pattern)
        size = np.exp(0.07 * random.standard_normal())
        density = FINGER_DENSITY * np.exp(0.15 * random.standard_normal())
        return cls(pattern, grow(random, flow, 260 * size, 300 * size, density))

    def impression(
        self,
        random: np.random.Generator,
        kind: str = "plain",
        extractor: str = "fine",
        position: int = 0,
    ) -> Template:
        """Take a print.

        Parameters
        ----------
        random : numpy.random.Generator
            Where chance comes from.
        kind : {"plain", "rolled", "latent"}
            How it is taken.
        extractor : str
            One of :data:`EXTRACTORS`.
        position : int
            Position that the template states.

        Returns
        -------
        Template

        Raises
        ------
        InvalidInput
            Codes ``"bad_option"``, ``"bad_position"``.
        """
        return self.touch(random, kind).read(random, extractor, position)

    def touch(self, random: np.random.Generator, kind: str = "plain") -> Touch:
        """Touch something: what is left can be read more than once.

        Parameters
        ----------
        random : numpy.random.Generator
            Where chance comes from.
        kind : {"plain", "rolled", "latent"}
            How it is taken.

        Raises
        ------
        InvalidInput
            Code ``"bad_option"``.
        """
        _one_of("kind", kind, FINGER_KINDS)
        return touch(random, self.skin, FINGER_KINDS[kind])


@dataclass(frozen=True, eq=False)
class Palm:
    """A palm that nobody has.

    Attributes
    ----------
    skin : object
        Where its minutiae are.

    Examples
    --------
    >>> import numpy as np
    >>> from prum_match.samples import prints
    >>> random = np.random.default_rng(7)
    >>> palm = prints.Palm.draw(random)
    >>> palm.impression(random, position=21)
    <Template: ... minutiae, right full palm>
    """

    skin: Skin

    @classmethod
    def draw(cls, random: np.random.Generator) -> Palm:
        """Draw a palm.

        Parameters
        ----------
        random : numpy.random.Generator
            Where chance comes from.
        """
        density = PALM_DENSITY * np.exp(0.1 * random.standard_normal())
        return cls(grow(random, _palm_flow(random), 850, 1000, density))

    def impression(
        self,
        random: np.random.Generator,
        kind: str = "palm",
        extractor: str = "fine",
        position: int = 20,
    ) -> Template:
        """Take a print.

        Parameters
        ----------
        random : numpy.random.Generator
            Where chance comes from.
        kind : {"palm", "latent"}
            How it is taken.
        extractor : str
            One of :data:`EXTRACTORS`.
        position : int
            Position that the template states.

        Returns
        -------
        Template

        Raises
        ------
        InvalidInput
            Codes ``"bad_option"``, ``"bad_position"``.
        """
        return self.touch(random, kind).read(random, extractor, position)

    def touch(self, random: np.random.Generator, kind: str = "palm") -> Touch:
        """Touch something: what is left can be read more than once.

        Parameters
        ----------
        random : numpy.random.Generator
            Where chance comes from.
        kind : {"palm", "latent"}
            How it is taken.

        Raises
        ------
        InvalidInput
            Code ``"bad_option"``.
        """
        _one_of("kind", kind, PALM_KINDS)
        return touch(random, self.skin, PALM_KINDS[kind])


def _one_of(field: str, value: Any, known: Mapping[str, Any]) -> None:
    if value not in known:
        names = ", ".join(map(repr, known))
        raise InvalidInput(
            f"{field} is one of {names}", code="bad_option", field=field, value=value
        )


def _finger_flow(random: np.random.Generator, pattern: str) -> Flow:
    def between(low: float, high: float) -> float:
        return float(random.uniform(low, high))

    core = complex(between(-15, 15), between(0, 40))
    side = 1 if pattern == "left loop" else -1
    cores: list[complex] = [core]
    deltas: list[complex] = []
    bump = 0.0
    if pattern == "arch":
        cores, bump = [], between(0.4, 0.8)
    elif pattern == "tented arch":
        deltas, bump = [core + complex(between(-12, 12), -between(50, 100))], between(0.1, 0.3)
    elif pattern in ("left loop", "right loop"):
        deltas = [core + complex(side * between(55, 140), -between(80, 160))]
    else:
        apart = complex(between(-10, 10), -between(15, 70))
        if pattern == "twin loop":
            apart = between(55, 95) * np.exp(1j * np.radians(-90 + side * between(30, 60)))
        cores = [core, core + apart]
        middle = core + apart / 2
        deltas = [middle + complex(s * between(85, 160), -between(60, 140)) for s in (-1, 1)]
    waves = Waves.draw(random, 0.12, 260)
    widening = WIDENING * complex(*random.standard_normal(2))
    return Flow(
        np.array(cores, np.complex128),
        np.array(deltas, np.complex128),
        between(0.25, 0.5),
        bump,
        waves,
        widening,
    )


def _palm_flow(random: np.random.Generator) -> Flow:
    # The triradii a to d below the fingers, t at the wrist, and the loops between the fingers
    # that keep their sum in balance (Cummins and Midlo 1943).
    wobble = random.normal(0, 35, (9, 2)) @ [1, 1j]
    deltas = np.array([-560 + 740j, -180 + 830j, 190 + 810j, 560 + 660j, 60 - 820j]) + wobble[:5]
    cores = np.array([-360 + 560j, 10 + 600j, 380 + 540j, 430 - 330j]) + wobble[5:]
    waves = Waves.draw(random, 0.25, 900)
    widening = WIDENING / 3 * complex(*random.standard_normal(2))
    return Flow(cores, deltas, 0.3, 0.0, waves, widening, tip_from=-200, tip_width=700)
