"""The columns of registrations: as they are enrolled, sealed with their indexes, and back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from prum_match import _native
from prum_match.engine import Column, Columns, Ragged, Trace
from prum_match.engine.columns import join_columns, take_columns
from prum_match.engine.damage import damaged
from prum_match.engine.ragged import offsets_of
from prum_match.vehicle.numbers.alphabet import FILLER, MAX_PLATE, MAX_VIN
from prum_match.vehicle.registrations.owners import KEY_SYMBOLS, owner_columns_of_details

COUNTRY_BITS = 10
"""Bits that a country has in ``place``."""

NO_VIN = 2**32 - 1
"""Place of the chassis number of a registration without one."""

# Symbols of a chassis number that its end has; csrc/vehicle/matcher.hpp.
_END = 8
# The letter A is 1; csrc/vehicle/register.hpp.
_LETTER = ord("A") - 1
_WIDTHS = {"plate": MAX_PLATE, "plate.back": MAX_PLATE, "vin": MAX_VIN, "vin.end": _END}
_WIDTHS |= {"owner": KEY_SYMBOLS}

_Rows = NDArray[np.uint32]


def _index(
    name: str, *columns: str, optional: bool = False, derived: bool = False
) -> Iterator[Column]:
    for column in ("lengths", *columns, "nodes", "nodes.symbols"):
        primary = column in ("lengths", "codes") and not derived
        yield Column(f"{name}.{column}", None, FILLER, primary, optional)


COLUMNS = (
    *_index("plate", "codes"),
    *_index("plate.back", "rows"),
    *_index("vin", "codes", "rows", optional=True),
    *_index("vin.end", "codes", "rows", optional=True),
    Column("vin.place", None, optional=True),
    Column("place"),
    Column("spelling"),
    Column("valid"),
    Column("details.offsets", None, optional=True),
    Column("details.bytes", None, optional=True),
    *_index("owner", "codes", "rows", optional=True, derived=True),
    Column("owner.valid", None, primary=False, optional=True),
)
"""Rows lie in the order of their plates, by length and symbols.

``place``: two letters of the country, five bits each, and above them how many symbols the district
has. ``spelling``: two bits a gap. ``valid``: the interval. ``plate.back`` leads from
plates read backwards to their rows. A chassis number has an index of its own, and one of its last
symbols, read backwards.

Where there are details, there is an index of the keys of holders and owners, though it may be of
none; ``owner.valid`` says by key from when to when. Earlier versions wrote details without it.
"""

_OWNERS = tuple(
    Column(f"owner.{n}", None, optional=True, offsets="owner.offsets") for n in ("keys", "held")
)
UNSEALED = (
    Column("plate"),
    Column("place"),
    Column("spelling"),
    Column("valid"),
    Column("vin", optional=True, missing=FILLER),
    Column("details.bytes", None, optional=True, offsets="details.offsets"),
    *_OWNERS,
)
"""Registrations as they are enrolled: a plate and a chassis number a row, without an index."""


def pack_country(code: str) -> int:
    """Return a country as ``place`` has it."""
    first, second = code.encode("ascii")
    return (first - _LETTER) | (second - _LETTER) << 5


def unpack_country(place: int) -> str:
    """Return the country of a row's ``place``; a damaged one may not be two letters."""
    return bytes(((place & 31) + _LETTER, (place >> 5 & 31) + _LETTER)).decode("ascii")


def seal_plates(keys: NDArray[np.uint8]) -> tuple[_Rows, Columns]:
    """Return the order of plates, and the index of them in that order."""
    order, sealed = _build("plate", keys)
    by_end, back = _build("plate.back", _native.vehicle_from_end(keys, MAX_PLATE))
    del back["plate.back.codes"]
    row_of = np.empty(len(order), np.uint32)
    row_of[order] = np.arange(len(order), dtype=np.uint32)
    sealed |= back | {"plate.back.rows": row_of[by_end]}
    return order, sealed


def seal(columns: Columns) -> tuple[_Rows, Columns]:
    """Sort by plate and build the indexes."""
    order, sealed = seal_plates(columns["plate"])
    for name in ("place", "spelling", "valid"):
        sealed[name] = columns[name][order]
    if "vin" in columns and np.any(columns["vin"][:, 0] != FILLER):
        sealed |= _seal_vins(columns["vin"][order])
    if "details.offsets" in columns and columns["details.offsets"][-1] > 0:
        sealed |= _take_details(columns, order) | _seal_owners(_take_owners(columns, order))
    return order, sealed


def _build(name: str, keys: NDArray[np.uint8]) -> tuple[_Rows, Columns]:
    order, lengths, codes, nodes, symbols = _native.vehicle_build(keys)
    return order, {
        f"{name}.lengths": lengths,
        f"{name}.codes": codes,
        f"{name}.nodes": nodes,
        f"{name}.nodes.symbols": symbols,
    }


