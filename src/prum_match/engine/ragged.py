"""Rows of different lengths, stored as one array of values and one of offsets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from prum_match.engine.damage import damaged

Columns = dict[str, NDArray[Any]]
Numbers = NDArray[np.integer[Any]]


@dataclass(frozen=True, eq=False)
class Ragged:
    """Rows of different lengths; row ``i`` is ``values[offsets[i]:offsets[i + 1]]``.

    Offsets that a file supplies are checked where they are used: rows that end before they begin,
    or behind the last value, raise the error of a damaged segment.

    Attributes
    ----------
    offsets : numpy.ndarray of unsigned integers, shape (rows + 1,)
        Where each row begins, and where the last one ends.
    values : numpy.ndarray
        The values of all rows, along the first axis.

    Raises
    ------
    StorageError
        Code ``"damaged_segment"``.

    Examples
    --------
    >>> from prum_match.engine import Ragged
    >>> words = Ragged.from_rows([b"one", b"", b"three"])
    >>> words.take([2, 0]).to_rows()
    [b'three', b'one']
    """

    offsets: NDArray[np.unsignedinteger[Any]]
    values: NDArray[Any]

    @classmethod
    def from_lengths(cls, lengths: Numbers | Sequence[int], values: NDArray[Any]) -> Ragged:
        """Return rows of these lengths, whose values lie one behind the other."""
        return cls(offsets_of(lengths), values)

    @classmethod
    def from_rows(cls, rows: Sequence[bytes]) -> Ragged:
        """Return rows of bytes."""
        values = np.frombuffer(b"".join(rows), np.uint8).copy()
        return cls.from_lengths([len(row) for row in rows], values)

    @classmethod
    def from_columns(cls, columns: Columns, name: str) -> Ragged:
        """Return the rows of bytes that :meth:`columns` stored under a name."""
        return cls(columns[f"{name}.offsets"], columns[f"{name}.bytes"])

    @classmethod
    def concatenate(cls, parts: Sequence[Ragged]) -> Ragged:
        """Return the rows of all parts, in this order."""
        lengths = np.concatenate([part.lengths for part in parts])
        offsets = offsets_of(lengths).astype(parts[0].offsets.dtype, copy=False)
        return cls(offsets, np.concatenate([part.values for part in parts]))

    def columns(self, name: str) -> Columns:
        """Return rows of bytes as two columns, ``<name>.offsets`` and ``<name>.bytes``."""
        return {f"{name}.offsets": self.offsets, f"{name}.bytes": self.values}

    @property
    def lengths(self) -> NDArray[np.int64]:
        """Length of each row."""
        lengths: NDArray[np.int64] = np.diff(self.offsets).astype(np.int64)
        return lengths

    def take(self, rows: Numbers | Sequence[int]) -> Ragged:
        """Return some rows, in this order."""
        places, lengths = self._places_and_lengths(rows)
        offsets = offsets_of(lengths).astype(self.offsets.dtype, copy=False)
        return Ragged(offsets, self.values[places])

    def places(self, rows: Numbers | Sequence[int]) -> NDArray[np.int64]:
        """Return the indices of all values of some rows."""
        return self._places_and_lengths(rows)[0]

    def to_rows(self) -> list[bytes]:
        """Return rows of bytes as they were given to :meth:`from_rows`."""
        data, ends = self.values.tobytes(), self.offsets.tolist()
        return [data[begin:end] for begin, end in pairwise(ends)]

    def _places_and_lengths(
        self, rows: Numbers | Sequence[int]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        at = np.asarray(rows, np.int64)
        begin, end = self.offsets[at], self.offsets[at + 1]
        if np.any(begin > end) or np.any(end > len(self.values)):
            raise damaged()
        lengths = (end - begin).astype(np.int64)
        before = np.cumsum(lengths) - lengths
        return np.repeat(begin.astype(np.int64) - before, lengths) + np.arange(
            lengths.sum()
        ), lengths

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def __getitem__(self, row: int) -> NDArray[Any]:
        begin, end = int(self.offsets[row]), int(self.offsets[row + 1])
        if not begin <= end <= len(self.values):
            raise damaged()
        return self.values[begin:end]


def offsets_of(lengths: Numbers | Sequence[int]) -> NDArray[np.uint64]:
    """Return where rows of these lengths begin, and where the last one ends."""
    offsets = np.zeros(len(lengths) + 1, np.uint64)
    np.cumsum(lengths, dtype=np.uint64, out=offsets[1:])
    return offsets
