"""Finger minutiae records of ANSI/INCITS 378-2004.

Angles are in units of 2 degrees, resolutions in pixels a centimetre. All views share one size and
one resolution. The length of the record has two bytes; where these are 0, four more follow.

Impression type 9 is a live scan without contact, 24 in ANSI/NIST-ITL. Clauses are from memory.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from prum_match.dactyloscopy.formats.records.decoding import (
    EXTENDED,
    HEADER,
    MINUTIAE,
    VIEW,
    Decoder,
)
from prum_match.dactyloscopy.formats.records.encoding import Encoder, record_of
from prum_match.dactyloscopy.formats.records.record import Edition, FingerQuality, Record, View
from prum_match.dactyloscopy.template import Template

EDITION = Edition(
    name="ANSI/INCITS 378-2004",
    version=b" 20\0",
    angle_step=2.0,
    unstated_quality=0,
    positions=frozenset(range(11)),
    impressions={0: 0, 1: 1, 2: 2, 3: 3, 8: 8, 9: 24},
    clauses={HEADER: "6.4", VIEW: "6.5.1", MINUTIAE: "6.5.2", EXTENDED: "6.6"},
    other_versions=(b"020\0",),
)
# The profile of NIST SP 800-76 writes 254 and 255 for prints whose quality is not known.
_SPECIAL = (254, 255)
_LONG = 0x10000


def decode(data: bytes, *, strict: bool = False) -> Record:
    """Read a record.

    Parameters
    ----------
    data : bytes
        The record.
    strict : bool, default False
        Whether any departure from the standard is an error. Most genuine files depart from it
        somewhere; by default such faults are repaired where possible and listed in
        ``Record.problems``.

    Returns
    -------
    Record
        The templates, and the rest of the record.

    Raises
    ------
    InvalidInput
        Codes ``"bad_source"``, ``"not_a_record"``, ``"bad_version"``, ``"truncated"``,
        ``"bad_length"``, ``"bad_field"``, ``"bad_size"``, ``"bad_resolution"``,
        ``"too_many_problems"``, and in strict reading the codes of problems.

    Examples
    --------
    >>> from prum_match.dactyloscopy import Template
    >>> one = Template(x=[10], y=[20], angle=[90], width=99, height=99, ppi=500)
    >>> decode(encode([one]))[0].angle
    array([90.])
    """
    reader = Decoder(data, EDITION, strict)
    _length(reader)
    product = reader.product()
    equipment = reader.number(2, "capture equipment")
    views = read_views(reader, _SPECIAL)
    return reader.record(
        views, product=product, compliance=equipment >> 12, equipment=equipment & 0xFFF
    )


def _length(reader: Decoder) -> None:
    short = int.from_bytes(reader.data[reader.at : reader.at + 2], "big")
    if short:
        reader.length(2)
        return
    reader.number(2, "record length")
    if reader.length(4) < _LONG:
        message = "six bytes where two suffice"
        reader.fault("record length", message, code="bad_length")


def read_views(reader: Decoder, special: tuple[int, ...]) -> tuple[View, ...]:
    """Return the views of a record that describes the image before them.

    The reader stands at the size of the image; `special` are the qualities above 100.
    """
    size, resolution = reader.size(), reader.resolution()
    indices = reader.views(1)
    reader.reserved()
    views = []
    for index in indices:
        reader.begin(index)
        position = reader.position()
        code = reader.number(1, "view number and impression type")
        number = reader.view_number(position, code >> 4)
        impression = reader.impression(code & 0xF)
        views.append(
            reader.view(
                position=position,
                impression=impression,
                number=number,
                size=size,
                resolution=resolution,
                qualities=(FingerQuality(reader.quality(special)),),
                last=index == indices[-1],
            )
        )
    return tuple(views)


def encode(
    source: Record | Sequence[Template],
    *,
    product: tuple[int, int] | None = None,
    compliance: int | None = None,
    equipment: int | None = None,
    quality: int | None = None,
    unknown_impression: int = 0,
) -> bytes:
    """Write a record.

    Positions are rounded to the nearest pixel of the image, angles to the nearest 2 degrees, the
    resolution to the nearest pixel a centimetre: 500 ppi become 197, which are 500.38.

    Parameters
    ----------
    source : Record or sequence of Template
        A record of this edition, which is written as it was read, or templates.
    product : tuple of int, optional
        Owner and type of the product that writes the record (CBEFF); by default the registered
        owner for unknown vendors.
    compliance, equipment : int, optional
        Compliance bits and id of the capture equipment; 0 by default.
    quality : int, optional
        Quality of the prints, which templates do not hold; 254, not stated, by default.
    unknown_impression : int, default 0
        Impression type to write for an unknown one, for which the edition has no code. Extractors
        write 0, a plain live-scan print.

    Raises
    ------
    InvalidInput
        Codes ``"no_views"``, ``"bad_template"``, ``"other_edition"``, ``"bad_option"``,
        ``"palm_position"``, ``"position_not_in_edition"``, ``"impression_not_in_edition"``,
        ``"too_many_views"``, ``"mixed_images"``, ``"size_needed"``, ``"unknown_direction"``,
        ``"too_many_minutiae"``, ``"coordinate_too_large"``, ``"view_mismatch"``, ``"bad_field"``.

    Examples
    --------
    >>> from prum_match.dactyloscopy import Template
    >>> one = Template(x=[10], y=[20], angle=[91.2], width=99, height=99, ppi=500)
    >>> decode(encode([one], product=(15, 1)))[0].angle
    array([92.])
    """
    record = record_of(
        source,
        EDITION,
        quality=quality,
        unknown_impression=unknown_impression,
        product=product,
        compliance=compliance,
        equipment=equipment,
    )
    writer = Encoder(EDITION)
    writer.product(record)
    write_image(writer, record)
    write_views(writer, record)
    is_short = writer.length(2) < _LONG
    return writer.finish(2 if is_short else 6, partial(decode, strict=True))


def write_image(writer: Encoder, record: Record) -> None:
    """Write the equipment, and the image that all views share."""
    compliance = writer.whole(record.compliance, 4, "capture equipment compliance")
    equipment = writer.whole(record.equipment, 12, "capture equipment id")
    writer.number(compliance << 12 | equipment, 2, "capture equipment")
    first = record.views[0]
    if any((v.size, v.resolution) != (first.size, first.resolution) for v in record.views):
        message = "views of different images; the edition describes only one"
        raise writer.error("image size", message, code="mixed_images")
    writer.size(first)
    writer.resolution(first)


def write_views(writer: Encoder, record: Record) -> None:
    """Write the number of views and the views."""
    writer.number(len(record.views), 1, "number of views")
    writer.number(0, 1, "reserved byte")
    for index, view in enumerate(record.views):
        writer.view, writer.part = index, VIEW
        writer.number(view.position, 1, "finger position")
        code = view.number << 4 | writer.impression(view)
        writer.number(code, 1, "view number and impression type")
        writer.number(writer.quality(view).score, 1, "finger quality")
        writer.minutiae(view)
        writer.extended(view)
