"""Finger minutiae records of ISO/IEC 19794-2:2011; not its formats for cards.

Angles are in units of 360/256 degrees, resolutions in pixels a centimetre, of each view (the
standard says representation) its own. Minutiae have five bytes, or six with their quality. The
clauses of the parts are from the standard's own cross-references, the layout from public parsers
and samples.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from prum_match.dactyloscopy.formats.records.decoding import HEADER, MINUTIAE, VIEW, Decoder
from prum_match.dactyloscopy.formats.records.encoding import Encoder, record_of
from prum_match.dactyloscopy.formats.records.record import Edition, Record, View
from prum_match.dactyloscopy.template import Template

EDITION = Edition(
    name="ISO/IEC 19794-2:2011",
    version=b"030\0",
    angle_step=360 / 256,
    unstated_quality=254,
    positions=frozenset(range(11)),
    impressions={code: code for code in (*range(10), 24, 28, 29)},
    clauses={HEADER: "8.3", VIEW: "8.4", MINUTIAE: "8.4.19"},
)
# Field, bytes, least, most.
_CAPTURED = (
    ("year", 2, 1, 0xFFFE),
    ("month", 1, 1, 12),
    ("day", 1, 1, 31),
    ("hour", 1, 0, 23),
    ("minute", 1, 0, 59),
    ("second", 1, 0, 59),
    ("millisecond", 2, 0, 999),
)
_WITHOUT_QUALITY, _WITH_QUALITY = 5, 6
_FAILED = (255,)


def decode(data: bytes, *, strict: bool = False) -> Record:
    """Read a record; see :func:`~prum_match.dactyloscopy.formats.ansi378_2004.decode`.

    Examples
    --------
    >>> from prum_match.dactyloscopy import Template
    >>> one = Template(x=[10], y=[20], angle=[90], width=99, height=99, ppi=500)
    >>> decode(encode([one]))[0].angle
    array([90.])
    """
    reader = Decoder(data, EDITION, strict)
    reader.length(4)
    indices = reader.views(2)
    certified = reader.number(1, "certification flag")
    if certified > 1:
        raise reader.error(
            "certification flag", "neither 0 nor 1", code="bad_field", value=certified
        )
    views = tuple(_read_view(reader, index, bool(certified)) for index in indices)
    return reader.record(views, certified=bool(certified))


def _read_view(reader: Decoder, index: int, certified: bool) -> View:
    reader.begin(index)
    begin = reader.at
    end = begin + reader.number(4, "representation length")
    captured = tuple(_read_moment(reader, *field) for field in _CAPTURED)
    technology = reader.number(1, "capture device technology")
    device_vendor = reader.number(2, "capture device vendor")
    device = reader.number(2, "capture device type")
    qualities = tuple(
        reader.full_quality(_FAILED) for _ in range(reader.number(1, "number of quality blocks"))
    )
    count = reader.number(1, "number of certifications") if certified else 0
    certifications = tuple(
        (reader.number(2, "certification authority"), reader.number(1, "certification scheme"))
        for _ in range(count)
    )
    position = reader.position()
    number = reader.view_number(position, reader.number(1, "representation number"))
    resolution = reader.resolution()
    impression = reader.impression(reader.number(1, "impression type"))
    size = reader.size()
    width, ridge_ending = divmod(reader.number(1, "minutia length and ridge ending"), 16)
    if width not in (_WITHOUT_QUALITY, _WITH_QUALITY) or ridge_ending > 1:
        message = "5 or 6 bytes, ending type 0 or 1"
        raise reader.error("minutia length and ridge ending", message, code="bad_field")
    view = reader.view(
        position=position,
        impression=impression,
        number=number,
        size=size,
        resolution=resolution,
        last=False,
        width=width,
        qualities=qualities,
        captured=captured,
        technology=technology,
        device_vendor=device_vendor,
        device=device,
        certifications=certifications,
        ridge_ending=ridge_ending,
    )
    _end_view(reader, end)
    return view


def _read_moment(reader: Decoder, name: str, size: int, least: int, most: int) -> int | None:
    value = reader.number(size, name)
    if value == 256**size - 1:
        return None
    if not least <= value <= most:
        reader.fault(name, "not a valid part of a date and time", code="bad_date", value=value)
    return value


def _end_view(reader: Decoder, end: int) -> None:
    if reader.at > end:
        message = "shorter than its content"
        raise reader.error("representation length", message, code="bad_length")
    if reader.at < end:
        left = len(reader.take(end - reader.at, "representation"))
        message = "bytes after the extended data"
        reader.fault("representation", message, code="trailing_bytes", repair="dropped", value=left)


def encode(source: Record | Sequence[Template], *, quality: int | None = None) -> bytes:
    """Write a record; see :func:`~prum_match.dactyloscopy.formats.ansi378_2004.encode`.

    Templates may be of different images. Angles are rounded to the nearest 360/256 degrees.
    Minutiae without a stated quality have five bytes. The time of capture, devices and
    certifications are left unstated for templates; a record keeps those of its views.

    Parameters
    ----------
    source : Record or sequence of Template
        A record of this edition, or templates.
    quality : int, optional
        Quality of the prints, for one quality block each; by default there is none.

    Examples
    --------
    >>> from prum_match.dactyloscopy import Template
    >>> one = Template(x=[10], y=[20], angle=[91.2], width=99, height=99, ppi=500)
    >>> decode(encode([one]))[0].angle
    array([91.40625])
    """
    record = record_of(source, EDITION, quality=quality)
    if record is not source:
        record = replace(record, views=tuple(_without(view, quality) for view in record.views))
    writer = Encoder(EDITION)
    writer.number(len(record.views), 2, "number of views")
    writer.number(int(record.certified), 1, "certification flag")
    for index, view in enumerate(record.views):
        inner = Encoder(EDITION)
        inner.view, inner.part = index, VIEW
        _write_view(inner, view, record.certified)
        writer.enclose(inner, 4)
    return writer.finish(4, partial(decode, strict=True))


def _without(view: View, quality: int | None) -> View:
    """Return a view without the qualities that are not stated."""
    stated = view.template.quality.any()
    return replace(
        view,
        minutia_quality=view.minutia_quality if stated else None,
        qualities=view.qualities if quality is not None else (),
    )


def _write_view(writer: Encoder, view: View, certified: bool) -> None:
    for (name, size, _, _), value in zip(_CAPTURED, view.captured, strict=True):
        writer.number(256**size - 1 if value is None else value, size, name)
    writer.number(view.technology, 1, "capture device technology")
    writer.number(view.device_vendor, 2, "capture device vendor")
    writer.number(view.device, 2, "capture device type")
    writer.number(len(view.qualities), 1, "number of quality blocks")
    for quality in view.qualities:
        writer.full_quality(quality)
    if certified:
        writer.number(len(view.certifications), 1, "number of certifications")
    elif view.certifications:
        message = "the header of the record says that there are none"
        raise writer.error("number of certifications", message, code="bad_field")
    for authority, scheme in view.certifications:
        writer.number(authority, 2, "certification authority")
        writer.number(scheme, 1, "certification scheme")
    writer.number(view.position, 1, "finger position")
    writer.number(view.number, 1, "representation number")
    writer.resolution(view)
    writer.number(writer.impression(view), 1, "impression type")
    writer.size(view)
    if view.ridge_ending not in (0, 1):
        raise writer.error("ridge ending type", "neither 0 nor 1", code="bad_field")
    width = _WITHOUT_QUALITY if view.minutia_quality is None else _WITH_QUALITY
    writer.number(width << 4 | view.ridge_ending, 1, "minutia length and ridge ending")
    writer.minutiae(view)
    writer.extended(view)
