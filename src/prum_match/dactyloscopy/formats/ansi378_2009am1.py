"""Finger minutiae records of ANSI/INCITS 378-2009, Amendment 1.

As ANSI/INCITS 378-2009, with the positions of several fingers in one print: 13 to 15, and 40 to 50.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from prum_match.dactyloscopy.formats import ansi378_2009
from prum_match.dactyloscopy.formats.ansi378_2009 import decode_as, encode_as
from prum_match.dactyloscopy.formats.records.record import Record
from prum_match.dactyloscopy.template import Template

EDITION = replace(
    ansi378_2009.EDITION,
    name="ANSI/INCITS 378-2009/AM1",
    version=b"035\0",
    positions=frozenset({*range(11), *range(13, 16), *range(40, 51)}),
)


def decode(data: bytes, *, strict: bool = False) -> Record:
    """Read a record; see :func:`~prum_match.dactyloscopy.formats.ansi378_2004.decode`.

    Examples
    --------
    >>> from prum_match.dactyloscopy import Template
    >>> slap = Template(x=[], y=[], angle=[], width=800, height=750, ppi=500, position=13)
    >>> decode(encode([slap]))[0]
    <Template: 0 minutiae, plain right four fingers>
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
    """Write a record; see :func:`~prum_match.dactyloscopy.formats.ansi378_2009.encode`.

    Examples
    --------
    >>> from prum_match.dactyloscopy import Template
    >>> one = Template(x=[10], y=[20], angle=[91.2], width=99, height=99, ppi=500)
    >>> decode(encode([one]))[0].angle
    array([92.])
    """
    return encode_as(EDITION, source, product, compliance, equipment, quality)
