"""Hypothesis strategies for the data of each category.

Those of DNA profiles, policies and galleries are exported here too; :mod:`.vehicle` and
:mod:`.police_record` have theirs. They need the extra ``prum-match[testing]``.
"""

from __future__ import annotations

from prum_match.testing.laboratory import LOCI, RawProfile
from prum_match.testing.strategies.dna import (
    FilledGallery,
    galleries,
    policies,
    profiles,
    raw_profiles,
    related_profiles,
    related_raw_profiles,
)

__all__ = [
    "LOCI",
    "FilledGallery",
    "RawProfile",
    "galleries",
    "policies",
    "profiles",
    "raw_profiles",
    "related_profiles",
    "related_raw_profiles",
]
