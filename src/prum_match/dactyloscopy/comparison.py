"""One print against another: the score, and what it rests on."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from prum_match import _native
from prum_match.dactyloscopy.calibration import calibration_for
from prum_match.dactyloscopy.features import CODES, features_of
from prum_match.dactyloscopy.template import TURN, UNITS_PER_INCH, Template, from_turns
from prum_match.errors import InvalidInput

Places = NDArray[np.int64]
_UNITS_PER_MM = UNITS_PER_INCH / 25.4


@dataclass(frozen=True)
class Motion:
    """How the first print has to be turned and shifted to lie on the second.

    Attributes
    ----------
    turn : float
        Degrees, counter-clockwise as seen.
    x, y : float
        Millimetres, to the right and down, of the first print's top-left corner after the turn.
    """

    turn: float
    x: float
    y: float


@dataclass(frozen=True, eq=False, repr=False)
class Comparison:
    """The comparison of two prints.

    Attributes
    ----------
    score : float
        The comparison score: 0 for nothing in common, higher for more. The same on every machine,
        both ways round, and however the minutiae are sorted.
    pairs : numpy.ndarray of int64, shape (k, 2)
        Minutiae that the score takes for the same: their places in `a` and in `b`.
    distances : numpy.ndarray of float64, shape (k,)
        How far apart the two of a pair lie once `a` was moved on `b`, millimetres.
    turns : numpy.ndarray of float64, shape (k,)
        By how much their directions then differ, degrees, -180 to 180.
    motion : Motion or None
        How `a` was moved; None where nothing paired up.
    overlap : tuple of int
        Minutiae of `a` and of `b` where the prints overlap, by the outlines of their minutiae.
    a, b : Template
        What was compared.
    """

    score: float
    pairs: Places
    distances: NDArray[np.float64]
    turns: NDArray[np.float64]
    motion: Motion | None
    overlap: tuple[int, int]
    a: Template
    b: Template

    @property
    def unpaired(self) -> tuple[Places, Places]:
        """Places of the minutiae of `a` and of `b` that stayed without a partner."""
        return tuple(  # type: ignore[return-value]
            np.setdiff1d(np.arange(len(template)), self.pairs[:, side])
            for side, template in enumerate((self.a, self.b))
        )

    @property
    def log10_lr(self) -> float:
        """Common logarithm of the likelihood ratio, by the calibration that the package ships.

        It was fitted on sample prints and holds for a population like these, and for two prints
        that were compared for another reason than their score: see :func:`selected_ratio` for a
        candidate of a search. A score beyond those that were fitted gets the ratio at the end.

        Raises
        ------
        ComparisonMismatch
            Code ``"no_calibration"``: a finger against a palm.
        """
        calibration = calibration_for(self.a, self.b)
        stratum = calibration.stratum
        llr = calibration.apply(self.score, model=CODES, stratum=stratum, outside="clip")
        return llr / math.log(10)

    @property
    def not_compared(self) -> tuple[int, int]:
        """How many minutiae of `a` and of `b` have no direction and took no part."""
        return self.a.not_compared, self.b.not_compared

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Comparison):
            return NotImplemented
        # All the rest follows from these.
        return (self.a, self.b, self.score) == (other.a, other.b, other.score)

    def __hash__(self) -> int:
        return hash((self.a, self.b))

    def __str__(self) -> str:
        lines = [
            f"comparison score {self.score:.2f}",
            f"{len(self.pairs)} pairs of minutiae; "
            f"{self.overlap[0]} and {self.overlap[1]} minutiae where the prints overlap",
        ]
        if self.motion is not None:
            lines.append(
                f"first print turned by {self.motion.turn:.1f} degrees, "
                f"shifted by {self.motion.x:.2f} mm and {self.motion.y:.2f} mm"
            )
            lines.append(
                f"pairs lie {np.median(self.distances):.2f} mm apart (median), "
                f"directions differ by {np.median(np.abs(self.turns)):.1f} degrees"
            )
        left = [len(places) for places in self.unpaired]
        lines.append(f"without a partner: {left[0]} of {len(self.a)}, {left[1]} of {len(self.b)}")
        if any(self.not_compared):
            lines.append("without a direction, not compared: {} and {}".format(*self.not_compared))
        return "\n".join(lines)

    def __repr__(self) -> str:
        return f"<Comparison: score {self.score:.2f}, {len(self.pairs)} pairs>"


def compare(a: Template, b: Template) -> Comparison:
    """Compare two prints by their minutiae.

    Positions of hands are not looked at; a search does that.

    Parameters
    ----------
    a, b : Template
        What is compared.

    Raises
    ------
    InvalidInput
        Code ``"bad_template"``.

    Examples
    --------
    >>> from prum_match import dactyloscopy
    >>> from prum_match.samples import prints
    >>> (a, b, other, _), _ = prints.sample(2, seed=1)
    >>> dactyloscopy.compare(a, b).score > dactyloscopy.compare(a, other).score
    True
    """
    (first, places_a), (second, places_b) = (features_of(_checked(t)) for t in (a, b))
    found = _native.print_compare(first, second)
    pairs = found["pairs"].astype(np.int64)
    motion = found["motion"]
    pairs = np.column_stack([places_a[pairs[:, 0]], places_b[pairs[:, 1]]]).astype(np.int64)
    pairs = pairs[np.lexsort(pairs.T[::-1])]
    distances, turns = _residuals(a, b, pairs, motion)
    return Comparison(
        score=found["score"],
        pairs=pairs,
        distances=distances,
        turns=turns,
        motion=_motion(*motion) if len(pairs) else None,
        overlap=found["overlap"],
        a=a,
        b=b,
    )


def score_matrix(
    probes: Sequence[Template], references: Sequence[Template], threads: int | None = None
) -> NDArray[np.float64]:
    """Compare all with all.

    Parameters
    ----------
    probes, references : sequence of Template
        What is compared.
    threads : int, optional
        Threads to use; by default the usable cores.

    Returns
    -------
    numpy.ndarray of float64, shape (probes, references)
        Comparison scores, as :func:`compare` gives them.

    Raises
    ------
    InvalidInput
        Code ``"bad_template"``, with the index.

    Examples
    --------
    >>> from prum_match import dactyloscopy
    >>> from prum_match.samples import prints
    >>> templates, _ = prints.sample(3, 2, seed=1)
    >>> dactyloscopy.score_matrix(templates[::2], templates[1::2]).argmax(axis=1)
    array([0, 1, 2])
    """
    first, second = (
        [features_of(_checked(t, index))[0] for index, t in enumerate(side)]
        for side in (probes, references)
    )
    return _native.print_scores(first, second, threads or 0)


def _checked(template: object, index: int | None = None) -> Template:
    if not isinstance(template, Template):
        raise InvalidInput("not a template", code="bad_template", index=index, value=template)
    return template


def _motion(c: float, s: float, x: float, y: float) -> Motion:
    return Motion(math.degrees(math.atan2(s, c)), x / _UNITS_PER_MM, -y / _UNITS_PER_MM)


def _residuals(
    a: Template, b: Template, pairs: Places, motion: tuple[float, float, float, float]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return distances in millimetres and turns in degrees that the motion leaves."""
    c, s, x, y = motion
    ax, ay, at = (units[pairs[:, 0]].astype(np.float64) for units in a.units())
    bx, by, bt = (units[pairs[:, 1]].astype(np.float64) for units in b.units())
    dx, dy = c * ax + s * ay + x - bx, s * ax - c * ay + y + by
    turned = from_turns(((at - bt + math.atan2(s, c) * TURN / math.tau) % TURN).astype(np.uint16))
    return np.hypot(dx, dy) / _UNITS_PER_MM, (turned + 180) % 360 - 180
