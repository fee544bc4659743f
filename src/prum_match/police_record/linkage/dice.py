"""Explanation of a match by filters that hold all fields."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from prum_match.engine.comparisons import WithoutGrade
from prum_match.police_record.linkage.comparison import MatchQuality
from prum_match.police_record.linkage.policy import DicePolicy
from prum_match.police_record.pseudonyms.encoded import EncodedPerson, Pseudonyms


@dataclass(frozen=True)
class DiceComparison(WithoutGrade):
    """Bits that two filters share: the most similar pair of names of two persons.

    Attributes
    ----------
    shared : int
        Bits that both have.
    bits : tuple of int
        Bits of the probe's filter, and of the reference's.
    alias : bool
        Whether one of the two is not the own name.
    policy : DicePolicy
        The rule.
    threshold : float
        Least Dice coefficient of a candidate: the policy's, or that of the parameter block.

    Examples
    --------
    >>> found = DiceComparison(200, (240, 240), False, DicePolicy(), 0.63)
    >>> print(found)
    Dice 0.833: 200 bits shared, of 240 and 240, own names, quality partial (local)
    >>> found.is_candidate, found.quality
    (True, 3)
    """

    shared: int
    bits: tuple[int, int]
    alias: bool
    policy: DicePolicy
    threshold: float

    @classmethod
    def of(
        cls, probe: Pseudonyms, reference: Pseudonyms, policy: DicePolicy, block: Sequence[float]
    ) -> DiceComparison:
        """Compare two persons under one key; a policy without a threshold has the block's."""
        threshold = block[0] if policy.threshold is None else policy.threshold
        found = (
            cls(_bits(x & y), (_bits(x), _bits(y)), i > 0 or j > 0, policy, threshold)
            for i, x in enumerate(_numbers(probe))
            for j, y in enumerate(_numbers(reference))
        )
        return max(found, key=lambda each: each.score)

    @property
    def score(self) -> float:
        """The Dice coefficient; 0 for two empty filters."""
        return 2 * self.shared / sum(self.bits) if any(self.bits) else 0.0

    @property
    def is_candidate(self) -> bool:
        """Whether the coefficient reaches the threshold; two empty filters never do."""
        return self.shared > 0 and self.score >= self.threshold

    @property
    def match_quality(self) -> MatchQuality:
        """Match quality, Regulation (EU) 2024/982, Art. 44(4); the classes are local."""
        return dice_quality(self.score, self.policy.close)

    @property
    def quality(self) -> int:
        """Match quality as a reply says it: 1 exact, 2 close, 3 partial."""
        return self.match_quality.number

    def __str__(self) -> str:
        names = "an alias" if self.alias else "own names"
        return (
            f"Dice {self.score:.3f}: {self.shared} bits shared, of {self.bits[0]} and "
            f"{self.bits[1]}, {names}, quality {self.match_quality.value} (local)"
        )


def dice_quality(score: float, close: float) -> MatchQuality:
    """Return the match quality of a Dice coefficient."""
    if score == 1:
        return MatchQuality.EXACT
    return MatchQuality.CLOSE if score >= close else MatchQuality.PARTIAL


def _numbers(names: Pseudonyms) -> list[int]:
    return [int.from_bytes(each, "little") for each in names.filters]


def _bits(number: int) -> int:
    return number.bit_count()


def common_key(a: EncodedPerson, b: EncodedPerson) -> tuple[Pseudonyms, Pseudonyms] | None:
    """Return the pseudonyms of two persons under the first key that both have."""
    for names in a.pseudonyms:
        others = b.under(names.key_id)
        if others is not None:
            return names, others
    return None
