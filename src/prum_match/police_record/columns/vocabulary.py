"""The distinct values of a field in a segment: every person holds numbers of them.

A probe is compared once with each value, however many persons share it. Number 0 is the value of
which nothing is known; the others have the order that they come in, and not their own. Values of
the erased become zeros where they lie: between two neighbours in order, their place would tell
what they were.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from prum_match import _native
from prum_match.engine import Columns, Ragged, Trace
from prum_match.engine.damage import damaged
from prum_match.engine.progress import paced
from prum_match.engine.ragged import offsets_of
from prum_match.police_record.names.folding import Folded

Numbers: TypeAlias = NDArray[np.uint32]


def distinct(values: Iterable[bytes]) -> tuple[list[bytes], Numbers]:
    """Return the distinct values, the empty one first, and the number of each that was given."""
    number_of: dict[bytes, int] = {b"": 0}
    numbers = [
        number_of.setdefault(value, len(number_of)) for value in paced(values, counted=False)
    ]
    return list(number_of), np.array(numbers, np.uint32)


def distinct_in(values: NDArray[Any]) -> tuple[NDArray[Any], Numbers]:
    """Return the distinct values of an array, its first one first, and the number of each."""
    _, firsts, numbers = np.unique(values, return_index=True, return_inverse=True)
    order = np.argsort(firsts)
    return values[firsts[order]], np.argsort(order).astype(np.uint32)[numbers]


def used(numbers: Numbers, n: int) -> tuple[NDArray[np.int64], Numbers]:
    """Return which of `n` values occur (always the first too), renumbered without gaps."""
    _check(numbers, n)
    flat = numbers.ravel()
    firsts = np.full(n, len(flat), np.int64)
    # The last assignment wins: backwards, that is the first that has the value.
    firsts[flat[::-1]] = np.arange(len(flat))[::-1]
    firsts[0] = -1
    kept = np.flatnonzero(firsts < len(flat))
    kept = kept[np.argsort(firsts[kept])]
    new = np.zeros(n, np.uint32)
    new[kept] = np.arange(len(kept))
    return kept, new[numbers]


def unused(numbers: Numbers, n: int) -> NDArray[np.int64]:
    """Return which of `n` values do not occur; the first is never among them."""
    _check(numbers, n)
    seen = np.zeros(n, np.bool_)
    seen[0] = True
    seen[numbers] = True
    return np.flatnonzero(~seen)


def _check(numbers: Numbers, n: int) -> None:
    if numbers.max(initial=0) >= n:
        raise damaged()


def zeros(name: str, texts: Ragged, numbers: NDArray[np.int64]) -> Trace:
    """Return the trace of some strings: zeros overwrite their bytes."""
    return f"{name}.bytes", (texts.places(numbers),), 0


class Numbering:
    """Numbers values in the order that they come in, and folds each once."""

    def __init__(self, fold: Callable[[str], Folded]) -> None:
        self._fold = fold
        self._folded: dict[str, tuple[int, Folded | None]] = {"": (0, None)}

    def number(self, text: str) -> int:
        """Return the number of a value; 0 for the empty one."""
        known = self._folded.get(text)
        if known is None:
            known = self._folded[text] = (len(self._folded), self._fold(text))
        return known[0]

    def spellings(self) -> Spellings:
        """Return all values."""
        folded = [each for _, each in self._folded.values() if each is not None]
        return Spellings(
            Ragged.from_rows([text.encode("utf-8") for text in self._folded]),
            Ragged.from_rows([b"", *(each.exact.encode("utf-8") for each in folded)]),
            offsets_of([0, *(len(each.forms) for each in folded)]).astype(np.uint32),
            Ragged.from_rows([form.encode("ascii") for each in folded for form in each.forms]),
        )


@dataclass(frozen=True, eq=False)
class Spellings:
    """Distinct names, or places: as they were written, and how they are compared."""

    written: Ragged
    exact: Ragged
    of: NDArray[np.unsignedinteger[Any]]
    forms: Ragged

    @classmethod
    def in_columns(cls, columns: Columns, name: str) -> Spellings:
        """Find them among the columns of a segment."""
        written, exact, forms = (
            Ragged.from_columns(columns, f"{name}.{part}") for part in ("written", "exact", "forms")
        )
        return cls(written, exact, columns[f"{name}.of"], forms)

    @classmethod
    def merged(cls, parts: Sequence[Spellings]) -> tuple[Spellings, list[Numbers]]:
        """Return all of them, each once, and for each part the new numbers of its own."""
        values, numbers = distinct(text for part in parts for text in part.written.to_rows())
        lengths = [len(part) for part in parts]
        firsts = np.full(len(values), -1, np.int64)
        # The last assignment wins: backwards, that is the first that has the value.
        firsts[numbers[::-1]] = np.arange(len(numbers))[::-1]
        return cls._behind(parts).take(firsts), np.split(numbers, np.cumsum(lengths)[:-1])

    @classmethod
    def _behind(cls, parts: Sequence[Spellings]) -> Spellings:
        return cls(
            Ragged.concatenate([part.written for part in parts]),
            Ragged.concatenate([part.exact for part in parts]),
            Ragged.concatenate([part._form_numbers for part in parts]).offsets,
            Ragged.concatenate([part.forms for part in parts]),
        )

    def columns(self, name: str) -> Columns:
        """Return the primary columns of the values."""
        return {
            **self.written.columns(f"{name}.written"),
            **self.exact.columns(f"{name}.exact"),
            **self.forms.columns(f"{name}.forms"),
            f"{name}.of": self.of,
        }

    def sealed(self, name: str) -> Columns:
        """Return the derived columns of the values."""
        signatures = _native.police_signatures(self.forms.offsets, self.forms.values)
        return {f"{name}.signatures": signatures}

    def take(self, numbers: NDArray[np.int64]) -> Spellings:
        """Return some of them."""
        forms = self._form_numbers.take(numbers)
        return Spellings(
            self.written.take(numbers),
            self.exact.take(numbers),
            forms.offsets,
            self.forms.take(forms.values),
        )

    def traces(self, name: str, numbers: NDArray[np.int64]) -> Iterator[Trace]:
        """Yield the places of some values."""
        forms = self._form_numbers.places(numbers)
        yield zeros(f"{name}.written", self.written, numbers)
        yield zeros(f"{name}.exact", self.exact, numbers)
        yield zeros(f"{name}.forms", self.forms, forms)
        yield f"{name}.signatures", (slice(None), forms), 0

    def __len__(self) -> int:
        return len(self.written)

    @property
    def _form_numbers(self) -> Ragged:
        """The numbers of the forms of each value."""
        return Ragged(self.of, np.arange(len(self.forms)))
