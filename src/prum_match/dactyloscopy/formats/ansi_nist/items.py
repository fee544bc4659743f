"""Items of the minutiae fields: numbers, positions and minutiae."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from prum_match.dactyloscopy.formats.ansi_nist.records import RS, Field, TaggedRecord
from prum_match.dactyloscopy.formats.records.problems import Problems
from prum_match.dactyloscopy.positions import (
    KNOWN_POSITIONS,
    UNKNOWN_FINGER,
    UNKNOWN_IMPRESSION,
    UNKNOWN_PALM,
    UNKNOWN_RIDGES,
    is_palm,
)
from prum_match.dactyloscopy.template import MAX_MINUTIAE, MAX_UNITS, UNITS_PER_INCH, Template
from prum_match.errors import InvalidInput

PIXELS_PER_CM_TO_PPI = 2.54
# Resolution of positions in units of 10 micrometres, for records without an image.
UNIT_PPI = float(UNITS_PER_INCH)
# ANSI/NIST-ITL 1-2011 Update 2015, Table 8: soles, toes and their parts.
PLANTAR = range(60, 80)
_MOST_POSITIONS = 100
# Clauses of the draft of Update 2013; the legacy fields are those of the 2007 edition.
_RULES = {
    "9.331": "ANSI/NIST-ITL 1-2011 Update 2013, 8.9.7.24",
    "9.137": "ANSI/NIST-ITL 1-2011 Update 2013, 8.9.5.12",
    "9.012": "ANSI/NIST-ITL 1-2007, field 9.012",
}
_MOST_ITEMS = 6
_MOST_DIGITS = 9


@dataclass(frozen=True, slots=True)
class Frame:
    """The image in which minutiae were marked.

    Attributes
    ----------
    width, height : int
        Pixels.
    ppi : float
        Pixels an inch.
    position : int or None
        Friction ridge position, None where it is not stated.
    impression : int or None
        Impression type, None where it is not stated.
    """

    width: int
    height: int
    ppi: float
    position: int | None = None
    impression: int | None = None


def number_of(text: str, least: int, most: int) -> int | None:
    """Return the whole number in an item; None for other text or a number out of range."""
    if not (len(text) <= _MOST_DIGITS and text.isascii() and text.isdigit()):
        return None
    number = int(text)
    return number if least <= number <= most else None


def rounded(values: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the nearest whole numbers, halves up."""
    return np.floor(values + 0.5).astype(np.int64)


def units(pixels: NDArray[np.float64], ppi: float) -> NDArray[np.int64]:
    """Return pixels in units of 10 micrometres."""
    return rounded(pixels * (UNITS_PER_INCH / ppi))


def position_of(field: Field, problems: Problems) -> int:
    r"""Return the position that a field states in the first item of its subfields.

    Several positions mean that each is possible: the result is then an unknown finger, an unknown
    palm, or unknown ridges.
    """
    if field.value.count(RS) >= _MOST_POSITIONS:
        raise InvalidInput("too many positions", code="bad_position", field=field.name)
    codes = [number_of(items[0], 0, 255) for items in field.items(_MOST_POSITIONS, 1)]
    if any(code in PLANTAR for code in codes if code is not None):
        raise InvalidInput("a print of a foot", code="not_a_hand", field=field.name)
    known = [code for code in codes if code in KNOWN_POSITIONS]
    if len(known) < len(codes):
        raise InvalidInput(
            "not a friction ridge position of a hand",
            code="bad_position",
            field=field.name,
            value=field.value,
        )
    if len(known) == 1:
        return known[0]
    problems.note(
        "several possible positions", code="several_positions", field=field.name, value=tuple(known)
    )
    palms = {is_palm(code) for code in known}
    if len(palms) == 2 or UNKNOWN_RIDGES in known:
        return UNKNOWN_RIDGES
    return UNKNOWN_PALM if palms == {True} else UNKNOWN_FINGER


def _impression_of(record: TaggedRecord, frame: Frame, problems: Problems) -> int:
    """Return the impression type of a Type-9 record (9.003), else of its image."""
    text = record.text(3)
    code = number_of(text, 0, 255)
    if text and code is None:
        problems.add("not an impression type", code="bad_impression", field="9.003", value=text)
    if code is None:
        code = frame.impression
    return UNKNOWN_IMPRESSION if code is None else code


