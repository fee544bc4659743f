"""Bozorth3 of NBIS, through ``nbis-py`` or ``nbis-python``: one module `nbis`, the later wins."""

from __future__ import annotations

import struct
from importlib import import_module
from typing import Any

import numpy as np

from benchmarks.dactyloscopy.rivals.base import PPI, Rival, filled, pixels
from prum_match.dactyloscopy import Template

MOST = 255
"""What one byte counts; Bozorth3 itself uses the 150 best."""


class Bozorth3(Rival):
    name = "nbis"
    packages = ("nbis-python", "nbis-py")
    modules = ("nbis",)
    conversion = (
        "Bozorth3 by way of records of ISO/IEC 19794-2:2011 at 500 ppi, angles in 256ths of a "
        "turn; templates of 10 to 14 minutiae, which it refuses and NBIS does not, filled up with "
        "minutiae out of reach. It rounds angles to 32 directions"
    )

    def __init__(self) -> None:
        self._reader: Any = None

    def prepare(self, template: Template) -> Any:
        if self._reader is None:
            module = import_module("nbis")
            self._reader = module.new_nbis_extractor(
                module.NbisExtractorSettings(
                    min_quality=0.0,
                    get_center=False,
                    check_fingerprint=False,
                    compute_nfiq2=False,
                    ppi=None,
                )
            )
        return self._reader.load_iso_19794_2_2011(record(filled(template)))

    def compare(self, probe: Any, reference: Any) -> float:
        return float(probe.compare(reference))


def record(template: Template) -> bytes:
    """Return a record of ISO/IEC 19794-2:2011 as this reader wants it: one view, no extension."""
    x, y, width, height = pixels(template)
    directed = ~np.isnan(template.angle)
    kind = np.maximum(template.type[directed], 1)  # it knows no other type
    turn = np.rint(template.angle[directed] * (256 / 360)).astype(int) % 256
    rows = list(zip(kind, x, y, turn, template.quality[directed], strict=True))[:MOST]
    minutiae = b"".join(
        struct.pack(">HHBB", int(k) << 14 | int(i), int(j), int(a), int(q))
        for k, i, j, a, q in rows
    )
    density = round(PPI / 2.54)
    view = b"\xff" * 9 + struct.pack(">BHHBBHH", 0, 0, 0, 1, 0, 0x000F, 0)
    view += struct.pack(">BBHHBHHBB", 0, 0, density, density, 0, width, height, 0x60, len(rows))
    view += minutiae + b"\x00\x00"
    length = 15 + 4 + len(view)
    return b"FMR\x00030\x00" + struct.pack(">IHBI", length, 1, 0, 4 + len(view)) + view
