"""Finger minutiae records of ANSI/INCITS 378-2009.

Angles are in units of 2 degrees, resolutions in pixels a centimetre, of each view its own. The
quality of a minutia may be 254, not stated, or 255, a failed attempt; 0 is the lowest quality.
The layout is from public parsers and samples; the standard itself was not read.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from prum_match.dactyloscopy.formats.records.decoding import VIEW, Decoder
from prum_match.dactyloscopy.formats.records.encoding import Encoder, record_of
from prum_match.dactyloscopy.formats.records.record import VENDOR_UNKNOWN, Edition, Record, View
from prum_match.dactyloscopy.template import Template

EDITION = Edition(
    name="ANSI/INCITS 378-2009",
    version=b"030\0",
    angle_step=2.0,
    unstated_quality=254,
    positions=frozenset(range(11)),
    impressions={code: code for code in (0, 1, 2, 3, 8, 10, 11, *range(20, 30))},
)
_SPECIAL = (254, 255)


def decode(data: bytes, *, strict: bool = False) -> Record:
    """Read a record; see :func:`~prum_match.dactyloscopy.formats.ansi378_2004.decode`.

    Examples
    --------
    >>> from prum_match.dactyloscopy import Template
    >>> one = Template(x=[10], y=[20], angle=[90], width=99, height=99, ppi=500)
    >>> decode(encode([one]))[0].angle
    array([90.])
    """
    return decode_as(EDITION, data, strict=strict)


def encode(
    source: Record | Sequence[Template],
    *,
    product: tuple[int, int] | None = None,
    compliance: int | None = None,
    equipment: int | None = None,
    quality: int | None = None,
) -> bytes:
    """Write a record; see :func:`~prum_match.dactyloscopy.formats.ansi378_2004.encode`.

    Templates may be of different images. The code ``"mixed_images"`` does not occur.

    Examples
    --------
    >>> from prum_match.dactyloscopy import Template
    >>> one = Template(x=[10], y=[20], angle=[91.2], width=99, height=99, ppi=500)
    >>> decode(encode([one]))[0].angle
    array([92.])
    """
    return encode_as(EDITION, source, product, compliance, equipment, quality)


def decode_as(edition: Edition, data: bytes, *, strict: bool) -> Record:
    """Read a record of an edition with this layout."""
    reader = Decoder(data, edition, strict)
    reader.length(4)
    product = reader.product()
    compliance = reader.number(1, "capture equipment compliance")
    equipment = reader.number(2, "capture equipment id")
    indices = reader.views(1)
    reader.reserved()
    views = tuple(_read_view(reader, index, index == indices[-1]) for index in indices)
    return reader.record(views, product=product, compliance=compliance, equipment=equipment)


def _read_view(reader: Decoder, index: int, last: bool) -> View:
    reader.begin(index)
    position = reader.position()
    number = reader.view_number(position, reader.number(1, "view number"))
    impression = reader.impression(reader.number(1, "impression type"))
    return reader.view(
        position=position,
        impression=impression,
        number=number,
        qualities=(reader.full_quality(_SPECIAL),),
        size=reader.size(),
        resolution=reader.resolution(),
        last=last,
    )


def encode_as(
    edition: Edition,
    source: Record | Sequence[Template],
    product: tuple[int, int] | None,
    compliance: int | None,
    equipment: int | None,
    quality: int | None,
) -> bytes:
    """Write a record of an edition with this layout."""
    record = record_of(
        source,
        edition,
        quality=quality,
        quality_vendor=VENDOR_UNKNOWN,
        product=product,
        compliance=compliance,
        equipment=equipment,
    )
    writer = Encoder(edition)
    writer.product(record)
    writer.number(record.compliance, 1, "capture equipment compliance")
    writer.number(record.equipment, 2, "capture equipment id")
    writer.number(len(record.views), 1, "number of views")
    writer.number(0, 1, "reserved byte")
    for index, view in enumerate(record.views):
        writer.view, writer.part = index, VIEW
        _write_view(writer, view)
    return writer.finish(4, partial(decode_as, edition, strict=True))


def _write_view(writer: Encoder, view: View) -> None:
    writer.number(view.position, 1, "finger position")
    writer.number(view.number, 1, "view number")
    writer.number(writer.impression(view), 1, "impression type")
    writer.full_quality(writer.quality(view))
    writer.size(view)
    writer.resolution(view)
    writer.minutiae(view)
    writer.extended(view)
