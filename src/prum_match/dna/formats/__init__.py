"""Readers of the formats in which laboratories keep DNA profiles, one module a format."""

from __future__ import annotations

from prum_match.dna.formats.codis import CodisCategory, codis_categories, read_codis
from prum_match.dna.formats.csv import read_csv
from prum_match.dna.formats.genemapper import read_genemapper
from prum_match.dna.formats.jsonl import read_jsonl
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
    "read_codis",
    "read_csv",
    "read_genemapper",
    "read_jsonl",
]
