"""What all rivals have in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from importlib.metadata import PackageNotFoundError, version
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from benchmarks.loading import unusable
from prum_match.dactyloscopy import Template

PPI = 500
"""The rivals take pixels for those of 500 ppi, whatever a header says."""


class Rival(ABC):
    """A matcher: prepares a template, compares two prepared ones."""

    name: ClassVar[str]
    packages: ClassVar[tuple[str, ...]]
    """Distributions that have it; any of them will do."""
    modules: ClassVar[tuple[str, ...]] = ()
    """What it imports of them."""
    conversion: ClassVar[str]
    """What is done to a template of ours, in words."""
    slow: ClassVar[bool] = False
    """More than a millisecond or two a comparison."""

    def __reduce__(self) -> tuple[type[Rival], tuple[()]]:
        # Another process loads the library itself: a handle means nothing there.
        return type(self), ()

    def missing(self) -> str | None:
        """Say why it cannot run here; None: it can."""
        if not self.release:
            return f"{' or '.join(self.packages)} is not installed"
        return unusable(*self.modules)

    @property
    def release(self) -> str:
        """Name and version of what is installed; empty: nothing."""
        for package in self.packages:
            try:
                return f"{package} {version(package)}"
            except PackageNotFoundError:
                continue
        return ""

    @abstractmethod
    def prepare(self, template: Template) -> Any:
        """Return a template in the rival's own form."""

    @abstractmethod
    def compare(self, probe: Any, reference: Any) -> float:
        """Return the similarity of two prepared templates; more is more alike, both ways alike."""


def pixels(template: Template) -> tuple[NDArray[np.float64], NDArray[np.float64], int, int]:
    """Return x, y, width and height at 500 ppi, whole pixels, without minutiae of no direction."""
    scale = PPI / template.ppi
    directed = ~np.isnan(template.angle)
    x, y = (np.rint(values[directed] * scale) for values in (template.x, template.y))
    width, height = template.width or template.x.max(initial=0), template.height
    if not height:
        height = int(template.y.max(initial=0)) + 1
    return x, y, round(float(width) * scale), round(height * scale)


NBIS_FLOOR, WRAPPER_FLOOR = 10, 15
REACH = 200
"""Bozorth3 pairs minutiae up to 125 pixels apart."""


def filled(template: Template) -> Template:
    """Return a template of 10 to 14 minutiae with others added, out of reach of all.

    Bozorth3 refuses fewer than 10 minutiae, the packages that have it fewer than 15. The scores of
    templates of 15 and more are the same with and without such minutiae.
    """
    count = len(template) - template.not_compared
    if not NBIS_FLOOR <= count < WRAPPER_FLOOR:
        return template
    added = WRAPPER_FLOOR - count
    right = float(template.x.max()) + np.arange(1, added + 1) * REACH * template.ppi / PPI
    zeros = np.zeros(added)
    return Template(
        x=np.concatenate([template.x, right]),
        y=np.concatenate([template.y, zeros]),
        angle=np.concatenate([template.angle, zeros]),
        type=np.concatenate([template.type, zeros]),
        quality=np.concatenate([template.quality, zeros]),
        width=int(right[-1]) + 1,
        height=template.height,
        ppi=template.ppi,
    )
