"""Strings of any length as a column: offsets into bytes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from prum_match.engine import Columns
from prum_match.engine.segments.rows import parts_of


def offsets_of(lengths: NDArray[np.int64] | Sequence[int]) -> NDArray[np.uint64]:
    """Return where parts of these lengths begin, and where the last one ends."""
    return np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)]).astype(np.uint64)


@dataclass(frozen=True, eq=False)
class Texts:
    """A column of strings of any length."""

    offsets: NDArray[np.uint64]
    characters: NDArray[np.uint8]

    @classmethod
    def of(cls, texts: Sequence[bytes]) -> Texts:
        """Make a column."""
        joined = np.frombuffer(b"".join(texts), np.uint8).copy()
        return cls(offsets_of([len(text) for text in texts]), joined)

    @classmethod
    def in_columns(cls, columns: Columns, name: str) -> Texts:
        """Find a column of strings among others."""
        return cls(columns[f"{name}.offsets"], columns[f"{name}.bytes"])

    @classmethod
    def joined(cls, parts: Sequence[Texts]) -> Texts:
        """Put columns behind each other."""
        lengths = [np.diff(part.offsets.astype(np.int64)) for part in parts]
        return cls(
            offsets_of(np.concatenate(lengths)), np.concatenate([p.characters for p in parts])
        )

    def columns(self, name: str) -> Columns:
        """Return the column under its names."""
        return {f"{name}.offsets": self.offsets, f"{name}.bytes": self.characters}

    def places(self, numbers: NDArray[np.integer[Any]]) -> NDArray[np.int64]:
        """Return the places of all bytes of some strings."""
        return parts_of(self.offsets, len(self.characters), numbers)[0]

    def take(self, numbers: NDArray[np.integer[Any]]) -> Texts:
        """Return some of the strings."""
        places, lengths = parts_of(self.offsets, len(self.characters), numbers)
        return Texts(offsets_of(lengths), self.characters[places])

    def list(self) -> list[bytes]:
        """Return the strings."""
        data, ends = self.characters.tobytes(), self.offsets.tolist()
        return [data[begin:end] for begin, end in pairwise(ends)]

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def __getitem__(self, number: int) -> bytes:
        return self.characters[self.places(np.array([number]))].tobytes()
