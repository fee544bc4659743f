"""Finger minutiae records of ISO/IEC 19794-2:2005; not its formats for cards.

Angles are in units of 360/256 degrees, resolutions in pixels a centimetre. All views share one
size and one resolution. The views are those of ANSI/INCITS 378-2004; the header has no product,
and its length always has four bytes. Clauses are from memory.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from prum_match.dactyloscopy.formats.ansi378_2004 import read_views, write_image, write_views
from prum_match.dactyloscopy.formats.records.decoding import (
    EXTENDED,
    HEADER,
    MINUTIAE,
    VIEW,
    Decoder,
)
from prum_match.dactyloscopy.formats.records.encoding import Encoder, record_of
from prum_match.dactyloscopy.formats.records.record import Edition, Record
from prum_match.dactyloscopy.template import Template

EDITION = Edition(
    name="ISO/IEC 19794-2:2005",
    version=b" 20\0",
    angle_step=360 / 256,
    unstated_quality=0,
    positions=frozenset(range(11)),
    impressions={0: 0, 1: 1, 2: 2, 3: 3, 8: 8},
    clauses={HEADER: "7.3", VIEW: "7.4.1", MINUTIAE: "7.4.2", EXTENDED: "7.5"},
)


def decode(data: bytes, *, strict: bool = False) -> Record:
    """Read a record; see :func:`~prum_match.dactyloscopy.formats.ansi378_2004.decode`.

    Examples
    --------
    >>> from prum_match.dactyloscopy import Template
    >>> one = Template(x=[10], y=[20], angle=[90], width=99, height=99, ppi=500)
    >>> data = encode([one])
    >>> decode(data)[0].angle
    array([90.])
    >>> decode(data[:-1] + b"!!").problems[0].code
    'bad_length'
    """
    reader = Decoder(data, EDITION, strict)
    reader.length(4)
    equipment = reader.number(2, "capture equipment")
    views = read_views(reader, ())
    return reader.record(views, compliance=equipment >> 12, equipment=equipment & 0xFFF)


def encode(
    source: Record | Sequence[Template],
    *,
    compliance: int | None = None,
    equipment: int | None = None,
    quality: int | None = None,
    unknown_impression: int = 0,
) -> bytes:
    """Write a record; see :func:`~prum_match.dactyloscopy.formats.ansi378_2004.encode`.

    Angles are rounded to the nearest 360/256 degrees. The edition cannot say that the quality of a
    print is not stated: it is 0 by default.

    Examples
    --------
    >>> from prum_match.dactyloscopy import Template
    >>> one = Template(x=[10], y=[20], angle=[91.2], width=99, height=99, ppi=500)
    >>> decode(encode([one]))[0].angle
    array([91.40625])
    """
    record = record_of(
        source,
        EDITION,
        quality=quality,
        unstated=0,
        unknown_impression=unknown_impression,
        compliance=compliance,
        equipment=equipment,
    )
    writer = Encoder(EDITION)
    write_image(writer, record)
    write_views(writer, record)
    return writer.finish(4, partial(decode, strict=True))
