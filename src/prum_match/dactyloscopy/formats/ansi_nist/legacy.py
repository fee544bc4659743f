"""The legacy block, fields 9.005 to 9.012.

Read in NIST's own code (`an2k2fmr` and `fmr2an2k` of BIOMDI, `to_type9.c` of NBIS), and checked
against the image and the minutiae of NIST's ``type9-13.an2k``:

- positions are in units of 0.01 mm, four digits each: up to 99.99 mm. The origin is the bottom-left
  corner of the image and y points *up*, so the height of the image is needed to turn y over.
  Without an image of the same IDC, y counts down from the topmost minutia, the size is unknown and
  the resolution is that of the unit, 2540 ppi. Comparison does not depend on where the origin is.
- the direction is in whole degrees, counter-clockwise from the positive x axis, pointing out and
  away from the ridge that ends: 180 degrees from :attr:`Template.angle
  <prum_match.dactyloscopy.Template.angle>`.
- quality runs from 2, the best, to 63, the worst; here from 100 to 1, straight. 0 (marked by a
  human) and 1 (no method) are 0 here: not stated. The meaning of 0 and 1 is from memory.
- type A is an ending, B a bifurcation; C (compound) and D (undetermined) are 0 here.

Ridge counts stay in the record.
"""

from __future__ import annotations

import numpy as np

from prum_match.dactyloscopy.formats.ansi_nist.items import (
    UNIT_PPI,
    Frame,
    Gathered,
    check_writable,
    number_of,
    rounded,
    units,
)
from prum_match.dactyloscopy.formats.ansi_nist.records import RS, Field, TaggedRecord
from prum_match.dactyloscopy.formats.records.problems import Problems
from prum_match.dactyloscopy.template import BIFURCATION, ENDING, OTHER, UNITS_PER_INCH, Template
from prum_match.errors import InvalidInput
from prum_match.values.checks import one_of

FIELD = "9.012"
_TYPES = {"A": ENDING, "B": BIFURCATION, "C": OTHER, "D": OTHER}
_LETTERS = {ENDING: "A", BIFURCATION: "B", OTHER: "D"}
_MOST_UNITS = 9999
_MOST_MINUTIAE = 999
_BEST, _WORST = 2, 63


def is_present(record: TaggedRecord) -> bool:
    """Tell whether a Type-9 record has the legacy block."""
    return record.get(12) is not None or record.get(10) is not None


def template_of(
    record: TaggedRecord, *, frame: Frame | None = None, problems: Problems | None = None
) -> Template:
    r"""Return the template of a Type-9 record with legacy fields."""
    problems = Problems() if problems is None else problems
    gathered = Gathered(record.get(12), FIELD, problems)
    gathered.expect(record, 10)
    scale = 1.0 if frame is None else frame.ppi / UNITS_PER_INCH
    for items in gathered:
        place = _place(gathered, items[1])
        if place is not None:
            x, y, direction = place
            angle = None if direction is None else (direction + 180) % 360
            gathered.add(
                x * scale, y * scale, angle, _type(gathered, items[3]), _quality(gathered, items[2])
            )
    if frame is None:
        problems.note(
            "no image of this IDC: size and resolution are not known", code="no_image", field=FIELD
        )
        frame = Frame(width=0, height=0, ppi=UNIT_PPI)
    gathered.turn_over(frame.height)
    return gathered.template(record, frame, record.get(6))


def fields_of(
    template: Template, *, system: str = "UNKNOWN", method: str = "A"
) -> tuple[Field, ...]:
    r"""Return the legacy fields of a template, 9.005 to 9.012.

    Where the height of the image is not known, y counts up from the lowest minutia.
    """
    one_of(method, "method", ("A", "U", "E", "M"), code="bad_option")
    check_writable(template, FIELD, _MOST_MINUTIAE)
    bottom = template.height or template.y.max(initial=0)
    x, y = units(template.x, template.ppi), units(bottom - template.y, template.ppi)
    if max(x.max(initial=0), y.max(initial=0)) > _MOST_UNITS:
        raise InvalidInput(
            "the legacy block has four digits for a position, up to 99.99 mm",
            code="not_representable",
            field=FIELD,
        )
    angle = (rounded(template.angle) + 180) % 360
    quality = np.where(
        template.quality == 0, 0, _WORST - rounded((template.quality - 1.0) * (_WORST - _BEST) / 99)
    )
    letters = [_LETTERS[int(type_)] for type_ in template.type]
    rows = zip(x.tolist(), y.tolist(), angle.tolist(), quality.tolist(), letters, strict=True)
    minutiae = [
        b"%03d\x1f%04d%04d%03d\x1f%02d\x1f%s" % (index, *row[:4], row[4].encode())
        for index, row in enumerate(rows, 1)
    ]
    fields = [
        Field("9.005", f"{system}\x1f{method}".encode()),
        Field("9.006", b"%02d" % template.position),
        Field("9.007", b"T\x1fUN"),
        Field("9.010", b"%d" % len(template)),
        Field("9.011", b"0"),
    ]
    return (*fields, Field(FIELD, RS.join(minutiae))) if minutiae else tuple(fields)


def _place(gathered: Gathered, text: str) -> tuple[int, int, int | None] | None:
    """Return x, y and direction of XXXXYYYYTTT; None if it is not that."""
    if len(text) != 11 or number_of(text[:8], 0, 99_999_999) is None:
        gathered.report("position and direction have eleven digits", text)
        return None
    return int(text[:4]), int(text[4:8]), gathered.number("a direction", text[8:], 0, 359)


def _type(gathered: Gathered, letter: str) -> int:
    if letter not in _TYPES:
        gathered.report("a type is A, B, C or D", letter)
    return _TYPES.get(letter, OTHER)


def _quality(gathered: Gathered, text: str) -> int:
    quality = gathered.number("a quality", text, 0, _WORST) if text else None
    if quality is None or quality < _BEST:
        return 0
    return 1 + round((_WORST - quality) * 99 / (_WORST - _BEST))
