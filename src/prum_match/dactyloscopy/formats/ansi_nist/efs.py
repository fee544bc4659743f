"""The extended feature set, fields 9.300 to 9.399: region, position and minutiae of it.

Read in the drafts of ANSI/NIST-ITL 1-2011 and its Update 2013, NIST's guide to marking minutiae and
the code of NIST's BiometricEvaluation library; the sense of the angles was checked against the
cores of NIST's ``type9-efs.an2k``:

- positions are in units of 10 micrometres from the top-left corner of the region of interest
  (9.300), x to the right and y down. With an image of the same IDC the template is in its pixels,
  and the offset of the region is added; without one its size is that of the region, and its
  resolution that of the unit, 2540 ppi. An orientation (9.301) is not applied.
- theta is in whole degrees, counter-clockwise from the right, and bisects the branches of ridge or
  valley: :attr:`Template.angle <prum_match.dactyloscopy.Template.angle>` itself. 360 is 0, as in
  NIST's file. A direction uncertainty of 180 says that the direction is not known.
- type E is an ending, B a bifurcation, X either; the draft had U. There is no quality.

All other features stay in the record. A lateral reversal (9.315) is a problem: the minutiae are as
they were marked, which the standard leaves open to be mirrored.
"""

from __future__ import annotations

import numpy as np

from prum_match.dactyloscopy.formats.ansi_nist.items import (
    UNIT_PPI,
    Frame,
    Gathered,
    number_of,
    rounded,
    units,
)
from prum_match.dactyloscopy.formats.ansi_nist.records import RS, Field, TaggedRecord
from prum_match.dactyloscopy.formats.records.problems import Problems
from prum_match.dactyloscopy.template import BIFURCATION, ENDING, OTHER, UNITS_PER_INCH, Template
from prum_match.errors import InvalidInput

FIELD = "9.331"
_REGION = "9.300"
_TYPES = {"E": ENDING, "B": BIFURCATION, "X": OTHER, "U": OTHER}
_LETTERS = {ENDING: "E", BIFURCATION: "B", OTHER: "X"}
_MOST_UNITS = 50000
_UNKNOWN_DIRECTION = 180


def is_present(record: TaggedRecord) -> bool:
    """Tell whether a Type-9 record has EFS minutiae, or says that there are none (9.334)."""
    return record.get(331) is not None or record.text(334) == "Y"


def template_of(
    record: TaggedRecord, *, frame: Frame | None = None, problems: Problems | None = None
) -> Template:
    r"""Return the template of a Type-9 record with the extended feature set."""
    problems = Problems() if problems is None else problems
    width, height, left, top = _region(record)
    frame_used = frame or Frame(width=width, height=height, ppi=UNIT_PPI)
    if frame is None:
        left = top = 0
    scale = frame_used.ppi / UNITS_PER_INCH
    gathered = Gathered(record.get(331), FIELD, problems)
    for items in gathered:
        x = gathered.number("x", items[0], 0, width)
        y = gathered.number("y", items[1], 0, height)
        if x is not None and y is not None:
            angle = _angle(gathered, items)
            gathered.add((x + left) * scale, (y + top) * scale, angle, _type(gathered, items[3]), 0)
    if record.text(315) == "L":
        problems.note("the print is laterally reversed", code="reversed", field="9.315")
    return gathered.template(record, frame_used, record.get(302))


def fields_of(template: Template) -> tuple[Field, ...]:
    r"""Return the fields of a template: 9.300, 9.302, and 9.331 or 9.334.

    The region is the whole image; where its size is not known, the smallest one that holds the
    minutiae. Quality has no place there.
    """
    x, y = units(template.x, template.ppi), units(template.y, template.ppi)
    width, height = (
        max(int(units(np.array(float(size)), template.ppi)), int(values.max(initial=0)), 1)
        for size, values in ((template.width, x), (template.height, y))
    )
    if max(width, height) > _MOST_UNITS:
        raise InvalidInput(
            "a region of interest measures up to 500 mm", code="not_representable", field=_REGION
        )
    minutiae = [
        b"%d\x1f%d\x1f%s" % (x_, y_, _direction_and_type(angle, type_))
        for x_, y_, angle, type_ in zip(
            x.tolist(), y.tolist(), template.angle.tolist(), template.type.tolist(), strict=True
        )
    ]
    return (
        Field(_REGION, b"%d\x1f%d" % (width, height)),
        Field("9.302", b"%d" % template.position),
        Field(FIELD, RS.join(minutiae)) if minutiae else Field("9.334", b"Y"),
    )


def _region(record: TaggedRecord) -> tuple[int, int, int, int]:
    """Return width, height and offset of the region of interest."""
    field = record.get(300)
    items = [*field.items(1, 4)[0], "", ""] if field else []
    sizes = [number_of(item, 1, _MOST_UNITS) for item in items[:2]]
    offsets = [number_of(item, 0, 2 * _MOST_UNITS) if item else 0 for item in items[2:4]]
    if len(sizes) < 2 or None in sizes or None in offsets:
        raise InvalidInput(
            "a region of interest has a width and a height",
            code="bad_region",
            field=_REGION,
            value=field and field.value,
        )
    width, height, left, top = (number or 0 for number in (*sizes, *offsets))
    return width, height, left, top


def _angle(gathered: Gathered, items: list[str]) -> int | None:
    if items[5]:
        uncertainty = gathered.number("a direction uncertainty", items[5], 0, _UNKNOWN_DIRECTION)
        if uncertainty == _UNKNOWN_DIRECTION:
            return None
    return gathered.number("theta", items[2], 0, 360)


def _type(gathered: Gathered, letter: str) -> int:
    if letter not in _TYPES:
        gathered.report("a type is E, B or X", letter)
    return _TYPES.get(letter, OTHER)


def _direction_and_type(angle: float, type_: int) -> bytes:
    letter = _LETTERS[type_].encode()
    if np.isnan(angle):
        return b"0\x1f%s\x1f\x1f%d" % (letter, _UNKNOWN_DIRECTION)
    return b"%d\x1f%s" % (int(rounded(np.array(angle))) % 360, letter)