def check_writable(template: Template, field: str, most: int) -> None:
    """Refuse a template with more minutiae than a field holds, or with unknown directions."""
    if len(template) > most:
        raise InvalidInput(
            f"the field holds up to {most} minutiae", code="too_many_minutiae", field=field
        )
    unknown = np.flatnonzero(np.isnan(template.angle))
    if len(unknown):
        raise InvalidInput(
            f"minutia {unknown[0]}: the field cannot hold an unknown direction",
            code="unknown_direction",
            field=field,
        )


class Gathered:
    """The minutiae of one field, as they are read.

    A minutia whose position cannot be read, or lies outside the image, is left out; one whose
    direction cannot be read gets NaN; type and quality fall back to 0. Each is a problem.
    """

    def __init__(self, field: Field | None, name: str, problems: Problems) -> None:
        self._field = field
        self._name = name
        self._problems = problems
        self._at = 0
        self._rows: list[tuple[float, ...]] = []

    def __iter__(self) -> Iterator[list[str]]:
        """Yield the first six items of each minutia, empty where there are fewer."""
        if self._field is None:
            return
        if self._field.value.count(RS) >= MAX_MINUTIAE:
            raise InvalidInput(
                f"a template has up to {MAX_MINUTIAE} minutiae",
                code="too_many_minutiae",
                field=self._name,
            )
        for at, items in enumerate(self._field.items(MAX_MINUTIAE, _MOST_ITEMS)):
            self._at = at
            yield items + [""] * (_MOST_ITEMS - len(items))

    def expect(self, record: TaggedRecord, number: int) -> None:
        """Compare the stated count of minutiae with that of the field."""
        text = record.text(number)
        there = 0 if self._field is None else self._field.value.count(RS) + 1
        if number_of(text, 0, 999_999_999) != there:
            self._problems.add(
                f"the count differs from the number of minutiae in {self._name}",
                code="count_mismatch",
                field=f"9.{number:03d}",
                rule=_RULES[self._name],
                value=text,
            )

    def number(self, what: str, text: str, least: int, most: int) -> int | None:
        """Return the whole number in an item; otherwise report a problem and return None."""
        number = number_of(text, least, most)
        if number is None:
            self.report(f"{what} is a whole number from {least} to {most}", text)
        return number

    def report(self, message: str, value: object) -> None:
        """Report a problem of the current minutia."""
        self._problems.add(
            message,
            code="bad_minutia",
            field=self._name,
            minutia=self._at,
            rule=_RULES[self._name],
            value=value,
        )

    def add(self, x: float, y: float, angle: float | None, type: int, quality: int) -> None:
        """Add the current minutia."""
        known = math.nan if angle is None else angle
        self._rows.append((self._at, x, y, known, type, quality))

    def turn_over(self, height: int) -> None:
        """Let y point down, from the top of the image or, without one, the topmost minutia."""
        top = height or max((row[2] for row in self._rows), default=0)
        self._rows = [(at, x, top - y, *rest) for at, x, y, *rest in self._rows]

    def template(self, record: TaggedRecord, frame: Frame, position: Field | None) -> Template:
        """Return the template; what the record does not state is that of the frame."""
        finger = frame.position if position is None else position_of(position, self._problems)
        impression = _impression_of(record, frame, self._problems)
        rows = np.array(self._rows, np.float64).reshape(-1, 6)
        most = MAX_UNITS * frame.ppi / UNITS_PER_INCH
        size = np.minimum([frame.width or most, frame.height or most], most)
        # A position on the edge may have been rounded over it: half a unit of 10 micrometres, and
        # what floats lose on the way.
        slack = (0.5 + 1e-6) * frame.ppi / UNITS_PER_INCH
        inside = ((rows[:, 1:3] >= -slack) & (rows[:, 1:3] <= size + slack)).all(axis=1)
        for at in rows[~inside, 0].astype(int).tolist():
            self._problems.add(
                "the minutia lies outside the image",
                code="outside_image",
                field=self._name,
                minutia=at,
                rule=_RULES[self._name],
            )
        rows = rows[inside]
        rows[:, 1:3] = np.clip(rows[:, 1:3], 0, size)
        x, y, angle, type_, quality = rows[:, 1:].T
        return Template(
            x=x,
            y=y,
            angle=angle,
            type=type_,
            quality=quality,
            width=frame.width,
            height=frame.height,
            ppi=frame.ppi,
            position=finger or 0,
            impression=impression,
        )
