"""The packed form of a profile: the bytes that cross into native code and onto disk.

Little endian. A header of four bytes: kind (0 reference, 1 stain), amelogenin (bits 1 = X, 2 = Y,
4 = unresolved), flags (bit 1 = suspected mixture), number of loci. Then twelve bytes a locus,
ascending by its index in the registry: index, the exchange pair a and b (0, 0 if the locus is not
in that view; 0xFFFF is the wildcard and comes last), and up to three original designations,
distinct and ascending, 0 for none. A locus in neither view is left out.
"""

from __future__ import annotations

import struct
from functools import lru_cache

from prum_match.dna.profiles.alleles import WILDCARD, format_allele, parse_allele
from prum_match.dna.profiles.loci import AMELOGENIN, locus_at
from prum_match.dna.profiles.normalise import (
    AMELOGENIN_BITS,
    AMELOGENIN_INDEX,
    RECORD,
    Entry,
)
from prum_match.errors import InvalidInput

MIXTURE_FLAG = 1
_HEADER = struct.Struct("<4B")


def pack(stain: bool, entries: tuple[Entry, ...]) -> bytes:
    """Return the packed form of a profile."""
    records: dict[int, bytes] = {}
    amelogenin = 0
    triples = 0
    for entry in entries:
        # Fields by position: this loop takes much of the time of making a profile.
        index = entry[0]
        if index in records:
            raise InvalidInput(
                "the locus is given twice, under two spellings",
                code="duplicate_locus",
                field=entry.locus,
            )
        if index >= 0:
            records[index] = entry[2]
            if entry[8]:
                triples += 1
        elif index == AMELOGENIN_INDEX:
            records[index] = b""
            amelogenin = entry[7]
    body = [record for index in sorted(records) if (record := records[index])]
    mixture = MIXTURE_FLAG if triples >= 2 else 0
    return _HEADER.pack(stain, amelogenin, mixture, len(body)) + b"".join(body)


def unpack(packed: bytes) -> tuple[bool, tuple[Entry, ...]]:
    """Read the packed form."""
    if not isinstance(packed, bytes) or len(packed) < _HEADER.size:
        raise _bad_packed("no header")
    kind, bits, flags, count = _HEADER.unpack_from(packed)
    if kind > 1 or bits > 7 or flags > MIXTURE_FLAG:
        raise _bad_packed("a header field is out of range")
    if len(packed) != _HEADER.size + count * RECORD.size:
        raise _bad_packed("the length does not fit the number of loci")
    entries: list[Entry] = []
    previous = -1
    for record in records_of(packed):
        index = record[0] | record[1] << 8
        if index <= previous:
            raise _bad_packed("the loci are not in ascending order")
        previous = index
        entries.append(_unpack_record(record))
    if bits:
        sexes = tuple(name for name, bit in AMELOGENIN_BITS.items() if bits & bit)
        entries.append(
            Entry(AMELOGENIN_INDEX, AMELOGENIN, b"", None, (), sexes, (), amelogenin=bits)
        )
    return bool(kind), tuple(entries)


def records_of(packed: bytes) -> list[bytes]:
    """Return the records of the loci, in the order of the registry."""
    return [packed[i : i + RECORD.size] for i in range(_HEADER.size, len(packed), RECORD.size)]


def pair_of(record: bytes) -> tuple[int, tuple[int, int] | None]:
    """Return the index of a record's locus and its exchange pair."""
    index, low, high, *_ = RECORD.unpack(record)
    return index, (low, high) if low else None


# A register holds the same genotype at a locus thousands of times.
@lru_cache(maxsize=1 << 14)
def _unpack_record(record: bytes) -> Entry:
    """Read one record; its designations must be able to give its pair."""
    index, low, high, *tail = RECORD.unpack(record)
    item = locus_at(index)
    pair = (low, high) if low else None
    designations = tuple(length for length in tail if length)
    known = set(designations)
    if pair is None:
        # One value that was dropped, or an unresolved value before one or two others (N4).
        possible = high == 0 and len(designations) in (1, 2)
    elif high == WILDCARD:
        possible = low in known
    else:
        possible = low <= high and known == {low, high}
    sound = tuple(sorted(known)) == designations == tuple(tail[: len(known)])
    if not possible or not sound:
        raise _bad_packed("a locus has two views that contradict each other")
    try:
        texts = {length: format_allele(item, length) for length in designations}
        back = [parse_allele(item, text) for text in texts.values()]
    except InvalidInput:
        raise _bad_packed("no allele of the locus has this length") from None
    if back != [*texts]:
        raise _bad_packed("a length stands for a value that is a wildcard (N3)")
    if pair is None:
        originals = tuple(texts.values()) if len(texts) == 1 else ("*", *texts.values())
    elif high == WILDCARD:
        rest = [text for length, text in texts.items() if length != low]
        originals = (texts[low], *rest, *("*",) * (len(rest) < 2))
    else:
        originals = (texts[low], texts[high])
    return Entry(
        index,
        item.name,
        record,
        pair,
        designations,
        originals,
        (),
    )


def _bad_packed(message: str) -> InvalidInput:
    return InvalidInput(
        f"not a packed profile: {message}", code="bad_packed", field="packed", value=None
    )
