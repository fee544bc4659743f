"""Matches by chance: how many a search or a database has to expect, and how many it shows.

The strength of evidence of one match is at the root: ``dna.random_match_probability``,
``dna.likelihood_ratio``, ``dna.Frequencies``.
"""

from __future__ import annotations

from prum_match.dna.statistics.adventitious import (
    TypedPattern,
    expected_adventitious_hits,
    expected_hits_per_search,
    expected_hits_within,
    match_chance,
    typed_patterns,
)
from prum_match.dna.statistics.population import (
    MatchMatrixComparison,
    compare_match_matrices,
    expected_match_matrix,
)

__all__ = [
    "MatchMatrixComparison",
    "TypedPattern",
    "compare_match_matrices",
    "expected_adventitious_hits",
    "expected_hits_per_search",
    "expected_hits_within",
    "expected_match_matrix",
    "match_chance",
    "typed_patterns",
]
