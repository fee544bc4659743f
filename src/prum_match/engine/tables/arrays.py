"""Arrays of another library, read where they lie; what they say of themselves is checked first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from prum_match.engine.tables._strings import Part
from prum_match.errors import InvalidInput

Mask = NDArray[np.bool_]
Layouts = dict[str, Literal["offsets_32", "offsets_64", "views"]]

# https://arrow.apache.org/docs/format/CDataInterface.html#data-type-description-format-strings
TEXT: Layouts = {"u": "offsets_32", "U": "offsets_64", "vu": "views"}
BINARY: Layouts = {"z": "offsets_32", "Z": "offsets_64", "vz": "views"}
_INTEGERS: dict[str, Any] = {
    **{"c": np.int8, "C": np.uint8, "s": np.int16, "S": np.uint16},
    **{"i": np.int32, "I": np.uint32, "l": np.int64, "L": np.uint64},
}
NUMBERS: dict[str, Any] = {**_INTEGERS, "e": np.float16, "f": np.float32, "g": np.float64}


class _Lent:
    """A buffer as NumPy takes it, with the batch that it is a part of."""

    def __init__(self, buffer: Any, owner: object) -> None:
        self._owner = owner
        self.__array_interface__ = np.frombuffer(buffer, np.uint8).__array_interface__


@dataclass(frozen=True)
class Rows:
    """Rows of one array of a batch."""

    owner: object
    array: Any
    first: int
    n: int

    def bytes(self, i: int) -> NDArray[np.uint8]:
        """Return one of the buffers."""
        buffer = self.array.buffer(i)
        return np.asarray(_Lent(buffer, self.owner)) if buffer.size_bytes else np.empty(0, np.uint8)

    def child(self, first: int, n: int) -> Rows:
        """Return rows of what the lists are made of."""
        array = self.array.child(0)
        if not 0 <= first <= array.length - n:
            raise bad_stream("a list lies outside its column")
        return Rows(self.owner, array, array.offset + first, n)

    def nulls(self) -> Mask:
        """Return which rows have no bit in the validity bitmap."""
        bitmap = self.bytes(0) if self.array.n_buffers else np.empty(0, np.uint8)
        if not len(bitmap):
            return np.zeros(self.n, np.bool_)
        first, end = self.first, self.first + self.n
        if end > 8 * len(bitmap):
            raise bad_stream("a validity bitmap is too short")
        bits = np.unpackbits(bitmap[first // 8 : -(-end // 8)], bitorder="little")
        unset: Mask = bits[first % 8 : first % 8 + self.n] == 0
        return unset

    def numbers(self, format: str) -> NDArray[Any]:
        """Return numbers, in their buffer; those of nulls are arbitrary."""
        dtype = np.dtype(NUMBERS[format])
        values, begin = self.bytes(1), self.first * dtype.itemsize
        end = begin + self.n * dtype.itemsize
        if end > len(values):
            raise bad_stream("a column is longer than its buffer")
        # Buffers of another library need not be aligned.
        return np.require(values[begin:end].view(dtype), requirements="A")

    def strings(self, schema: Any, layouts: Layouts) -> Part:
        """Return strings of one of the layouts, or of a dictionary of such."""
        if schema.dictionary is not None:
            words = self.array.dictionary
            part = Rows(self.owner, words, words.offset, words.length)
            return Part(
                "indices",
                self.n,
                self.first,
                self.bytes(0),
                self._indices(schema.format),
                (),
                part.strings(schema.dictionary, layouts),
            )
        if schema.format == "n":
            nothing = np.empty(0, np.uint8)
            return Part("nothing", self.n, 0, nothing, nothing, ())
        if schema.format.startswith("w:"):
            ends = np.arange(self.first + self.n + 1) * int(schema.format[2:])
            places = ends.astype(np.int64, copy=False).view(np.uint8)
            return Part("offsets_64", self.n, self.first, self.bytes(0), places, [self.bytes(1)])
        layout = layouts[schema.format]
        # Behind the data of views lie their sizes.
        last = self.array.n_buffers - (layout == "views")
        data = [self.bytes(i) for i in range(2, last)]
        return Part(layout, self.n, self.first, self.bytes(0), self.bytes(1), data)

    def _indices(self, format: str) -> NDArray[np.uint8]:
        """Return indices of 32 bits as bytes; one that is too large for them is -1."""
        if format not in _INTEGERS:
            raise bad_stream("a dictionary without indices")
        indices = Rows(self.owner, self.array, 0, self.first + self.n).numbers(format)
        if indices.dtype.itemsize > 4:
            indices = np.where((indices >= 0) & (indices < 2**31), indices, -1)
        # A cast of uint32 makes the large ones negative.
        return indices.astype(np.int32, copy=False).view(np.uint8)

    def fixed_vectors(self, item: str, width: int) -> tuple[NDArray[Any], Mask]:
        """Return lists of one width, and which of them are null."""
        inner = self.child(self.first * width, self.n * width)
        return inner._components(item).reshape(self.n, width), self.nulls()

    def list_vectors(self, large: bool, item: str, width: int) -> tuple[NDArray[Any], Mask]:
        """Return lists of a width, and which rows are no such list."""
        if not self.n:
            return np.zeros((0, width), NUMBERS[item]), np.zeros(0, np.bool_)
        spans = Rows(self.owner, self.array, self.first, self.n + 1)
        offsets = spans.numbers("l" if large else "i").astype(np.int64, copy=False)
        begin, end = int(offsets[0]), int(offsets[-1])
        if begin < 0 or (offsets[1:] < offsets[:-1]).any():
            raise bad_stream("a list ends before it begins")
        values = self.child(begin, end - begin)._components(item)
        others = self.nulls() | (np.diff(offsets) != width)
        if not others.any():
            return values.reshape(self.n, width), others
        vectors = np.zeros((self.n, width), values.dtype)
        good = np.flatnonzero(~others)
        vectors[good] = values[(offsets[good] - begin)[:, np.newaxis] + np.arange(width)]
        return vectors, others

    def _components(self, format: str) -> NDArray[Any]:
        """Return the numbers in lists, NaN for nulls."""
        values, null = self.numbers(format), self.nulls()
        if null.any():
            values = values.astype(values.dtype if values.dtype.kind == "f" else np.float64)
            values[null] = np.nan
        return values


def nulls_of(chunks: Sequence[Rows]) -> Mask:
    """Return which rows of all chunks are null."""
    return np.concatenate([*(rows.nulls() for rows in chunks), np.zeros(0, np.bool_)])


def bad_stream(message: str) -> InvalidInput:
    """Return the error for arrays that do not fit each other."""
    return InvalidInput(message, code="bad_stream", field="table")
