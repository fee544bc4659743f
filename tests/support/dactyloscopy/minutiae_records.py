"""Editions of minutiae records, files of other programs, and prints to write."""

from __future__ import annotations

import os
from pathlib import Path
from types import ModuleType
from typing import Any

from prum_match.dactyloscopy import Template
from prum_match.dactyloscopy.formats import (
    ansi378_2004,
    ansi378_2009,
    ansi378_2009am1,
    iso19794_2_2005,
    iso19794_2_2011,
)

GOLDEN = Path(__file__).parents[2] / "golden" / "dactyloscopy"
SHARED = Path(os.environ.get("PRUM_SHARED", Path(__file__).parents[4] / "shared"))

EDITIONS: dict[str, ModuleType] = {
    "iso19794_2_2005": iso19794_2_2005,
    "iso19794_2_2011": iso19794_2_2011,
    "ansi378_2004": ansi378_2004,
    "ansi378_2009": ansi378_2009,
    "ansi378_2009am1": ansi378_2009am1,
}
FILES = {
    "fmr.ansi2004": "ansi378_2004",
    "fmr.iso2005": "iso19794_2_2005",
    "ansi378v2004-sample.dat": "ansi378_2004",
    "ansi378v2009-sample.dat": "ansi378_2009",
    "ansi378v2009am1-sample.dat": "ansi378_2009am1",
    "iso19794p2v2005-sample.dat": "iso19794_2_2005",
    "iso19794p2v2011-sample.dat": "iso19794_2_2011",
}


def golden(name: str) -> bytes:
    return (GOLDEN / name).read_bytes()


def a_print(**changed: Any) -> Template:
    """Return three minutiae that every edition can hold exactly."""
    said = {
        "x": [10, 20, 30],
        "y": [40, 50, 60],
        "angle": [0, 90, 270],
        "type": [0, 1, 2],
        "quality": [1, 50, 100],
        "width": 300,
        "height": 400,
        "ppi": 197 * 2.54,
        "position": 2,
        "impression": 0,
    }
    return Template(**{**said, **changed})
