"""A touch: contact area and distortion of the skin, and reading by an extractor."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from prum_match.dactyloscopy import Template
from prum_match.dactyloscopy.template import BIFURCATION, ENDING, OTHER
from prum_match.samples.prints.extractors import EXTRACTORS, Extractor
from prum_match.samples.prints.kinds import Kind
from prum_match.samples.prints.skin import Minutiae, Skin, apart
from prum_match.samples.prints.waves import Complexes, Floats, Waves
from prum_match.values.checks import one_of

PPI = 500
# Clearness has no unit: it is added to the strength of a minutia, and what is above 0 is found.
# Over how many pixels from its border a print fades, and by how much.
FADE = 20.0
FADED = 3.0
# Local variations of clearness: deviation, and length in pixels.
BLOTCH = (0.6, 160.0)
# How a minutia differs from one print to the next, and an extractor from itself. FVC2002: little;
# 8 in 10 minutiae are found again.
LUCK = 0.2
WHIM = 0.2
# How often an ending prints as a bifurcation, or the reverse: pressure and ink decide. FVC2002: two
# extractors agree about types in one image more often than one does in two images.
TYPE_CHANGES = 0.1
# Where ridges may break or touch so that minutiae seem to be: in 10000 square pixels, and how
# clear these are where the print is not.
FLAWS = 10.0
FLAW_CLEARNESS = -2.2
# How their directions lean from the ridges: radians.
FLAW_LEAN = np.radians(20)
FLAW_ENDINGS = 0.65
# Some are ridges that break: their ends face each other, so many pixels apart.
BREAK = 11.0
BROKEN = 0.25
# How much worse the position and the direction of the faintest minutiae are than of the clear.
WORSE = 0.8


@dataclass(frozen=True, eq=False)
class _Contact:
    middle: complex
    half: tuple[float, float]
    clearness: float
    blotches: Waves

    @classmethod
    def draw(cls, random: np.random.Generator, kind: Kind) -> _Contact:
        across, up = random.standard_normal(2) * kind.wander
        wide, high = np.exp(kind.contact_spread * random.standard_normal(2)) * kind.contact
        clearness = random.normal(*kind.clearness)
        return cls(complex(across, up), (wide, high), clearness, Waves.draw(random, *BLOTCH))

    def depth(self, points: Complexes) -> Floats:
        """Return how far inside points are: pixels, negative outside."""
        away = points - self.middle
        out: Floats = np.hypot(away.real / self.half[0], away.imag / self.half[1])
        return (1 - out) * min(self.half)

    def clear(self, points: Complexes) -> Floats:
        """Return how clear the print is there."""
        fading: Floats = FADED * np.exp(-np.maximum(self.depth(points), 0) / FADE)
        blotches: Floats = self.blotches.at(points)[0].real
        return self.clearness + blotches - fading


@dataclass(frozen=True, eq=False, repr=False)
class Touch:
    """A touch of a finger or a palm, which extractors can read.

    Attributes
    ----------
    kind : str
        How it was taken.

    Examples
    --------
    Two extractors read one and the same print:

    >>> import numpy as np
    >>> from prum_match.samples import prints
    >>> random = np.random.default_rng(7)
    >>> touch = prints.Finger.draw(random).touch(random, "rolled")
    >>> touch
    <Touch: rolled>
    >>> touch.read(random, "fine", position=3), touch.read(random, "coarse", position=3)
    (<Template: ... minutiae, right middle>, <Template: ... minutiae, right middle>)
    """

    _kind: Kind
    _seen: Minutiae
    # How far each lies from where the print ends, and which are flaws.
    _depth: Floats
    _flaw: NDArray[np.bool_]

    def __repr__(self) -> str:
        return f"<Touch: {self.kind}>"

    @property
    def kind(self) -> str:
        """Kind of print."""
        return self._kind.name

    def read(
        self, random: np.random.Generator, extractor: str = "fine", position: int = 0
    ) -> Template:
        """Return the template of an extractor.

        Parameters
        ----------
        random : numpy.random.Generator
            Random generator.
        extractor : str
            One of :data:`EXTRACTORS`.
        position : int
            Position in the template.

        Returns
        -------
        Template

        Raises
        ------
        InvalidInput
            Codes ``"bad_option"``, ``"bad_position"``.
        """
        return self.read_numbered(random, extractor, position)[0]

    def read_numbered(
        self, random: np.random.Generator, extractor: str = "fine", position: int = 0
    ) -> tuple[Template, NDArray[np.int64]]:
        """Return the template, and the number of the skin's minutia for each of its minutiae.

        As :meth:`read`; a false minutia has the number -1. Two prints of one finger have the same
        minutia where they have the same number.

        Examples
        --------
        >>> import numpy as np
        >>> from prum_match.samples import prints
        >>> random = np.random.default_rng(7)
        >>> template, numbers = prints.Finger.draw(random).touch(random).read_numbered(random)
        >>> len(template) == len(numbers)
        True
        """
        by = EXTRACTORS[one_of(extractor, "extractor", EXTRACTORS, code="bad_option")]
        found = _spaced(_measured(random, self._found(random, by), by), by.least_distance)
        width, height = self._kind.size
        x, y = np.rint(found.points.real + width / 2), np.rint(height / 2 - found.points.imag)
        inside = (x >= 0) & (x < width) & (y >= 0) & (y < height)
        found = found[inside]
        template = Template(
            x=x[inside],
            y=y[inside],
            angle=_degrees(found.direction, by.angle_step),
            type=_types(random, found.ending, by),
            quality=np.clip(np.rint(40 + 18 * found.strength), 1, 100),
            width=width,
            height=height,
            ppi=PPI,
            position=position,
            impression=self._kind.impression,
        )
        return template, found.number

    def _found(self, random: np.random.Generator, by: Extractor) -> Minutiae:
        """Return what is clear enough to be found; its strength says by how much."""
        margin = self._seen.strength + np.where(self._flaw, by.credulity, by.keenness)
        margin += by.taste[0] * self._seen.taste[:, 0] + by.taste[1] * self._seen.taste[:, 1]
        margin += WHIM * random.standard_normal(len(margin))
        return replace(self._seen, strength=margin)[(margin > 0) & (self._depth > by.border)]


def touch(random: np.random.Generator, skin: Skin, kind: Kind) -> Touch:
    """Press the skin on a glass, or let it leave a latent."""
    contact = _Contact.draw(random, kind)
    here = skin.minutiae[contact.depth(skin.minutiae.points) > 0]
    luck = LUCK * random.standard_normal(len(here))
    changed = random.uniform(size=len(here)) < TYPE_CHANGES
    strength = here.strength + contact.clear(here.points) + luck
    here = replace(here, strength=strength, ending=here.ending ^ changed)
    flaws = _flaws(random, skin, contact)
    there = here + flaws
    seen = _placed(random, _distorted(random, there, kind, contact.middle), kind)
    flaw = np.repeat([False, True], [len(here), len(flaws)])
    return Touch(kind, seen, contact.depth(there.points), flaw)


def _flaws(random: np.random.Generator, skin: Skin, contact: _Contact) -> Minutiae:
    """Return false minutiae, which are clearer where the print is less clear."""
    n = random.poisson(FLAWS * np.pi * contact.half[0] * contact.half[1] / 1e4)
    radius, around = np.sqrt(random.uniform(size=n)), random.uniform(0, 2 * np.pi, n)
    points = radius * (np.cos(around) * contact.half[0] + 1j * np.sin(around) * contact.half[1])
    points += contact.middle
    strength = FLAW_CLEARNESS - contact.clear(points) + random.standard_normal(n)
    # The rest no extractor takes for a minutia.
    seen = strength > -2
    points, n = points[seen], int(np.count_nonzero(seen))
    direction = skin.flow.at(points)[0] + np.pi * random.integers(0, 2, n)
    lone = Minutiae(
        points,
        direction,
        FLAW_LEAN * random.standard_normal(n),
        random.uniform(size=n) < FLAW_ENDINGS,
        strength[seen],
        random.standard_normal((n, 2)),
        np.full(n, -1),
    )
    broken = lone[random.uniform(size=n) < BROKEN]
    opposite = replace(
        broken,
        points=broken.points - BREAK * np.exp(1j * broken.direction),
        direction=broken.direction + np.pi,
        lean=FLAW_LEAN * random.standard_normal(len(broken)),
    )
    return lone + opposite


def _distorted(
    random: np.random.Generator, seen: Minutiae, kind: Kind, middle: complex
) -> Minutiae:
    """Return the minutiae on skin that was stretched and sheared about the middle of the print."""
    away = seen.points - middle
    stretch, along, across = kind.stretch * random.standard_normal(3)
    # An affine map of the plane: z -> z + p z + q conj(z).
    plain, turned = complex(stretch, 0), complex(along, across)
    value, right, up = Waves.draw(random, *kind.smooth).at(away)
    points = away + plain * away + turned * away.conj() + value
    ridge = np.exp(1j * seen.direction)
    ridge += plain * ridge + turned * ridge.conj() + right * ridge.real + up * ridge.imag
    return replace(seen, points=points, direction=np.angle(ridge))


def _placed(random: np.random.Generator, seen: Minutiae, kind: Kind) -> Minutiae:
    """Return the minutiae turned and shifted in the image."""
    turn = np.radians(kind.turn) * random.standard_normal()
    shift = complex(*(kind.shift * random.standard_normal(2)))
    points = seen.points * np.exp(1j * turn) + shift
    return replace(seen, points=points, direction=seen.direction + turn)


def _measured(random: np.random.Generator, found: Minutiae, by: Extractor) -> Minutiae:
    """Return the minutiae as an extractor measures them: worse where they are less clear."""
    worse = 1 + WORSE * np.exp(-found.strength)
    noise = random.standard_t(4, (3, len(worse))) * worse
    step = by.shift + by.along_noise * noise[0] + 1j * by.beside_noise * noise[1]
    points = found.points + step * np.exp(1j * found.direction)
    return replace(
        found,
        points=points,
        direction=found.direction + by.lean * found.lean + np.radians(by.angle_noise) * noise[2],
    )


def _spaced(found: Minutiae, least: float) -> Minutiae:
    """Return the minutiae that have no clearer one too close, by rows of the image."""
    found = found[np.argsort(-found.strength, kind="stable")]
    found = found[apart(found.points, least)]
    return found[np.lexsort((found.points.real, -np.rint(found.points.imag)))]


def _degrees(direction: Floats, step: float) -> Floats:
    return np.rint(np.degrees(direction) / step) * step % 360


def _types(random: np.random.Generator, ending: NDArray[np.bool_], by: Extractor) -> NDArray[Any]:
    n = len(ending)
    mistaken = random.uniform(size=n) < np.where(
        ending, by.taken_for_bifurcation, by.taken_for_ending
    )
    types = np.where(ending ^ mistaken, ENDING, BIFURCATION)
    types[random.uniform(size=n) < by.unknown_type] = OTHER
    return types
