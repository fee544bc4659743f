"""Registrations and queries as the arrays of the native core."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from prum_match.engine import Columns, Encoded, Ragged
from prum_match.engine.progress import paced
from prum_match.errors import InvalidInput, PrumError
from prum_match.vehicle.columns import COUNTRY_BITS, pack_country
from prum_match.vehicle.numbers.alphabet import CODE_OF, FILLER, MAX_PLATE, MAX_VIN
from prum_match.vehicle.queries import ExactQuery
from prum_match.vehicle.registrations.details import details_to_bytes
from prum_match.vehicle.registrations.owners import owner_columns
from prum_match.vehicle.registrations.registration import Registration

SEPARATORS = ("", " ", "-", ".")
"""Separators by their two bits in a spelling."""

_CHARACTERS = {ord(symbol): chr(code) for symbol, code in CODE_OF.items()}
_GAP_OF = {separator: bits for bits, separator in enumerate(SEPARATORS) if separator}


def codes_of(symbols: str) -> bytes:
    """Return the codes of symbols of the alphabet."""
    return symbols.translate(_CHARACTERS).encode("latin-1")


def readings_of(query: ExactQuery) -> list[tuple[bytes, int]]:
    """Return the keys that a query looks for as codes, each with its district."""
    return [
        (codes_of(key), district) for key, district in zip(query.keys, query.districts, strict=True)
    ]


def spelling_bits(spelling: str) -> int:
    """Return the separators of a plate, two bits a gap."""
    bits = symbols = 0
    for character in spelling:
        gap = _GAP_OF.get(character)
        if gap is None:
            symbols += 1
        else:
            bits |= gap << 2 * (symbols - 1)
    return bits


def spelling_of(compact: str, bits: int) -> str:
    """Return a plate with its separators."""
    last = len(compact) - 1
    gaps = [SEPARATORS[bits >> 2 * i & 3] if i < last else "" for i in range(last + 1)]
    return "".join(symbol + gap for symbol, gap in zip(compact, gaps, strict=True))


def place_of(country: str, district: int) -> int:
    """Return country and district as one number."""
    return pack_country(country) | district << COUNTRY_BITS


def notes_of(changed: Counter[str]) -> Mapping[str, int]:
    """Return how often each change was made."""
    return {what: times for what, times in sorted(changed.items()) if times}


def not_a_registration(index: int | None = None, value: object = None) -> InvalidInput:
    """Return the error for an item of another type."""
    return InvalidInput(
        "not a registration",
        code="bad_registration",
        index=index,
        field="registration",
        value=value,
    )


def encode_registrations(items: Sequence[Any]) -> Encoded:
    """Turn registrations into unsealed columns."""
    accepted, refused = list[int](), list[PrumError]()
    for index, item in enumerate(paced(items)):
        if isinstance(item, Registration):
            accepted.append(index)
        else:
            refused.append(not_a_registration(index, item))
    kept: list[Registration] = [items[index] for index in accepted]
    n, changed = len(kept), Counter[str]()
    columns: Columns = {
        "plate": _codes([item.compact or "" for item in paced(kept, counted=False)], MAX_PLATE),
        "place": np.array(
            [
                place_of(r.country, r.key.district if r.key else 0)
                for r in paced(kept, counted=False)
            ],
            np.uint16,
        ),
        "spelling": np.array(
            [spelling_bits(r.plate or "") for r in paced(kept, counted=False)], np.uint32
        ),
        "valid": np.array([r.interval for r in paced(kept, counted=False)], np.int64).reshape(n, 2),
    }
    if any(item.vin is not None for item in kept):
        columns["vin"] = _codes([item.vin or "" for item in kept], MAX_VIN)
    details = [details_to_bytes(item) for item in paced(kept, counted=False)]
    if any(details):
        columns |= Ragged.from_rows(details).columns("details") | owner_columns(kept)
    for item in paced(kept, counted=False):
        changed.update(item.key.changed if item.key else ())
        changed.update(item.chassis.changed if item.chassis else ())
    return Encoded(columns, np.array(accepted, np.int64), tuple(refused), notes_of(changed))


_CODES = np.full(max(map(ord, CODE_OF)) + 1, FILLER, np.uint8)
for _symbol, _code in CODE_OF.items():
    _CODES[ord(_symbol)] = _code


def _codes(texts: Sequence[str], width: int) -> NDArray[np.uint8]:
    """Return the codes of texts of the alphabet, padded with the filler."""
    points = np.array(texts, f"U{width}").view(np.uint32).reshape(len(texts), width)
    return _CODES[points]
