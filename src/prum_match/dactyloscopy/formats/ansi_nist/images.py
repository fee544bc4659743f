"""Size, resolution, position and impression type in image records.

Types 4, 13, 14 and 15. The image itself is not opened. Layout of the header of Type-4 and meaning
of its resolution: general knowledge, checked against NIST's ``type4-slaps.an2k``.
"""

from __future__ import annotations

import re

from prum_match.dactyloscopy.formats.ansi_nist.items import (
    PIXELS_PER_CM_TO_PPI,
    Frame,
    number_of,
    position_of,
)
from prum_match.dactyloscopy.formats.ansi_nist.records import BinaryRecord, Record, TaggedRecord
from prum_match.dactyloscopy.formats.records.problems import Problems
from prum_match.dactyloscopy.positions import KNOWN_POSITIONS
from prum_match.errors import InvalidInput

_TYPE_4_HEADER = 18
_UNUSED_POSITION = 255
_MOST = 65535
# The minimum scanning resolution, 19.69 pixels a millimetre, is known as 500 ppi.
_NOMINAL_PPI = 500.0


def frame_of(record: Record, header: TaggedRecord | None, problems: Problems) -> Frame | None:
    """Return the frame of an image record; None for other records, or without a resolution."""
    if isinstance(record, BinaryRecord):
        return _binary(record, header, problems) if record.type == 4 else None
    return _tagged(record, problems) if record.type in (13, 14, 15) else None


def _binary(record: BinaryRecord, header: TaggedRecord | None, problems: Problems) -> Frame | None:
    data = record.data
    if len(data) < _TYPE_4_HEADER:
        problems.add("a Type-4 header has 18 bytes", code="truncated", field="4.001")
        return None
    ppi = _NOMINAL_PPI if data[12] == 0 else _native_ppi(header)
    if ppi is None:
        problems.note("no resolution is stated", code="no_resolution", field="4.005")
        return None
    positions = [code for code in data[6:12] if code != _UNUSED_POSITION]
    known = len(positions) == 1 and positions[0] in KNOWN_POSITIONS
    return Frame(
        width=int.from_bytes(data[13:15], "big"),
        height=int.from_bytes(data[15:17], "big"),
        ppi=ppi,
        position=positions[0] if known else None,
        impression=data[5],
    )


def _native_ppi(header: TaggedRecord | None) -> float | None:
    """Return the native scanning resolution (1.011), which is in pixels a millimetre."""
    text = header.text(11) if header else ""
    found = re.fullmatch(r"\d{2}\.\d{2}", text, re.ASCII)
    return float(text) * 25.4 or None if found else None


def _tagged(record: TaggedRecord, problems: Problems) -> Frame | None:
    numbers = {name: number_of(record.text(name), 0, _MOST) for name in range(6, 11)}
    width, height, unit, across, down = (numbers[name] for name in range(6, 11))
    if not (width and height):
        problems.add(
            "an image has 1 to 65535 pixels a side",
            code="bad_size",
            field=f"{record.type}.006",
        )
        return None
    if not across or across != down or unit not in (1, 2):
        problems.note(
            "no resolution of square pixels is stated",
            code="no_resolution",
            field=f"{record.type}.009",
        )
        return None
    return Frame(
        width=width,
        height=height,
        ppi=float(across) if unit == 1 else across * PIXELS_PER_CM_TO_PPI,
        position=_position(record, problems),
        impression=number_of(record.text(3), 0, 255),
    )


def _position(record: TaggedRecord, problems: Problems) -> int | None:
    """Return the position of an image; an invalid one is only noted."""
    field = record.get(13)
    try:
        return position_of(field, problems) if field else None
    except InvalidInput as error:
        problems.note(
            str(error.args[0]), code=error.code, field=f"{record.type}.013", value=error.value
        )
        return None
