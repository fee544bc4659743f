"""A simulated register as all libraries get it: plates, dates, chassis numbers where needed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.rows import row_of
from benchmarks.vehicle.data import Texts, synthetic_plates
from benchmarks.vehicle.rivals import Tantivy
from prum_match import vehicle

# Days of the first registrations: 2000 to 2024.
BEGIN, DAYS, DAY = 946_684_800, 25 * 365, 86_400
MOMENT = BEGIN + DAYS * DAY // 2
ENDED = 0.3
VIN_SYMBOLS = b"0123456789ABCDEFGHJKLMNPRSTUVWXYZ"
OPEN = np.iinfo(np.int64).max

Moments = NDArray[np.int64]


@dataclass(frozen=True)
class Register:
    """Registrations by row: who holds a plate from when to when.

    Attributes
    ----------
    valid_from, valid_to : numpy.ndarray of int64
        Seconds since 1970; `OPEN` where a registration has not ended.
    vins : numpy.ndarray of bytes, or None
        Chassis numbers of 17 random symbols; their check digits do not fit.
    """

    countries: Texts
    plates: Texts
    valid_from: Moments
    valid_to: Moments
    vins: NDArray[np.bytes_] | None

    def __len__(self) -> int:
        return len(self.plates)

    @cached_property
    def texts(self) -> list[str]:
        """The plates as Python has them, made once."""
        texts: list[str] = self.plates.tolist()
        return texts

    @cached_property
    def gallery(self) -> Any:
        """The register as ours, enrolled from a table in one call; tasks that follow share it."""
        gallery = vehicle.Gallery()
        gallery.enrol_table(self.table)
        return gallery

    @cached_property
    def tantivy(self) -> Tantivy:
        """The plates as an index of tantivy, which takes longest to make."""
        return Tantivy(self.texts)

    @property
    def table(self) -> Any:
        """The register as a table of Arrow, as `Gallery.enrol_table` reads it."""
        import pyarrow as pa

        moments = pa.timestamp("s", tz="UTC")
        columns = {
            "reference_id": _fixed(_ids(len(self))),
            "country": pa.array(self.countries),
            "plate": pa.array(self.plates),
            "valid_from": pa.array(self.valid_from).cast(moments),
            "valid_to": pa.array(self.valid_to, mask=self.valid_to == OPEN).cast(moments),
        }
        if self.vins is not None:
            columns["vin"] = _fixed(self.vins)
        return pa.table(columns)


_kept: dict[tuple[int, int, bool], Register] = {}


def register(n: int, seed: int, *, vins: bool = False) -> Register:
    """Return a register; the last one made is kept, as tasks follow each other."""
    key = n, seed, vins
    if key not in _kept:
        forget()
        _kept[key] = _made(n, seed, vins)
    return _kept[key]


def forget() -> None:
    """Give the memory back."""
    _kept.clear()


def _made(n: int, seed: int, vins: bool) -> Register:
    countries, plates = synthetic_plates(n, seed)
    random = np.random.default_rng((seed, 1))
    valid_from = BEGIN + DAY * random.integers(DAYS, size=n)
    valid_to = valid_from + DAY * random.integers(1, 10 * 365, size=n)
    valid_to[random.random(n) >= ENDED] = OPEN
    _resell(countries, plates, valid_from, valid_to, random)
    return Register(countries, plates, valid_from, valid_to, _vins(n, random) if vins else None)


def _resell(
    countries: Texts,
    plates: Texts,
    valid_from: Moments,
    valid_to: Moments,
    random: np.random.Generator,
) -> None:
    """Let one row in twenty be the next registration of a plate that was given back."""
    ended = np.flatnonzero(valid_to != OPEN)
    sold = random.choice(ended, len(ended) // 6, replace=False)
    again = random.choice(np.flatnonzero(valid_to == OPEN), len(sold), replace=False)
    countries[again], plates[again] = countries[sold], plates[sold]
    # After a day on which nobody has it.
    valid_from[again] = valid_to[sold] + DAY


def _vins(n: int, random: np.random.Generator) -> NDArray[np.bytes_]:
    symbols = np.frombuffer(VIN_SYMBOLS, np.uint8)
    vins = symbols[random.integers(len(symbols), size=(n, 17), dtype=np.uint8)]
    return vins.view("S17").reshape(-1)


def _ids(n: int) -> NDArray[np.bytes_]:
    """Return what `benchmarks.rows.reference_id` gives for all rows."""
    ids = np.full((n, 10), ord("R"), np.uint8)
    rows = np.arange(n)
    for place in range(9, 0, -1):
        rows, digit = np.divmod(rows, 10)
        ids[:, place] = digit + ord("0")
    return ids.view("S10").reshape(-1)


def _fixed(texts: NDArray[np.bytes_]) -> Any:
    """Return texts of one length as an array of Arrow, without a look at each."""
    import pyarrow as pa

    width = texts.dtype.itemsize
    offsets = np.arange(len(texts) + 1, dtype=np.int64) * width
    data = np.ascontiguousarray(texts)
    return pa.LargeStringArray.from_buffers(
        len(texts), pa.py_buffer(offsets), pa.py_buffer(data.view(np.uint8))
    )


def rows_of(reference_ids: list[str]) -> list[int]:
    return list(map(row_of, reference_ids))


def plain(rows: Iterable[int]) -> tuple[int, ...]:
    """Return rows in order, as numbers of Python."""
    return tuple(sorted(int(row) for row in rows))
