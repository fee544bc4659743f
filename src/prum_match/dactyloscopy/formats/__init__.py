"""Formats in which minutiae travel: readers and writers, one module or package an edition."""

from prum_match.dactyloscopy.formats import (
    ansi378_2004,
    ansi378_2009,
    ansi378_2009am1,
    ansi_nist,
    iso19794_2_2005,
    iso19794_2_2011,
)
from prum_match.dactyloscopy.formats.ansi_nist import Transaction
from prum_match.dactyloscopy.formats.records.problems import RecordProblem
from prum_match.dactyloscopy.formats.records.record import ExtendedData, FingerQuality, Record, View

__all__ = [
    "ExtendedData",
    "FingerQuality",
    "Record",
    "RecordProblem",
    "Transaction",
    "View",
    "ansi378_2004",
    "ansi378_2009",
    "ansi378_2009am1",
    "ansi_nist",
    "iso19794_2_2005",
    "iso19794_2_2011",
]
