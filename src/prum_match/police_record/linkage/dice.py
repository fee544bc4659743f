"""Why two persons are taken for one by filters that hold all fields."""

from __future__ import annotations

from dataclasses import dataclass

from prum_match.police_record.linkage.comparison import MatchQuality
from prum_match.police_record.pseudonyms.encoded import EncodedPerson, Pseudonyms


@dataclass(frozen=True)
class DiceComparison:
    """How many bits two filters share: of all pairs of names of two persons, the most alike.

    Attributes
    ----------
    shared : int
        Bits that both have.
    bits : tuple of int
        Bits of the probe's filter, and of the reference's.
    alias : bool
        Whether one of the two is not the own name.
    close : float
        Least Dice coefficient of quality *close*.

    Examples
    --------
    >>> print(DiceComparison(200, (240, 240), False))
    Dice 0.833: 200 bits shared, of 240 and 240, own names, quality partial (local)
    """

    shared: int
    bits: tuple[int, int]
    alias: bool
    close: float = 0.9

    @classmethod
    def of(cls, a: Pseudonyms, b: Pseudonyms, close: float) -> DiceComparison:
        """Compare two persons under one key."""
        found = (
            cls(_bits(x & y), (_bits(x), _bits(y)), i > 0 or j > 0, close)
            for i, x in enumerate(_numbers(a))
            for j, y in enumerate(_numbers(b))
        )
        return max(found, key=lambda each: each.score)

    @property
    def score(self) -> float:
        """The Dice coefficient; of two empty filters, 0."""
        return 2 * self.shared / sum(self.bits) if any(self.bits) else 0.0

    @property
    def quality(self) -> MatchQuality:
        """Match quality."""
        return dice_quality(self.score, self.close)

    def __str__(self) -> str:
        names = "an alias" if self.alias else "own names"
        return (
            f"Dice {self.score:.3f}: {self.shared} bits shared, of {self.bits[0]} and "
            f"{self.bits[1]}, {names}, quality {self.quality.value} (local)"
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
