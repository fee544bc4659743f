"""Comparison of two prints: the score, and the pairs of minutiae behind it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from prum_match import _native
from prum_match.dactyloscopy.calibration import calibration_for
from prum_match.dactyloscopy.features import CODES, features_of
from prum_match.dactyloscopy.policy import Policy, check_kind, place_of
from prum_match.dactyloscopy.template import TURN, UNITS_PER_INCH, Template, from_turns
from prum_match.engine.comparisons import WithoutGrade
from prum_match.errors import ComparisonMismatch, InvalidInput

Places = NDArray[np.int64]
_UNITS_PER_MM = UNITS_PER_INCH / 25.4
_DEFAULT = Policy()


@dataclass(frozen=True)
class Motion:
    """Turn and shift that lay the probe on the reference.

    Attributes
    ----------
    turn : float
        Degrees, counter-clockwise as seen.
    x, y : float
        Millimetres, to the right and down, of the probe's top-left corner after the turn.
    """

    turn: float
    x: float
    y: float


@dataclass(frozen=True, eq=False, repr=False)
class Comparison(WithoutGrade):
    """The comparison of two prints.

    Attributes
    ----------
    score : float
        The comparison score: 0 for nothing in common, higher for more. It does not depend on the
        machine, on which print is the probe, or on the order of the minutiae.
    pairs : numpy.ndarray of int64, shape (k, 2)
        Minutiae that correspond: their indices in the probe and in the reference.
    distances : numpy.ndarray of float64, shape (k,)
        Millimetres between the minutiae of each pair after the motion.
    turns : numpy.ndarray of float64, shape (k,)
        Differences of their directions after the motion, degrees, -180 to 180.
    motion : Motion or None
        Motion of the probe; None if no minutiae were paired.
    overlap : tuple of int
        Minutiae of the probe and of the reference in the area where the prints overlap, by the
        outlines of their minutiae.
    probe, reference : Template
        The prints.
    policy : Policy
        The rule that decides `is_candidate`; the score does not depend on it.
    """

    score: float
    pairs: Places
    distances: NDArray[np.float64]
    turns: NDArray[np.float64]
    motion: Motion | None
    overlap: tuple[int, int]
    probe: Template
    reference: Template
    policy: Policy = _DEFAULT

    @property
    def is_candidate(self) -> bool:
        """Whether an exhaustive search for the probe finds the reference under the policy."""
        if not 0 < self.score >= (self.policy.threshold or 0):
            return False
        return bool(self.policy.places(self.probe)[place_of(self.reference)])

    @property
    def unpaired(self) -> tuple[Places, Places]:
        """Indices of the minutiae of the probe and of the reference without a partner."""
        return tuple(  # type: ignore[return-value]
            np.setdiff1d(np.arange(len(template)), self.pairs[:, side])
            for side, template in enumerate((self.probe, self.reference))
        )

    @property
    def log10_lr(self) -> float:
        """Common logarithm of the likelihood ratio, by the calibration that the package ships.

        The calibration was fitted on sample prints. It holds for a population like theirs, and for
        two prints that were not selected by their score; for a candidate of a search use
        :func:`selected_ratio`. A score outside the fitted range gets the ratio at the end of the
        range.

        Raises
        ------
        ComparisonMismatch
            Code ``"no_calibration"``: a finger against a palm.
        """
        calibration = calibration_for(self.probe, self.reference)
        stratum = calibration.stratum
        llr = calibration.apply(self.score, model=CODES, stratum=stratum, outside="clip")
        return llr / math.log(10)

    @property
    def not_compared(self) -> tuple[int, int]:
        """Minutiae of the probe and of the reference left out for lack of a direction."""
        return self.probe.not_compared, self.reference.not_compared

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Comparison):
            return NotImplemented
        # Everything else follows from these.
        return (self.probe, self.reference, self.score, self.policy) == (
            other.probe,
            other.reference,
            other.score,
            other.policy,
        )

    def __hash__(self) -> int:
        return hash((self.probe, self.reference))

    def __str__(self) -> str:
        lines = [
            f"comparison score {self.score:.2f}",
            f"{len(self.pairs)} pairs of minutiae; "
            f"{self.overlap[0]} and {self.overlap[1]} minutiae where the prints overlap",
        ]
        if self.motion is not None:
            lines.append(
                f"probe turned by {self.motion.turn:.1f} degrees, "
                f"shifted by {self.motion.x:.2f} mm and {self.motion.y:.2f} mm"
            )
            lines.append(
                f"pairs lie {np.median(self.distances):.2f} mm apart (median), "
                f"directions differ by {np.median(np.abs(self.turns)):.1f} degrees"
            )
        left = [len(places) for places in self.unpaired]
        lines.append(
            f"without a partner: {left[0]} of {len(self.probe)}, {left[1]} of {len(self.reference)}"
        )
        if any(self.not_compared):
            lines.append("without a direction, not compared: {} and {}".format(*self.not_compared))
        return "\n".join(lines)

    def __repr__(self) -> str:
        return f"<Comparison: score {self.score:.2f}, {len(self.pairs)} pairs>"


def compare(probe: Template, reference: Template, *, policy: Policy = _DEFAULT) -> Comparison:
    """Compare two prints by their minutiae.

    The score does not depend on the positions of the prints; whether the reference is a candidate
    does.

    Parameters
    ----------
    probe, reference : Template
        The prints.
    policy : Policy, optional
        The rule that decides :attr:`Comparison.is_candidate`.

    Raises
    ------
    InvalidInput
        Code ``"bad_template"``.
    ComparisonMismatch
        Codes ``"foreign_policy"``; ``"other_transaction"``: the policy does not admit such probes.

    Examples
    --------
    >>> from prum_match import dactyloscopy
    >>> from prum_match.samples import prints
    >>> (a, b, other, _), _ = prints.sample(2, seed=1)
    >>> dactyloscopy.compare(a, b).score > dactyloscopy.compare(a, other).score
    True
    >>> dactyloscopy.compare(a, other, policy=dactyloscopy.Policy(threshold=30)).is_candidate
    False
    """
    (first, of_probe), (second, of_reference) = (
        features_of(_checked(template)) for template in (probe, reference)
    )
    if not isinstance(policy, Policy):
        raise ComparisonMismatch(
            "not a dactyloscopic policy", code="foreign_policy", field="policy"
        )
    check_kind(probe, policy)
    found = _native.print_compare(first, second)
    pairs = found["pairs"].astype(np.int64)
    motion = found["motion"]
    pairs = np.column_stack([of_probe[pairs[:, 0]], of_reference[pairs[:, 1]]]).astype(np.int64)
    pairs = pairs[np.lexsort(pairs.T[::-1])]
    distances, turns = _residuals(probe, reference, pairs, motion)
    return Comparison(
        score=found["score"],
        pairs=pairs,
        distances=distances,
        turns=turns,
        motion=_motion(*motion) if len(pairs) else None,
        overlap=found["overlap"],
        probe=probe,
        reference=reference,
        policy=policy,
    )


def score_matrix(
    probes: Sequence[Template], references: Sequence[Template], threads: int | None = None
) -> NDArray[np.float64]:
    """Return the scores of all pairs of a probe and a reference.

    Parameters
    ----------
    probes, references : sequence of Template
        The prints.
    threads : int, optional
        Threads to use; by default the usable cores.

    Returns
    -------
    numpy.ndarray of float64, shape (probes, references)
        Comparison scores, equal to those of :func:`compare`.

    Raises
    ------
    InvalidInput
        Code ``"bad_template"``, with the index of the item.

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
