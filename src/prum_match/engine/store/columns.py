"""Columns as mapped ``.npy`` files with a checksum for every block."""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from prum_match import _native
from prum_match.engine.progress import begin_step
from prum_match.engine.store import disk

Checksums: TypeAlias = NDArray[np.uint32]

# Bytes of a block, which has one checksum.
BLOCK = 1 << 16
# Columns that the writer changes through its map, so that readers see it at once.
SHARED = ("live", "live.counts")

# The header of every file: a multiple of the 64 bytes on which columns lie.
_HEADER = 128
# Neighbouring places closer than this are written together; and no more than this at once.
_NEAR, _MOST = 4096, 1 << 20
# Bytes that are written between two looks at the progress of a call.
_WRITTEN = 1 << 24


@dataclass(frozen=True)
class ColumnFile:
    """Description of a column's file in the catalogue."""

    name: str
    dtype: str
    shape: tuple[int, ...]

    @classmethod
    def of(cls, name: str, array: NDArray[Any]) -> ColumnFile:
        """Describe an array."""
        return cls(name, array.dtype.str, array.shape)

    @cached_property
    def header(self) -> bytes:
        """The header of the ``.npy`` format, version 1.0; it depends on the description alone."""
        text = f"{{'descr': '{self.dtype}', 'fortran_order': False, 'shape': {self.shape}, }}"
        room = _HEADER - 10
        return b"\x93NUMPY\x01\x00" + room.to_bytes(2, "little") + f"{text:<{room - 1}}\n".encode()

    @property
    def data_bytes(self) -> int:
        """Bytes of the column without the header."""
        return int(np.prod(self.shape, dtype=np.int64)) * np.dtype(self.dtype).itemsize

    @property
    def file_name(self) -> str:
        """Name of the file."""
        return f"{self.name}.npy"


class MappedColumns(dict[str, NDArray[Any]]):
    """The columns of a segment on disk; its files stay as long as this object lives."""

    __slots__ = ("__weakref__", "folder", "number")

    def __init__(self, number: int, folder: Path) -> None:
        super().__init__()
        self.number = number
        self.folder = folder


def write_columns(
    folder: Path, columns: Mapping[str, NDArray[Any]]
) -> tuple[tuple[ColumnFile, ...], dict[str, Checksums]]:
    """Write a new file for each column, and wait until they are on the disk."""
    begin_step("write", sum(array.nbytes for array in columns.values()))
    files: list[ColumnFile] = []
    checksums: dict[str, Checksums] = {}
    with ExitStack() as created:
        fds = []
        for name, array in columns.items():
            file, data = ColumnFile.of(name, array), _bytes_of(np.ascontiguousarray(array))
            fds.append(created.enter_context(disk.create(folder / file.file_name)))
            disk.write(fds[-1], file.header)
            for at in range(0, len(data), _WRITTEN):
                disk.write(fds[-1], data.data[at : at + _WRITTEN])
                _native.advance()
            files.append(file)
            checksums[name] = checksums_of(data)
        disk.sync_all(fds)
    return tuple(files), checksums


def _bytes_of(array: NDArray[Any]) -> NDArray[np.uint8]:
    return array.reshape(-1).view(np.uint8) if array.size else np.zeros(0, np.uint8)


def checksums_of(data: NDArray[np.uint8]) -> Checksums:
    """Return the CRC-32 of every block, which detects every single flipped bit."""
    view = data.data
    found = np.empty(-(-len(view) // BLOCK), np.uint32)
    for number, at in enumerate(range(0, len(view), BLOCK)):
        found[number] = zlib.crc32(view[at : at + BLOCK])
        _native.advance(BLOCK)
    return found


def map_column(folder: Path, file: ColumnFile, *, writable: bool = False) -> NDArray[Any]:
    """Map a file, after a check of its size and header."""
    path, size = folder / file.file_name, _HEADER + file.data_bytes
    fd = os.open(path, (os.O_RDWR if writable else os.O_RDONLY) | os.O_CLOEXEC)
    try:
        if os.fstat(fd).st_size != size or os.pread(fd, _HEADER, 0) != file.header:
            raise disk.damaged("a column's file has an unexpected size or header", _field(path))
        if size == _HEADER:
            return np.zeros(file.shape, file.dtype)
        data = _native.map_file(fd, size, writable)[_HEADER:]
    finally:
        os.close(fd)
    column: NDArray[Any] = data.view(file.dtype).reshape(file.shape)
    return column


def read_checksums(folder: Path, file: ColumnFile) -> Checksums:
    """Return the checksums of a file as it is now."""
    return checksums_of(_bytes_of(map_column(folder, file)))


def overwrite_places(
    folder: Path, name: str, column: NDArray[Any], index: tuple[Any, ...], value: Any
) -> NDArray[np.int64]:
    """Write a value to places of a column's file; return the blocks that were changed.

    It writes to the file and not to the map, because a failing disk then raises an error instead
    of killing the process with a signal.
    """
    starts, length = _runs(column, index)
    if not len(starts) or not length:
        return np.zeros(0, np.int64)
    values = np.broadcast_to(np.asarray(value, column.dtype), len(starts)).copy()
    order = np.argsort(starts, kind="stable")
    starts, patterns = starts[order], values[order].view(np.uint8).reshape(len(starts), -1)
    data = _bytes_of(column)
    touched = []
    fd = os.open(folder / f"{name}.npy", os.O_RDWR | os.O_CLOEXEC)
    try:
        for first, last in _clusters(starts, length):
            low, high = int(starts[first]), int(starts[last - 1]) + length
            part = data[low:high].copy()
            inside = (starts[first:last] - low)[:, None] + np.arange(length)
            part[inside] = np.tile(patterns[first:last], length // patterns.shape[1])
            disk.overwrite(fd, part.data, _HEADER + low)
            touched.append(np.arange(low // BLOCK, (high - 1) // BLOCK + 1))
    finally:
        os.close(fd)
    return np.unique(np.concatenate(touched))


def _runs(column: NDArray[Any], index: tuple[Any, ...]) -> tuple[NDArray[np.int64], int]:
    """Return the starts of the runs of bytes under an index, and the length of a run."""
    strides = np.cumprod((column.itemsize, *column.shape[:0:-1]))[::-1]
    arrays = [k for k, part in enumerate(index) if not isinstance(part, slice)]
    starts = sum(np.asarray(index[k], np.int64) * int(strides[k]) for k in arrays)
    starts = np.asarray(starts, np.int64).reshape(-1, 1)
    for k in range(arrays[-1]):
        if k not in arrays:
            steps = np.arange(column.shape[k], dtype=np.int64) * int(strides[k])
            starts = (starts[:, :, None] + steps).reshape(len(starts), starts.shape[1] * len(steps))
    return starts.reshape(-1), int(strides[arrays[-1]])


def _clusters(starts: NDArray[np.int64], length: int) -> Iterable[tuple[int, int]]:
    """Cut sorted starts into clusters, at wide gaps and where a cluster gets long."""
    far = np.flatnonzero(np.diff(starts) > _NEAR + length) + 1
    edges = [0, *far.tolist(), len(starts)]
    for begin, end in pairwise(edges):
        at = begin
        while at < end:
            stop = int(np.searchsorted(starts[at:end], starts[at] + _MOST)) + at
            yield at, max(stop, at + 1)
            at = max(stop, at + 1)


def _field(path: Path) -> str:
    return f"{path.parent.name}/{path.name}"
