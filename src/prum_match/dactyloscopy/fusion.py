"""Fusion of the comparisons of single prints to the score of a subject.

The rule, for one subject:

1. The worth of a comparison is the log10 likelihood ratio of its score, by the calibration of its
   kind, rounded to 2**-20 so that sums do not depend on their order.
2. Prints that state the same single finger are impressions of that finger, a plain thumb (11, 12)
   too. Any other print, of an unknown finger or of several, is a finger of its own.
3. The worth of a pair of fingers is that of the best comparison of their impressions.
4. A finger that both sides state adds the worth of its pair, positive or negative.
5. The other fingers are paired one to one where their positions may be the same, so that the sum is
   greatest. No one stated these pairs, so pairs of negative worth are not made.
6. A finger without a partner adds nothing.

Where any finger may be any other, positions are ignored: 5 holds for all pairs, 4 for none.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from prum_match.dactyloscopy.assignment import assign
from prum_match.dactyloscopy.features import CODES
from prum_match.dactyloscopy.positions import fingers_of
from prum_match.engine import Calibration
from prum_match.errors import ComparisonMismatch

Floats = NDArray[np.float64]
Places = NDArray[np.int64]
Calibrations = Mapping[str, Calibration]

KINDS = ("TP/TP", "LT/TP", "LT/LT")
"""Kinds of comparisons of fingers, by the number of latents among the two prints."""

_GRID = 2.0**20
# Fingers without a stated position are numbered from here, above all positions.
_OWN = 256
# Most columns of the tables that are paired together.
_ROOM = 1 << 17
_EXTRA_DIGITS = (16, 17)


def _stated(position: int) -> int:
    """Return the single finger that a position states; 0 for none or several."""
    fingers = (position,) if position in _EXTRA_DIGITS else fingers_of(position)
    return fingers[0] if len(fingers) == 1 else 0


_STATED = np.array([_stated(position) for position in range(256)])


def finger_numbers(positions: Places) -> Places:
    """Return the finger of each print of one subject: prints of one stated finger share it."""
    stated, own = _STATED[positions], _OWN + np.arange(len(positions))
    return np.unique(np.where(stated, stated, own), return_inverse=True)[1]


@dataclass(frozen=True, eq=False)
class Comparisons:
    """Comparisons of prints, as columns."""

    probe: Places
    probe_position: Places
    reference: Places
    position: Places
    owner: Places
    kind: Places
    score: Floats
    worth: Floats

    def take(self, places: Places) -> Comparisons:
        """Return the comparisons at these places."""
        return Comparisons(*(getattr(self, field.name)[places] for field in fields(self)))

    def fingers(self, finger: Places, any_finger: bool) -> tuple[Fingers, Places]:
        """Return the pairs of fingers, and the place of the best comparison of each.

        Ties are decided by score, number of the reference, and print of the probe.
        """
        finger_of = _STATED[self.position]
        local = np.where(finger_of, finger_of, _OWN + self.reference)
        reference = np.unique(self.owner << 33 | local, return_inverse=True)[1]
        probe = finger[self.probe]
        order = np.lexsort((self.probe, self.reference, -self.score, -self.worth, probe, reference))
        pair = reference[order] * (int(finger.max()) + 1) + probe[order]
        best = order[np.flatnonzero(np.diff(pair, prepend=-1))]
        same = finger_of == _STATED[self.probe_position]
        stated = same & (finger_of > 0) & (not any_finger)
        return (
            Fingers(self.owner[best], probe[best], reference[best], stated[best], self.worth[best]),
            best,
        )


def worth_of(scores: Floats, kinds: Places, calibrations: Calibrations) -> Floats:
    """Return the worth of each comparison; scores are clipped to the fitted range."""
    worth = np.zeros(len(scores))
    for number, kind in enumerate(KINDS):
        of_kind = kinds == number
        if not of_kind.any():
            continue
        if kind not in calibrations:
            raise ComparisonMismatch(
                f"no calibration for comparisons {kind}",
                code="no_calibration",
                field="calibrations",
            )
        calibration = calibrations[kind]
        if calibration.category != "dactyloscopy":
            raise ComparisonMismatch(
                "the calibration is not one of prints", code="other_category", field="calibrations"
            )
        llrs = calibration.apply(scores[of_kind], model=CODES, stratum=kind, outside="clip")
        worth[of_kind] = np.rint(np.asarray(llrs) / math.log(10) * _GRID) / _GRID
    return worth


@dataclass(frozen=True, eq=False)
class Fingers:
    """Pairs of fingers with their best comparison, as columns."""

    owner: Places
    probe: Places
    reference: Places
    stated: NDArray[np.bool_]
    worth: Floats

    def made(self) -> NDArray[np.bool_]:
        """Return which pairs are made."""
        made = self.stated.copy()
        if not len(made):
            return made
        probes = int(self.probe.max()) + 1
        finger = self.owner * probes + self.probe
        left = ~(np.isin(finger, finger[made]) | np.isin(self.reference, self.reference[made]))
        rest = np.flatnonzero(left & (self.worth > 0))
        for part, rows, columns in self._tables(rest):
            table = np.zeros((int(rows.max()) + 1, probes, int(columns.max()) + 1))
            table[rows, self.probe[part], columns] = self.worth[part]
            partner = assign(table)
            made[part] = partner[rows, self.probe[part]] == columns
        return made

    def totals(self, owners: int) -> Floats:
        """Return the total worth of the pairs that are made, for each owner."""
        made = self.made()
        return np.bincount(self.owner[made], self.worth[made], owners).astype(np.float64)

    def _tables(self, pairs: Places) -> Iterator[tuple[Places, Places, Places]]:
        """Yield pairs with the table of each and its column there.

        Each owner has a table; tables of similar width are yielded together.
        """
        owners, owner = np.unique(self.owner[pairs], return_inverse=True)
        fingers, column = np.unique(self.reference[pairs], return_inverse=True)
        first = np.full(len(owners), len(fingers))
        np.minimum.at(first, owner, column)
        column = column - first[owner]
        width = np.zeros(len(owners), np.int64)
        np.maximum.at(width, owner, column + 1)
        width = 1 << np.ceil(np.log2(width)).astype(np.int64)
        for size in np.unique(width):
            alike = np.flatnonzero(width == size)
            together = max(1, _ROOM // int(size))
            for begin in range(0, len(alike), together):
                table = np.full(len(owners), -1)
                part = alike[begin : begin + together]
                table[part] = np.arange(len(part))
                here = np.flatnonzero(table[owner] >= 0)
                yield pairs[here], table[owner[here]], column[here]
