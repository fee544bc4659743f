"""Traces of a reference in columns and files, and the search for them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from prum_match import _native
from support.police_record.traces import person_traces

_WORD = 8
# Keys of registrations that are shorter than this lie among others by chance.
_TELLING = 6
_INDEXES = ("plate", "vin", "vin.end")


def rows_of(segment: _native.Segment, wanted: Iterable[str]) -> list[int]:
    """Find rows by id before they are erased."""
    return [row for row in segment.find_rows(list(wanted)).tolist() if row >= 0]


def traces(segment: _native.Segment, row: int) -> dict[str, bytes]:
    """Return identifying values of a row that are long enough to be unmistakable."""
    columns = segment.columns
    found = {}
    for name in ("ids", "subjects"):
        if f"{name}.offsets" in columns:
            begin, end = columns[f"{name}.offsets"][row : row + 2]
            found[name] = columns[f"{name}.bytes"][int(begin) : int(end)].tobytes()
    if "genotypes" in columns:
        found["genotypes"] = columns["genotypes"][row].tobytes()
        found["classes"] = np.ascontiguousarray(columns["classes"][:, row]).tobytes()
        own = columns["escapes.key"] // np.uint64(len(columns["loci"])) == row
        for i, value in enumerate(columns["escapes.value"][own]):
            found[f"escape {i}"] = value.tobytes()
    elif "vectors" in columns:
        found["vector"] = columns["vectors"][row].tobytes()
        found["low code"] = columns["low"][row].tobytes()
        found["norms"] = columns["fine"][row].tobytes()
    elif "minutiae.codes" in columns:
        begin, end = columns["minutiae.offsets"][row : row + 2].astype(int)
        for name in ("x", "y", "turn", "codes"):
            found[name] = columns[f"minutiae.{name}"][begin:end].tobytes()
    elif "plate.codes" in columns:
        found |= _of_registration(columns, row)
    elif "facts" in columns:
        found |= person_traces(columns, row)
    elif "text.bytes" in columns:
        begin, end = columns["text.offsets"][row : row + 2].astype(int)
        found["text"] = columns["text.bytes"][begin:end].tobytes()
    else:
        found["value"] = columns["value"][row].tobytes()
    return found


def _of_registration(columns: Mapping[str, NDArray[Any]], row: int) -> dict[str, bytes]:
    """Return the unique keys of a row, the ends of its interval, and the name of an owner."""
    found = {}
    for name in _INDEXES:
        keys = [key.tobytes() for part in _keys(columns, name) for key in part]
        rows = columns.get(f"{name}.rows", np.arange(len(keys)))
        for key in [keys[place] for place in np.flatnonzero(rows == row)]:
            if len(key) >= _TELLING and keys.count(key) == 1:
                found[name] = key
    for name, moment in zip(("begin", "end"), columns["valid"][row], strict=True):
        if -(2**62) < moment < 2**62:
            found[name] = moment.tobytes()
    if "details.offsets" in columns:
        begin, end = columns["details.offsets"][row : row + 2].astype(int)
        details = json.loads(columns["details.bytes"][begin:end].tobytes() or b"{}")
        for owner in details.get("owners", []):
            found["owner"] = owner["name"].encode()
    return found


def _keys(columns: Mapping[str, NDArray[Any]], name: str) -> Iterator[NDArray[np.uint8]]:
    """Return the keys of an index and the space behind them as rows, for each length."""
    if f"{name}.codes" not in columns:
        return
    codes, lengths = columns[f"{name}.codes"], columns[f"{name}.lengths"]
    for n, count in enumerate(np.diff(lengths.astype(int)).tolist()):
        room = -(-count // 64) * 64
        lines, codes = codes[: room * n].reshape(room // 64, n, 64), codes[room * n :]
        yield np.moveaxis(lines, 1, 2).reshape(room, n)[:count].copy()


def everything(segments: Iterable[_native.Segment]) -> bytes:
    """Return the raw bytes of every column, one after the other."""
    parts = []
    for segment in segments:
        for name, array in segment.columns.items():
            parts.append(array.tobytes())
            if name == "filters.heads":  # those of eight persons are interleaved
                parts.append(np.moveaxis(array, 1, 2).tobytes())
            if name == "classes":  # a person's classes lie across the rows of this column
                parts.append(np.ascontiguousarray(array.T).tobytes())
        for name in _INDEXES:  # and the symbols of a key across a block
            if f"{name}.codes" in segment.columns:
                parts += [part.tobytes() for part in _keys(segment.columns, name)]
    return b"|".join(parts)


def files_of(folder: Path) -> dict[str, bytes]:
    """Read all files of a folder, by their names in it."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


class Words:
    """Words of eight bytes at regular places in the traces; any 15 adjacent bytes contain one.

    All are searched for at once, at any place, and have to be rare.
    """

    def __init__(self, markers: Mapping[str, Iterable[bytes]]) -> None:
        self._names: dict[int, str] = {}
        for name, values in markers.items():
            for value in values:
                for at in range(0, len(value) - _WORD + 1, _WORD):
                    self._names[int.from_bytes(value[at : at + _WORD], "little")] = name
        self._words = np.array(sorted(self._names), np.uint64)
        self._begins = np.zeros(1 << 16, bool)
        self._begins[self._words & np.uint64(0xFFFF)] = True

    def found_in(self, data: bytes) -> set[str]:
        """Return the names of all markers of which a part is found."""
        found: set[str] = set()
        array = np.frombuffer(data, np.uint8)
        for shift in (0, 1):
            pairs = array[shift : shift + (len(array) - shift) // 2 * 2].view(np.uint16)
            at = np.flatnonzero(self._begins[pairs]) * 2 + shift
            found |= self._at(array, at[at <= len(array) - _WORD])
        return found

    def _at(self, array: NDArray[np.uint8], places: NDArray[Any]) -> set[str]:
        words = np.zeros(len(places), np.uint64)
        for i in range(_WORD):
            words |= array[places + i].astype(np.uint64) << np.uint64(8 * i)
        return {self._names[int(word)] for word in np.unique(words[np.isin(words, self._words)])}
