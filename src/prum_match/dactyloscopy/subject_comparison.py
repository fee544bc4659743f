"""Comparison of a subject's prints with those of a probe."""

from __future__ import annotations

from dataclasses import dataclass

from prum_match.dactyloscopy.comparison import Comparison, compare
from prum_match.dactyloscopy.policy import Policy
from prum_match.dactyloscopy.positions import position_name
from prum_match.dactyloscopy.template import Template
from prum_match.engine.comparisons import WithoutGrade


@dataclass(frozen=True)
class FingerComparison:
    """The comparison that counts for one finger of the probe.

    Attributes
    ----------
    probe, reference : Template
        The two prints.
    probe_index : int
        Index of the print in the probe.
    reference_id : str
        Id of the reference.
    kind : str
        Kind of the comparison: ``"TP/TP"``, ``"LT/TP"`` or ``"LT/LT"``.
    score : float
        The comparison score.
    adds : float
        Its part of the fused score: its log10 likelihood ratio, rounded to 2**-20.
    policy : Policy
        The rule for pairs of prints.
    """

    probe: Template
    reference: Template
    probe_index: int
    reference_id: str
    kind: str
    score: float
    adds: float
    policy: Policy

    @property
    def comparison(self) -> Comparison:
        """The comparison in full: pairs of minutiae, motion, overlap."""
        return compare(self.probe, self.reference, policy=self.policy)

    def __str__(self) -> str:
        name = position_name(self.probe.position)
        if self.reference.position != self.probe.position:
            name += f" with {position_name(self.reference.position)}"
        return f"{name}: {self.reference_id}, score {self.score:.2f}, adds {self.adds:.2f}"


@dataclass(frozen=True)
class SubjectComparison(WithoutGrade):
    """The comparisons behind the fused score of a subject.

    Attributes
    ----------
    fingers : tuple of FingerComparison
        The comparisons that count, in the order of the probe's fingers.
    without_partner : tuple of int
        Positions of the probe's fingers that add nothing: the subject has no print of them, or
        only prints that would lower the score.
    any_finger : bool
        Whether positions were ignored.
    rank, n_compared : int
        Rank of the candidate, and number of subjects compared. The best of many unrelated people
        has a high score by chance: the score says little without this number.
    policy : Policy
        The rule that made the subject a candidate.
    """

    fingers: tuple[FingerComparison, ...]
    without_partner: tuple[int, ...]
    any_finger: bool
    rank: int
    n_compared: int
    policy: Policy

    @property
    def is_candidate(self) -> bool:
        """True: only candidates of a search are explained."""
        return True

    @property
    def score(self) -> float:
        """The fused score: the sum of the parts of the fingers."""
        return sum((finger.adds for finger in self.fingers), 0.0)

    def __str__(self) -> str:
        believed = "any finger with any other" if self.any_finger else "fingers by their positions"
        plural = "" if len(self.fingers) == 1 else "s"
        lines = [
            f"fused score {self.score:.2f} of {len(self.fingers)} finger{plural}, {believed}",
            f"selected from a database: rank {self.rank}, {self.n_compared} subjects compared",
            *map(str, self.fingers),
        ]
        if self.without_partner:
            lines.append(
                "without a partner: " + ", ".join(map(position_name, self.without_partner))
            )
        return "\n".join(lines)
