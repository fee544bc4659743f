"""The journal: makes small enrolments durable with one write and one wait for the disk.

The journal is a file of fixed size that begins as zeros. SQLite's rollback journal waits for the
disk four times a commit, a fifth of the rate of the bare disk (measured); overwriting zeros waits
once and does not change the size of the file.

Unwritten parts are zeros, so damage differs from a write that a crash cut short. A header fits a
sector, which a disk writes completely or not at all: a header that is neither valid nor zero is
damaged. The header also states how many sectors of the payload are zeros: a write was cut short
only if there are more.
"""

from __future__ import annotations

import json
import os
import struct
import weakref
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

import numpy as np

from prum_match.engine.ragged import Columns
from prum_match.engine.store import disk

CAPACITY = 1 << 20

_MAGIC = 0x314A4D50
# Magic, bytes of the payload, sequence number, rows, CRC-32 and empty sectors of the payload.
_HEADER = struct.Struct("<IIQIII")
_CRC = struct.Struct("<I")
_HEADER_BYTES = _HEADER.size + _CRC.size
_ALIGNMENT = 32
_SECTOR = 512


@dataclass(frozen=True)
class Record:
    """One enrolment: the unsealed columns of some references."""

    sequence: int
    rows: int
    payload: bytes


def make_journal(path: Path) -> None:
    """Make an empty journal, and wait until it is on the disk."""
    # A failed change may have left a journal that was never used.
    disk.remove(path)
    with disk.create(path) as fd:
        disk.write(fd, bytes(CAPACITY))
        disk.sync(fd)


def wipe(path: Path) -> None:
    """Overwrite a journal with zeros and remove it."""
    try:
        fd = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        disk.overwrite(fd, bytes(os.fstat(fd).st_size), 0)
        disk.sync(fd)
    finally:
        os.close(fd)
    disk.remove(path)


class Journal:
    """The journal of a writer, which appends enrolments."""

    def __init__(self, path: Path, first: int) -> None:
        self.path = path
        self._fd = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        self.close = weakref.finalize(self, os.close, self._fd)
        records, self._end, torn = read_journal(path, first)
        self.next = first + len(records)
        self.records = records
        # Set when a failed record could not be removed.
        self.in_doubt = False
        if torn:
            self._write(bytes(CAPACITY - self._end), self._end)

    def has_room(self, payload: bytes) -> bool:
        """Tell whether a record with this payload fits."""
        return self._end + _space(len(payload)) <= CAPACITY

    def append(self, rows: int, payload: bytes) -> None:
        """Write a record and wait until it is on the disk; remove it if that fails."""
        empty = _empty_sectors(payload, self._end + _HEADER_BYTES)
        crc = zlib.crc32(payload)
        header = _HEADER.pack(_MAGIC, len(payload), self.next, rows, crc, empty)
        record = header + _CRC.pack(zlib.crc32(header)) + payload
        try:
            self._write(record, self._end)
        except BaseException:
            self.in_doubt = True
            self._write(bytes(len(record)), self._end)
            self.in_doubt = False
            raise
        self._end += _space(len(payload))
        self.next += 1

    def _write(self, data: bytes, offset: int) -> None:
        disk.overwrite(self._fd, data, offset)
        disk.sync(self._fd)


def read_journal(path: Path, first: int) -> tuple[list[Record], int, bool]:
    """Return the records, the offset of the next one, and whether a cut write lies there."""
    data = path.read_bytes()
    if len(data) != CAPACITY:
        raise disk.damaged("the journal has another size", path.name)
    records: list[Record] = []
    at = 0
    while at + _HEADER_BYTES <= CAPACITY and not _empty(data[at : at + _HEADER_BYTES]):
        header = data[at : at + _HEADER.size]
        magic, size, sequence, rows, crc, empty = _HEADER.unpack(header)
        end = at + _space(size)
        (header_crc,) = _CRC.unpack(data[at + _HEADER.size : at + _HEADER_BYTES])
        sound = magic == _MAGIC and sequence == first + len(records) and end <= CAPACITY
        padding = data[end - _padding(size) : end]
        if not sound or header_crc != zlib.crc32(header) or not _empty(padding):
            raise disk.damaged("a record of the journal is damaged", path.name)
        payload = data[at + _HEADER_BYTES : at + _HEADER_BYTES + size]
        if zlib.crc32(payload) != crc:
            if not _empty(data[end:]) or _empty_sectors(payload, at + _HEADER_BYTES) <= empty:
                raise disk.damaged("a record of the journal is damaged", path.name)
            break
        records.append(Record(sequence, rows, payload))
        at = end
    return records, at, not _empty(data[at:])


def _space(size: int) -> int:
    return -(-(_HEADER_BYTES + size) // _ALIGNMENT) * _ALIGNMENT


def _padding(size: int) -> int:
    return _space(size) - _HEADER_BYTES - size


def _empty(data: bytes) -> bool:
    """Tell whether all bytes are zero."""
    return not np.frombuffer(data, np.uint8).any()


def _empty_sectors(payload: bytes, start: int) -> int:
    """Count the sectors of a payload, partial ones included, that are all zeros."""
    edges = range(_SECTOR - start % _SECTOR, len(payload), _SECTOR)
    return sum(_empty(payload[a:b]) for a, b in pairwise([0, *edges, len(payload)]))


def to_payload(columns: Columns) -> bytes:
    """Return columns as bytes: names, types and shapes in JSON, then the contents."""
    head = _head(tuple((name, a.dtype.str, a.shape) for name, a in columns.items()))
    return b"".join([head, *(a.tobytes() for a in columns.values())])


@lru_cache(maxsize=64)
def _head(described: tuple[tuple[str, str, tuple[int, ...]], ...]) -> bytes:
    text = json.dumps(described).encode()
    return struct.pack("<I", len(text)) + text


def from_payload(payload: bytes) -> Columns:
    """Read :func:`to_payload`."""
    return dict(_columns_in(payload))


def _columns_in(payload: bytes) -> Iterator[tuple[str, np.ndarray[tuple[int, ...], np.dtype]]]:
    (size,) = struct.unpack_from("<I", payload)
    at = 4 + size
    for name, dtype, shape in json.loads(payload[4:at]):
        n = int(np.prod(shape, dtype=np.int64))
        yield name, np.frombuffer(payload, dtype, n, at).reshape(shape).copy()
        at += n * np.dtype(dtype).itemsize
