"""What comparisons work on: minutiae in units, in canonical order, with their codes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

from prum_match import _native
from prum_match.dactyloscopy.template import (
    MAX_UNITS,
    UNITS_PER_INCH,
    Template,
    from_units,
)
from prum_match.engine.progress import paced

# Name and version of the codes and of the score that is made of them. Codes of another version are
# not comparable: whoever changes the codes, or the rule of the score, changes it.
CODES = "prum_match minutiae 1"
_STEPS = 32767


@dataclass(frozen=True, eq=False)
class Features:
    """The minutiae of many prints, one print after the other, each in its canonical order.

    Minutiae without a direction come last; they have no code and are not compared.
    """

    offsets: NDArray[np.uint64]
    x: NDArray[np.uint16]
    y: NDArray[np.uint16]
    turn: NDArray[np.uint16]
    codes: NDArray[np.int8]
    # How many minutiae are around each and point the same way.
    crowd: NDArray[np.uint8]
    # Place of each minutia in its template, and how many of each print are compared.
    order: NDArray[np.uint16]
    compared: NDArray[np.uint16]

    def print_at(self, index: int) -> _native.Print:
        """Return one print, ready to be compared."""
        begin = int(self.offsets[index])
        part = slice(begin, begin + int(self.compared[index]))
        return _native.Print(
            self.x[part], self.y[part], self.turn[part], self.codes[part], self.crowd[part]
        )


def describe(templates: Sequence[Template]) -> Features:
    """Sort and code the minutiae of templates."""
    counts = np.array([len(t) for t in templates], np.int64)
    compared = counts - np.array([t.not_compared for t in templates], np.int64)
    arrays = [t.units() for t in paced(templates, counted=False)]
    x, y, turn = (_joined([units[k] for units in arrays]) for k in range(3))
    unknown = np.isnan(_joined([t.angle for t in templates], np.float64))
    owner = np.repeat(np.arange(len(templates)), counts)
    place = np.arange(len(x)) - np.repeat(np.cumsum(counts) - counts, counts)
    # Those with a direction first, print by print; the native core sorts them among themselves.
    known = np.lexsort((place, unknown, owner))
    x, y, turn = (array[known] for array in (x, y, turn))
    place, unknown = place[known], unknown[known]
    used = np.flatnonzero(~unknown)
    ends = np.concatenate([[0], np.cumsum(compared)]).astype(np.uint64)
    order, codes, crowds = _describer().describe(x[used], y[used], turn[used], ends)
    rows = np.arange(len(x))
    rows[used] = used[order + np.repeat(ends[:-1].astype(np.int64), compared)]
    all_codes = np.zeros((len(x), codes.shape[1]), np.int8)
    all_codes[used] = codes
    crowd = np.zeros(len(x), np.uint8)
    crowd[used] = crowds
    return Features(
        offsets=np.concatenate([[0], np.cumsum(counts)]).astype(np.uint64),
        x=x[rows],
        y=y[rows],
        turn=turn[rows],
        codes=all_codes,
        crowd=crowd,
        order=place[rows].astype(np.uint16),
        compared=compared.astype(np.uint16),
    )


def features_of(template: Template) -> tuple[_native.Print, NDArray[np.uint16]]:
    """Return a template ready to be compared, and the place of each of its minutiae in it.

    The work is done once for each template.
    """
    if template._features is None:
        found = describe([template])
        object.__setattr__(template, "_features", (found.print_at(0), found.order))
    ready: tuple[_native.Print, NDArray[np.uint16]] = template._features
    return ready


def pixels_of(units: NDArray[np.uint16], size: int, ppi: float) -> NDArray[np.float64]:
    """Return pixels that have these units and lie in an image of this size.

    A unit may be several pixels wide, and its middle outside.
    """
    most = (MAX_UNITS + 0.4) * ppi / UNITS_PER_INCH
    return np.minimum(from_units(units, ppi), min(most, size) if size else most)


@cache
def _describer() -> _native.PrintDescriber:
    with (files(__package__) / "data" / "codes.npy").open("rb") as file:
        table = np.load(file, allow_pickle=False).astype(np.float32) / _STEPS
    return _native.PrintDescriber(table[:, 0], table[:, 1:])


def _joined(arrays: list[NDArray[Any]], dtype: Any = np.uint16) -> NDArray[Any]:
    return np.concatenate(arrays) if arrays else np.zeros(0, dtype)
