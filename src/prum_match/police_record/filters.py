"""Bit patterns of pieces of text under a key, and of the values that they make up."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from itertools import chain, pairwise
from typing import Generic, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from prum_match.values.dates import PartialDate

__all__ = ["Patterns", "Words", "bigrams", "date_parts", "fold_halves", "keyed", "united"]

Words: TypeAlias = NDArray[np.uint64]
V = TypeVar("V", bound=Hashable)

# Values whose patterns are kept: 32 MB of patterns of 2048 bits.
_LIMIT = 2**17
# Stands before the first letter of each part of a name, and behind the last.
_EDGE = "_"


class Patterns(Generic[V]):
    """Patterns of values, each made once.

    All are forgotten together when there are more than `limit`: the memory is bounded, and the
    common values are soon made again.

    Parameters
    ----------
    make : callable
        Returns the patterns of distinct values, one row each.
    words : int
        Words of a pattern.
    limit : int
        Most patterns to keep from one call to the next.

    Examples
    --------
    >>> patterns = Patterns(lambda values: np.array([[v] for v in values], np.uint64), 1)
    >>> patterns.of([5, 7, 5])[:, 0]
    array([5, 7, 5], dtype=uint64)
    """

    def __init__(
        self, make: Callable[[Sequence[V]], Words], words: int, limit: int = _LIMIT
    ) -> None:
        self._make = make
        self._limit = limit
        self._row_of: dict[V, int] = {}
        self._table: Words = np.empty((0, words), np.uint64)

    def __len__(self) -> int:
        return len(self._row_of)

    def of(self, values: Sequence[V]) -> Words:
        """Return the pattern of each value, one row each."""
        row_of = self._row_of
        missing = list(dict.fromkeys(value for value in values if value not in row_of))
        if missing and len(row_of) + len(missing) > self._limit:
            row_of.clear()
            missing = list(dict.fromkeys(values))
        if missing:
            self._add(missing)
        rows = np.fromiter(map(row_of.__getitem__, values), np.intp, len(values))
        return self._table[rows]

    def forget(self) -> None:
        """Overwrite and forget all patterns."""
        self._row_of.clear()
        self._table[:] = 0

    def _add(self, values: Sequence[V]) -> None:
        first, end = len(self._row_of), len(self._row_of) + len(values)
        if end > len(self._table):
            grown = np.empty((2 * end, self._table.shape[1]), np.uint64)
            grown[:first] = self._table[:first]
            self._table = grown
        self._table[first:end] = self._make(values)
        self._row_of.update(zip(values, range(first, end), strict=True))


def keyed(
    digest: Callable[[bytes], bytes], bits_set: int, bits: int
) -> Callable[[Sequence[str]], Words]:
    """Return what makes the patterns of pieces of text: `bits_set` different places of `bits`.

    The places are drawn from the digests of the text and a counter, 16 bits each: random hashing.
    Two numbers of a digest stretched to any number of places (double hashing) show which bits
    belong together.

    Examples
    --------
    >>> from hashlib import sha256
    >>> make = keyed(lambda message: sha256(message).digest(), 3, 64)
    >>> np.bitwise_count(make(["MU", "UL"])).ravel()
    array([3, 3], dtype=uint8)
    """

    def drawn(piece: str) -> Iterator[int]:
        message = piece.encode("utf-8")
        for counter in range(2**16):
            block = digest(counter.to_bytes(2, "big") + message)
            yield from np.frombuffer(block, ">u2").tolist()

    def places(piece: str) -> list[int]:
        found: dict[int, None] = {}
        for number in drawn(piece):
            # A power of two: every place is as likely as the others.
            found[number % bits] = None
            if len(found) == bits_set:
                break
        return list(found)

    def make(pieces: Sequence[str]) -> Words:
        rows = np.zeros((len(pieces), bits), np.uint8)
        for row, piece in zip(rows, pieces, strict=True):
            row[places(piece)] = 1
        return np.packbits(rows, axis=1, bitorder="little").view("<u8").astype(np.uint64)

    return make


def united(
    pieces_of: Callable[[V], Sequence[str]], patterns: Patterns[str]
) -> Callable[[Sequence[V]], Words]:
    """Return what makes the patterns of values: the union of those of their pieces.

    Examples
    --------
    >>> letters = Patterns(lambda ps: np.array([[1 << ord(p) - 65] for p in ps], np.uint64), 1)
    >>> united(list, letters)(["AC", ""]).ravel()
    array([5, 0], dtype=uint64)
    """

    def make(values: Sequence[V]) -> Words:
        pieces = [pieces_of(value) for value in values]
        counts = np.array([len(p) for p in pieces], np.intp)
        found = patterns.of(list(chain.from_iterable(pieces)))
        united = np.zeros((len(values), found.shape[1]), np.uint64)
        having = np.flatnonzero(counts)
        if len(having):
            begins = np.cumsum(counts) - counts
            united[having] = np.bitwise_or.reduceat(found, begins[having], axis=0)
        return united

    return make


def bigrams(forms: Sequence[str]) -> list[str]:
    """Return the pairs of neighbours in the parts of a name, the edges of a part included.

    Parameters
    ----------
    forms : sequence of str
        Spellings of a name, parts one space apart. The pairs of all of them count.

    Returns
    -------
    list of str
        Distinct pairs.

    Examples
    --------
    >>> bigrams(["MULLER", "MUELLER"])
    ['_M', 'MU', 'UL', 'LL', 'LE', 'ER', 'R_', 'UE', 'EL']
    """
    parts = dict.fromkeys(part for form in forms for part in form.split())
    edged = [f"{_EDGE}{part}{_EDGE}" for part in parts]
    return list(dict.fromkeys(a + b for text in edged for a, b in pairwise(text)))


def date_parts(date: PartialDate | None) -> list[str]:
    """Return the parts of a date that a filter holds.

    Year, year with month, year with day, and month with day, the smaller first: a wrong year,
    month or day leaves one or two of four, day and month exchanged leave two.

    Examples
    --------
    >>> date_parts(PartialDate(1984, 2, 29)), date_parts(PartialDate(1984))
    (['1984', '1984-02', '1984--29', '02-29'], ['1984'])
    """
    if date is None:
        return []
    year, month, day = date.year, date.month, date.day
    parts = [f"{year:04d}"]
    if month is not None:
        parts.append(f"{year:04d}-{month:02d}")
    if month is not None and day is not None:
        low, high = sorted((month, day))
        parts += [f"{year:04d}--{day:02d}", f"{low:02d}-{high:02d}"]
    return parts


def fold_halves(words: Words) -> Words:
    """Return the exclusive or of the two halves of each row.

    Examples
    --------
    >>> fold_halves(np.array([[5, 6]], np.uint64))
    array([[3]], dtype=uint64)
    """
    half = words.shape[1] // 2
    folded: Words = words[:, :half] ^ words[:, half:]
    return folded
