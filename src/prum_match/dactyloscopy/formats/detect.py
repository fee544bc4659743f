"""Recognition of the format and edition of a file by its content."""

from __future__ import annotations

import os
from collections.abc import Iterator
from types import ModuleType

from prum_match.dactyloscopy.formats import (
    ansi378_2004,
    ansi378_2009,
    ansi378_2009am1,
    ansi_nist,
    iso19794_2_2005,
    iso19794_2_2011,
)
from prum_match.dactyloscopy.formats.ansi_nist import MAX_BYTES, Transaction
from prum_match.dactyloscopy.formats.records.decoding import FORMAT
from prum_match.dactyloscopy.formats.records.record import Record
from prum_match.errors import InvalidInput

_MINUTIA = 6
# Editions by version number; "020" is another spelling of the oldest one that occurs in files.
_BY_VERSION: dict[bytes, tuple[ModuleType, ...]] = {
    b" 20\0": (iso19794_2_2005, ansi378_2004),
    b"020\0": (ansi378_2004,),
    b"030\0": (ansi378_2009, iso19794_2_2011),
    b"035\0": (ansi378_2009am1,),
}


def read(source: bytes | str | os.PathLike[str], *, strict: bool = False) -> Record | Transaction:
    """Read the templates of a file: a record of finger minutiae, or a transaction.

    Two pairs of editions share a version number. They are told apart by the layout that ends at
    the end of the record. If both layouts do, or neither, the record is refused: read it with the
    module of the edition that you know it to have.

    Parameters
    ----------
    source : bytes or path
        A record of any edition or a transaction of ANSI/NIST-ITL, or the file that holds it.
    strict : bool, default False
        Whether any departure from the standard is an error. Most genuine files depart from it
        somewhere; by default such faults are repaired where possible and listed in ``problems``.

    Returns
    -------
    Record or Transaction
        A sequence of templates, with ``problems``, ``notes`` and the rest of the file.

    Raises
    ------
    InvalidInput
        Codes ``"bad_source"``, ``"too_large"``, ``"not_a_record"``, ``"bad_version"``,
        ``"ambiguous_edition"``, and those of the edition.
    OSError
        If a path cannot be opened or read.

    Examples
    --------
    >>> from prum_match import dactyloscopy
    >>> from prum_match.dactyloscopy.formats import ansi378_2009
    >>> one = dactyloscopy.Template(
    ...     x=[100], y=[90], angle=[44], width=300, height=400, ppi=500, position=2
    ... )
    >>> record = dactyloscopy.read(ansi378_2009.encode([one]))
    >>> record.edition, record[0]
    ('ANSI/INCITS 378-2009', <Template: 1 minutiae, right index>)
    """
    data = _content(source)
    found: Record | Transaction = edition_of(data).decode(data, strict=strict)
    return found


def edition_of(data: bytes) -> ModuleType:
    """Return the module of the edition that a record or transaction is of."""
    if ansi_nist.recognises(data):
        return ansi_nist
    if data[:4] != FORMAT:
        message = "neither a record of finger minutiae nor a transaction of ANSI/NIST-ITL"
        raise InvalidInput(message, code="not_a_record", field="source")
    editions = _BY_VERSION.get(data[4:8])
    if editions is None:
        message = "no edition has this version number"
        raise InvalidInput(message, code="bad_version", field="version number", value=data[4:8])
    if len(editions) == 1:
        return editions[0]
    # The edition whose views end with the record; for damaged records, the one whose length fits.
    for tells in (_is_consistent, _has_length):
        fitting = [edition for edition in editions if tells(data, edition)]
        if len(fitting) == 1:
            return fitting[0]
    message = "two editions share the version number, and the content fits both or neither"
    raise InvalidInput(message, code="ambiguous_edition", field="version number")


def _content(source: bytes | str | os.PathLike[str]) -> bytes:
    if isinstance(source, (bytes, bytearray, memoryview)):
        data = bytes(source)
    elif isinstance(source, (str, os.PathLike)):
        with open(source, "rb") as file:
            data = file.read(MAX_BYTES + 1)
    else:
        raise InvalidInput("a source is a path or bytes", code="bad_source", field="source")
    if len(data) > MAX_BYTES:
        raise InvalidInput(f"a file has up to {MAX_BYTES} bytes", code="too_large", field="source")
    return data


def _number(data: bytes, at: int, size: int) -> int:
    """Return a number of the record, 0 beyond its end."""
    return int.from_bytes(data[at : at + size].ljust(size, b"\0"), "big")


def _stated_length(data: bytes, edition: ModuleType) -> int:
    if edition is not ansi378_2004:
        return _number(data, 8, 4)
    return _number(data, 8, 2) or _number(data, 10, 4)


def _has_length(data: bytes, edition: ModuleType) -> bool:
    return _stated_length(data, edition) == len(data)


def _is_consistent(data: bytes, edition: ModuleType) -> bool:
    """Tell whether the views of a record, in the layout of an edition, end with the record."""
    *_, end = _ends(data, edition)
    return end in (len(data), _stated_length(data, edition)) and end <= len(data)


def _ends(data: bytes, edition: ModuleType) -> Iterator[int]:
    """Yield the ends of the header and of each view in the layout of an edition."""
    if edition is iso19794_2_2011:
        at, count = 15, _number(data, 12, 2)
    elif edition is ansi378_2009:
        at, count = 21, _number(data, 19, 1)
    else:
        at = 24 if edition is iso19794_2_2005 else 26 if _number(data, 8, 2) else 30
        count = _number(data, at - 2, 1)
    # The number of minutiae is the last byte before them; extended data follow.
    before = 17 if edition is ansi378_2009 else 4
    yield at
    for _ in range(count):
        if edition is iso19794_2_2011:
            length = _number(data, at, 4)
        else:
            length = before + _MINUTIA * _number(data, at + before - 1, 1)
            length += 2 + _number(data, at + length, 2)
        at += length
        if at > len(data) or not length:
            yield len(data) + 1
            return
        yield at
