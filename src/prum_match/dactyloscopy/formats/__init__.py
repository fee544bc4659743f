"""Records of minutiae: readers and writers, one module an edition."""

from prum_match.dactyloscopy.formats import (
    ansi378_2004,
    ansi378_2009,
    ansi378_2009am1,
    iso19794_2_2005,
    iso19794_2_2011,
)
from prum_match.dactyloscopy.formats.detect import read
from prum_match.dactyloscopy.formats.record import ExtendedData, Problem, Quality, Record, View

__all__ = [
    "ExtendedData",
    "Problem",
    "Quality",
    "Record",
    "View",
    "ansi378_2004",
    "ansi378_2009",
    "ansi378_2009am1",
    "iso19794_2_2005",
    "iso19794_2_2011",
    "read",
]
"""Formats in which minutiae travel, one module or package a format."""
