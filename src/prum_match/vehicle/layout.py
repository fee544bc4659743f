"""Registrations as the layout of a gallery: encoded, sealed with their indexes, and back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from prum_match import _native
from prum_match.engine import Columns, Encoded, Layout, Ragged, Trace
from prum_match.engine.damage import damaged
from prum_match.engine.protocol import made_of
from prum_match.errors import InvalidInput
from prum_match.vehicle import columns as registers
from prum_match.vehicle.encoding import encode_registrations, spelling_of
from prum_match.vehicle.numbers.alphabet import FILLER, SYMBOLS
from prum_match.vehicle.registrations.details import details_from_bytes
from prum_match.vehicle.registrations.moments import from_seconds
from prum_match.vehicle.registrations.registration import ALWAYS, Holder, Insurance, Registration
from prum_match.vehicle.tables import RegistrationTable

_PARTS: Mapping[str, type] = {"holders": Holder, "owners": Holder, "insurances": Insurance}


class RegistrationLayout(Layout[Any]):
    """Registrations as columns.

    Notes
    -----
    A row holds a plate in a block of 64 of one length, sorted, under a shallow trie; chassis
    numbers lie in an index of their own, and so do keys of holders and owners.
    """

    item_class = Registration
    columns = registers.COLUMNS

    def make(self, arguments: Mapping[str, Any]) -> Registration:
        parts = {
            name: [made_of(kind, one) if isinstance(one, Mapping) else one for one in given]
            for name, kind in _PARTS.items()
            if isinstance(given := arguments.get(name), list | tuple)
        }
        made: Registration = super().make({**arguments, **parts})
        return made

    def encode(self, items: Sequence[Any]) -> Encoded:
        if isinstance(items, RegistrationTable):
            return items.encode()
        return encode_registrations(items)

    def decode(self, segment: _native.Segment, row: int) -> Registration:
        columns = segment.columns
        place = int(columns["place"][row])
        compact = _symbols(registers.key_at(columns, "plate", row))
        vin = None
        if "vin.place" in columns and columns["vin.place"][row] != registers.NO_VIN:
            vin = _symbols(registers.key_at(columns, "vin", int(columns["vin.place"][row])))
        details = b""
        if "details.offsets" in columns:
            details = Ragged.from_columns(columns, "details")[row].tobytes()
        try:
            begin, end = (
                None if seconds in ALWAYS else from_seconds(seconds)
                for seconds in columns["valid"][row].tolist()
            )
            return details_from_bytes(
                details,
                registers.unpack_country(place),
                spelling_of(compact, int(columns["spelling"][row])) if compact else None,
                vin,
                begin,
                end,
            )
        except (InvalidInput, OverflowError, UnicodeDecodeError):
            raise damaged() from None

    def seal(self, columns: Columns) -> tuple[NDArray[np.uint32], Columns]:
        return registers.seal(columns)

    def unseal(self, columns: Columns, rows: NDArray[np.uint32]) -> Columns:
        return registers.unseal(columns, rows)

    def merge(self, parts: Sequence[Columns]) -> Columns:
        return registers.join(parts)

    def traces(self, segment: _native.Segment, rows: NDArray[np.uint32]) -> Iterator[Trace]:
        return registers.traces(segment, rows)


def _symbols(codes: NDArray[np.uint8]) -> str:
    known = codes[codes != FILLER]
    if np.any(known >= len(SYMBOLS)):
        raise damaged()
    return "".join(SYMBOLS[code] for code in known.tolist())
