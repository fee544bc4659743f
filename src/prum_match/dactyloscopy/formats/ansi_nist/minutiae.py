"""The template of each Type-9 record, from the first set of fields that it has.

A record may hold the same minutiae in several blocks of fields. One is read: INCITS 378, which the
Prüm decision uses, else the extended feature set, else the legacy fields. The FBI's own block
(9.013 to 9.031) and those of vendors are kept in the record and not read.
"""

from __future__ import annotations

from collections.abc import Sequence

from prum_match.dactyloscopy.formats.ansi_nist import efs, incits, legacy
from prum_match.dactyloscopy.formats.ansi_nist.images import frame_of
from prum_match.dactyloscopy.formats.ansi_nist.items import Frame
from prum_match.dactyloscopy.formats.ansi_nist.records import Record, TaggedRecord
from prum_match.dactyloscopy.formats.records.problems import Problems
from prum_match.dactyloscopy.template import Template
from prum_match.errors import InvalidInput

_BLOCKS = (
    (incits.FIELD, incits.is_present, incits.template_of),
    (efs.FIELD, efs.is_present, efs.template_of),
    (legacy.FIELD, legacy.is_present, legacy.template_of),
)


def read_minutiae(
    records: Sequence[Record], problems: Problems
) -> tuple[tuple[Template, ...], tuple[int, ...]]:
    """Return the templates of the Type-9 records, and which record each comes from."""
    frames = frames_of(records, problems)
    found: list[tuple[Template, int]] = []
    for index, record in enumerate(records):
        if isinstance(record, TaggedRecord) and record.type == 9:
            problems.index = index
            template = _template(record, frames.get(record.idc), problems)
            if template is not None:
                found.append((template, index))
    return tuple(template for template, _ in found), tuple(index for _, index in found)


def frames_of(records: Sequence[Record], problems: Problems) -> dict[int | None, Frame]:
    """Return the first image of each IDC."""
    header = records[0] if isinstance(records[0], TaggedRecord) else None
    frames: dict[int | None, Frame] = {}
    for index, record in enumerate(records):
        problems.index = index
        frame = frame_of(record, header, problems)
        if frame is not None and frames.setdefault(record.idc, frame) != frame:
            problems.note(
                "another image with this IDC; the first one is used",
                code="other_image",
                field=f"{record.type}.002",
            )
    return frames


def _template(record: TaggedRecord, frame: Frame | None, problems: Problems) -> Template | None:
    present = [(field, read) for field, is_present, read in _BLOCKS if is_present(record)]
    if not present:
        problems.note("no readable minutiae", code="no_minutiae", field="9.004")
        return None
    for field, _ in present[1:]:
        problems.note("a second set of minutiae is not read", code="other_block", field=field)
    try:
        _, read = present[0]
        return read(record, frame=frame, problems=problems)
    except InvalidInput as error:
        if error.code == "not_a_hand":
            problems.note("the print is of a foot", code="not_a_hand", field=error.field or "9.002")
        else:
            problems.refuse(error)
        return None