def _seal_vins(vins: NDArray[np.uint8]) -> Columns:
    """Index the chassis numbers of rows in their final order; those without one are left out."""
    having = np.flatnonzero(vins[:, 0] != FILLER).astype(np.uint32)
    keys = vins[having]
    ends = _native.vehicle_from_end(keys, _END)
    order, sealed = _build("vin", keys)
    place = np.full(len(vins), NO_VIN, np.uint32)
    place[having[order]] = np.arange(len(having), dtype=np.uint32)
    sealed |= {"vin.rows": having[order], "vin.place": place}
    order, sealed_ends = _build("vin.end", ends)
    return sealed | sealed_ends | {"vin.end.rows": having[order]}


def _seal_owners(owners: Columns) -> Columns:
    """Index the keys of holders and owners of rows in their final order."""
    lengths = Ragged(owners["owner.offsets"], owners["owner.keys"]).lengths
    rows = np.repeat(np.arange(len(lengths), dtype=np.uint32), lengths)
    order, sealed = _build("owner", owners["owner.keys"])
    return sealed | {"owner.rows": rows[order], "owner.valid": owners["owner.held"][order]}


def unseal_keys(columns: Columns, rows: _Rows) -> Columns:
    """Return plates, chassis numbers and intervals of some rows as :func:`unseal` does."""
    found: Columns = {name: columns[name][rows] for name in ("place", "spelling", "valid")}
    if "plate" in columns:
        found |= {name: columns[name][rows] for name in ("plate", "vin") if name in columns}
    else:
        found["plate"] = _keys_at(columns, "plate", rows)
        if "vin.place" in columns:
            places = columns["vin.place"][rows]
            having = places != NO_VIN
            vins = np.full((len(rows), MAX_VIN), FILLER, np.uint8)
            vins[having] = _keys_at(columns, "vin", places[having])
            found["vin"] = vins
    return found


def unseal(columns: Columns, rows: _Rows) -> Columns:
    """Return the unsealed columns of some rows, of sealed or of unsealed columns."""
    found = unseal_keys(columns, rows)
    if "details.offsets" in columns:
        found |= _take_details(columns, rows) | _take_owners(columns, rows)
    return found


def join(parts: Sequence[Columns]) -> Columns:
    """Join unsealed columns of several segments."""
    return join_columns(UNSEALED, parts)


def key_at(columns: Columns, name: str, place: int) -> NDArray[np.uint8]:
    """Return the codes of one key of an index."""
    key: NDArray[np.uint8] = _keys_at(columns, name, np.array([place], np.uint32))[0]
    return key


def traces(segment: _native.Segment, rows: _Rows) -> Iterator[Trace]:
    """Yield the places of dead rows: keys, their own nodes of the tries, and the rest.

    The position of a dead row's keys among the others stays until a compaction.
    """
    columns = segment.columns
    for name, width in _WIDTHS.items():
        if f"{name}.lengths" not in columns:
            continue
        places, nodes = _native.vehicle_traces(segment, name, width, rows)
        if f"{name}.codes" in columns:
            yield f"{name}.codes", (places,), FILLER
        yield f"{name}.nodes.symbols", (nodes,), FILLER
    for name in ("place", "spelling", "valid"):
        yield name, (rows,), 0
    if "details.offsets" in columns:
        yield "details.bytes", (Ragged.from_columns(columns, "details").places(rows),), 0
    if "owner.valid" in columns:
        yield "owner.valid", (np.flatnonzero(np.isin(columns["owner.rows"], rows)),), 0


def _keys_at(columns: Columns, name: str, places: _Rows) -> NDArray[np.uint8]:
    if len(columns[f"{name}.lengths"]) != _WIDTHS[name] + 2:
        raise damaged()
    return _native.vehicle_keys_at(columns[f"{name}.lengths"], columns[f"{name}.codes"], places)


def _take_details(columns: Columns, rows: _Rows) -> Columns:
    return Ragged.from_columns(columns, "details").take(rows).columns("details")


def _take_owners(columns: Columns, rows: _Rows) -> Columns:
    """Return the keys of holders and owners of some rows, of sealed or of unsealed columns."""
    if "owner.offsets" not in columns and "owner.lengths" not in columns:
        return _read_owners(columns, rows)
    owners = columns if "owner.offsets" in columns else _unseal_owners(columns)
    return take_columns(_OWNERS, owners, rows)


def _read_owners(columns: Columns, rows: _Rows) -> Columns:
    """Return the keys of holders and owners in a segment that an earlier version wrote."""
    details = Ragged.from_columns(columns, "details").take(rows)
    return owner_columns_of_details(details.to_rows(), columns["valid"][rows])


def _unseal_owners(columns: Columns) -> Columns:
    """Return the keys of holders and owners in the order of their rows."""
    rows, n = columns["owner.rows"], len(columns["place"])
    if np.any(rows >= n):
        raise damaged()
    order = np.argsort(rows, kind="stable").astype(np.uint32)
    return {
        "owner.offsets": offsets_of(np.bincount(rows, minlength=n)),
        "owner.keys": _keys_at(columns, "owner", order),
        "owner.held": columns["owner.valid"][order],
    }
