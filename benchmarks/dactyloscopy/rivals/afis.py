"""The matchers of ``afis``: NBIS's Bozorth3 in C, and others in Python."""

from __future__ import annotations

import ctypes
from importlib import import_module
from importlib.util import find_spec
from typing import Any, ClassVar

import numpy as np

from benchmarks.dactyloscopy.rivals.base import Rival, filled, pixels
from prum_match.dactyloscopy import Template

FRAME = "pixels at 500 ppi from the top left, angles of ISO/IEC 19794-2 in radians"


class Afis(Rival):
    """A matcher by its name; templates are rows of x, y, angle, kind, quality."""

    packages = ("afis",)
    modules = ("afis.matchers",)
    conversion = FRAME
    slow = True
    method: ClassVar[str]

    def prepare(self, template: Template) -> Any:
        x, y, _, height = pixels(template)
        directed = ~np.isnan(template.angle)
        rows = (
            x,
            y,
            np.radians(template.angle[directed]),
            template.type[directed] == 2,
            template.quality[directed] / 100,
        )
        return np.column_stack(rows).astype(np.float64), height

    def compare(self, probe: Any, reference: Any) -> float:
        (a, height_a), (b, height_b) = probe, reference
        match = import_module("afis.matchers").match
        found = match(a, b, name=self.method, height_a=height_a, height_b=height_b)
        return float(found.raw_score)


class Bozorth3(Afis):
    name = "afis-bozorth3"
    method = "bozorth3"
    conversion = f"{FRAME}. It rounds them to 32 directions and refuses fewer than 15 minutiae"


class Safis(Afis):
    name = "afis-safis"
    method = "safis"


class Geometric(Afis):
    name = "afis-geometric"
    method = "geometric"


class NbisBozorth3(Afis):
    """Called below its Python interface, so that a template is packed once and not every time."""

    name = "afis-nbis_bozorth3"
    conversion = (
        f"{FRAME}; templates of 10 to 14 minutiae filled up as for nbis. It rounds angles to 32 "
        "directions and keeps the first 200 minutiae"
    )
    slow = False
    modules = ("afis._native.loader",)

    def missing(self) -> str | None:
        why = super().missing()
        if why is None and not import_module("afis._native.loader").available():
            return "its library is not installed on this platform"
        return why

    def prepare(self, template: Template) -> Any:
        rows, height = super().prepare(filled(template))
        loader = import_module("afis._native.loader")
        loader.require_available()
        return ctypes.byref(loader.template_from_array(rows, 0, height)), loader._LIB

    def compare(self, probe: Any, reference: Any) -> float:
        (a, library), (b, _) = probe, reference
        return float(library.afis_bozorth3_match(a, b))


class Mcc(Afis):
    """With its cylinders made once a template, as it offers."""

    name = "afis-mcc"
    conversion = f"{FRAME}; its 60 best minutiae"
    slow = find_spec("numba") is None
    modules = ("afis.algorithms.mcc",)

    def missing(self) -> str | None:
        why = super().missing()
        if why is None and self.slow:
            return "numba, its extra `fast`, is not installed: half a second a comparison"
        return why

    def prepare(self, template: Template) -> Any:
        rows, height = super().prepare(template)
        return import_module("afis.algorithms.mcc").build_cylinders(
            rows, height=self._turned(height)
        )

    def compare(self, probe: Any, reference: Any) -> float:
        match = import_module("afis.algorithms.mcc").match_cylinder_sets
        return float(match(probe, reference).score)

    def _turned(self, height: int) -> int | None:
        """Return the height that y is turned over with."""
        return height


class UprightMcc(Mcc):
    """As strong as it can be: several times fewer errors than by its own `match`."""

    name = "afis-mcc-upright"
    conversion = (
        f"{FRAME}, and no height: with one, as its `match` asks for, it turns y over, and takes "
        "bearings as if it had not. Its 60 best minutiae"
    )

    def _turned(self, height: int) -> None:
        return None
