"""Files of DNA profiles: what a reader returns, and reports about imported profiles.

The readers themselves are ``dna.read_csv``, ``dna.read_codis``, ``dna.read_genemapper`` and
``dna.read_jsonl``.
"""

from __future__ import annotations

from prum_match.dna.formats.codis import CodisCategory, codis_categories
from prum_match.dna.formats.reading import ImportProblem, ProfileFile
from prum_match.dna.formats.report import (
    AlleleRange,
    ImportReport,
    Ladder,
    OutOfRange,
    import_report,
    nist_1036_observed,
)

__all__ = [
    "AlleleRange",
    "CodisCategory",
    "ImportProblem",
    "ImportReport",
    "Ladder",
    "OutOfRange",
    "ProfileFile",
    "codis_categories",
    "import_report",
    "nist_1036_observed",
]
