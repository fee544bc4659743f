"""The filter of a name: a set of places, by the table of `police_record/schemes.py`.

This oracle uses neither native code nor a cache. A digest is a function of key, field and message.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise

from prum_match.police_record.names.folding import fold_name
from prum_match.police_record.persons.person import Name, Person
from prum_match.police_record.pseudonyms.parameters import Parameters
from prum_match.values.dates import PartialDate

Digest = Callable[[str, bytes], bytes]
"""Of a field and a message."""


def filters(person: Person, parameters: Parameters, digest: Digest) -> list[bytes]:
    """Return the filter of each name of a person."""
    of_name = _of_record if parameters.scheme == "record" else _of_fields
    return [of_name(person, name, parameters, digest) for name in person.names]


def _of_record(person: Person, name: Name, parameters: Parameters, digest: Digest) -> bytes:
    bits = parameters.bits * (2 if parameters.fold else 1)
    first, family = bigrams(_forms(name.first_names)), bigrams(_forms(name.family_names))
    found = _united(digest, "name", first, parameters.first_names, bits)
    found |= _united(digest, "name", family, parameters.family_names, bits)
    # A date without a name has no filter.
    if found:
        date = date_parts(person.birth_date)
        found |= _united(digest, "birth_date", date, parameters.birth_date, bits)
        if parameters.birth_place and person.birth_place:
            place = bigrams(fold_name(person.birth_place).forms)
            found |= _united(digest, "birth_place", place, parameters.birth_place, bits)
    return _folded(found, bits, parameters.fold)


def _of_fields(person: Person, name: Name, parameters: Parameters, digest: Digest) -> bytes:
    bits = parameters.bits // 2 * (2 if parameters.fold else 1)
    halves = (
        (name.family_names, parameters.family_names),
        (name.first_names, parameters.first_names),
    )
    return b"".join(
        _folded(_united(digest, "name", bigrams(_forms(parts)), count, bits), bits, parameters.fold)
        for parts, count in halves
    )


def _forms(parts: Iterable[str]) -> Sequence[str]:
    return fold_name(" ".join(parts)).forms


def bigrams(forms: Iterable[str]) -> set[str]:
    """Return the pairs of neighbours in the parts of a name, including the edges of a part."""
    edged = {f"_{part}_" for form in forms for part in form.split()}
    return {a + b for text in edged for a, b in pairwise(text)}


def date_parts(date: PartialDate | None) -> set[str]:
    """Return the parts of a date that are in a filter."""
    if date is None:
        return set()
    parts = {f"{date.year:04d}"}
    if date.month is not None:
        parts.add(f"{date.year:04d}-{date.month:02d}")
        if date.day is not None:
            low, high = sorted((date.month, date.day))
            parts |= {f"{date.year:04d}--{date.day:02d}", f"{low:02d}-{high:02d}"}
    return parts


def places(digest: Digest, field: str, piece: str, count: int, bits: int) -> set[int]:
    """Return places of a piece, drawn from digests of the piece with a counter."""
    found = set[int]()
    for counter in range(2**16):
        block = digest(field, counter.to_bytes(2, "big") + piece.encode())
        for i in range(0, len(block), 2):
            if len(found) == count:
                return found
            found.add(int.from_bytes(block[i : i + 2], "big") % bits)
    raise AssertionError("no filter has so few places")


def _united(digest: Digest, field: str, pieces: Iterable[str], count: int, bits: int) -> int:
    found = 0
    for piece in pieces:
        for place in places(digest, field, piece, count, bits):
            found |= 1 << place
    return found


def _folded(found: int, bits: int, fold: bool) -> bytes:
    if fold:
        bits //= 2
        found = found >> bits ^ found & (1 << bits) - 1
    return found.to_bytes(bits // 8, "little")
