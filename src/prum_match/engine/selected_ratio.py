"""Likelihood ratios of candidates, with the circumstances that a report has to state."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class SelectedRatio:
    """The likelihood ratio of a comparison that a search selected.

    Attributes
    ----------
    llr : float
        Natural logarithm of the likelihood ratio of this one comparison.
    rank : int
        Rank of the candidate.
    selected_from : int
        References that were examined. The best of many unrelated people scores high by chance, so
        the ratio does not express the strength of the evidence without this number.
    """

    llr: float
    rank: int
    selected_from: int

    def __str__(self) -> str:
        return (
            f"log10 likelihood ratio {self.llr / math.log(10):.2f}, "
            f"selected from a database: rank {self.rank}, {self.selected_from} references examined"
        )
