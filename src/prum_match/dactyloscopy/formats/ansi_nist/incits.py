"""The block of ANSI/INCITS 378, fields 9.126 to 9.141: that of the Prüm decision.

Read in the drafts of ANSI/NIST-ITL 1-2011 and its Update 2013: items of 9.137, angle in units of 2
degrees, quality 1 to 100 with 0 for none, ridge counts only with CBEFF types 514 and 515. From
memory: the items of 9.126 and 9.127, the limit of 255 minutiae, and what the Prüm annex says.

- positions are in pixels at the resolution of 9.130 to 9.132, from the top-left corner, y down;
- the angle is counter-clockwise from the positive x axis, along the ridge:
  :attr:`Template.angle <prum_match.dactyloscopy.Template.angle>` itself;
- type 1 is an ending, 2 a bifurcation, 0 other.

Ridge counts, cores and deltas stay in the record.
"""

from __future__ import annotations

import numpy as np

from prum_match.dactyloscopy.formats.ansi_nist.items import (
    PIXELS_PER_CM_TO_PPI,
    Frame,
    Gathered,
    check_writable,
    number_of,
    rounded,
)
from prum_match.dactyloscopy.formats.ansi_nist.records import RS, Field, TaggedRecord
from prum_match.dactyloscopy.formats.records.problems import Problems
from prum_match.dactyloscopy.template import Template
from prum_match.errors import InvalidInput

FIELD = "9.137"
_MOST_MINUTIAE = 255
_PIXELS_PER_INCH, _PIXELS_PER_CM = 1, 2


def is_present(record: TaggedRecord) -> bool:
    """Tell whether a Type-9 record has the block of INCITS 378."""
    return record.get(137) is not None or record.get(136) is not None


def template_of(
    record: TaggedRecord, *, frame: Frame | None = None, problems: Problems | None = None
) -> Template:
    r"""Return the template of a Type-9 record with the block of INCITS 378."""
    problems = Problems() if problems is None else problems
    own = _frame(record, frame, problems)
    gathered = Gathered(record.get(137), FIELD, problems)
    gathered.expect(record, 136)
    for items in gathered:
        x = gathered.number("x", items[1], 0, 65535)
        y = gathered.number("y", items[2], 0, 65535)
        if x is not None and y is not None:
            half = gathered.number("an angle in units of 2 degrees", items[3], 0, 179)
            type_ = gathered.number("a type", items[4], 0, 2)
            quality = gathered.number("a quality", items[5], 0, 100) if items[5] else 0
            gathered.add(x, y, None if half is None else 2 * half, type_ or 0, quality or 0)
    return gathered.template(record, own, record.get(134))


def fields_of(template: Template) -> tuple[Field, ...]:
    r"""Return the fields of a template, 9.126 to 9.137.

    Positions become whole pixels and angles even degrees. A size that is not known becomes the
    smallest that holds the minutiae.
    """
    check_writable(template, FIELD, _MOST_MINUTIAE)
    unit, scale = _scale(template.ppi)
    x, y = rounded(template.x), rounded(template.y)
    half = rounded(template.angle / 2) % 180
    rows = np.stack([x, y, half, template.type, template.quality], axis=1)
    values = {
        126: b"27\x1f513\x1f0",
        127: b"NONE\x1f0",
        128: b"%d" % (template.width or max(int(x.max(initial=0)), 1)),
        129: b"%d" % (template.height or max(int(y.max(initial=0)), 1)),
        130: b"%d" % unit,
        131: b"%d" % scale,
        132: b"%d" % scale,
        133: b"0",
        134: b"%d" % template.position,
        136: b"%d" % len(template),
        137: RS.join(
            b"%d\x1f%d\x1f%d\x1f%d\x1f%d\x1f%d" % (index, *row)
            for index, row in enumerate(rows.tolist(), 1)
        ),
    }
    return tuple(Field(f"9.{number}", value) for number, value in values.items() if value)


def _frame(record: TaggedRecord, frame: Frame | None, problems: Problems) -> Frame:
    """Return size and resolution of the block, or those of the image."""
    width, height = (number_of(record.text(number), 1, 65535) for number in (128, 129))
    unit = number_of(record.text(130), 1, 2)
    across, down = (number_of(record.text(number), 1, 65535) for number in (131, 132))
    if width is None or height is None:
        problems.add("the block lacks a size", code="missing_field", field="9.128")
    if unit is None or across is None or across != down:
        problems.add(
            "the block lacks a resolution of square pixels", code="no_resolution", field="9.131"
        )
        if frame is None:
            raise InvalidInput("no resolution is stated", code="no_resolution", field="9.131")
        ppi = frame.ppi
    else:
        ppi = float(across) if unit == _PIXELS_PER_INCH else across * PIXELS_PER_CM_TO_PPI
    return Frame(
        width=width or (frame.width if frame else 0),
        height=height or (frame.height if frame else 0),
        ppi=ppi,
        position=frame.position if frame else None,
        impression=frame.impression if frame else None,
    )


def _scale(ppi: float) -> tuple[int, int]:
    """Return unit and number of a resolution."""
    for unit, value in ((_PIXELS_PER_INCH, ppi), (_PIXELS_PER_CM, ppi / PIXELS_PER_CM_TO_PPI)):
        if abs(value - round(value)) < 1e-6:
            return unit, round(value)
    raise InvalidInput(
        "a resolution is a whole number of pixels an inch or a centimetre",
        code="not_representable",
        field="9.131",
    )
