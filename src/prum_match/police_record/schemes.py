"""The two ways to lay out filters: one of all fields of a person, or one half for each name."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from itertools import chain
from typing import TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from prum_match.police_record.clear import unpack_date
from prum_match.police_record.filters import (
    Patterns,
    Words,
    bigrams,
    date_parts,
    fold_halves,
    keyed,
    united,
)
from prum_match.police_record.folding import fold_name, fold_place
from prum_match.police_record.parameters import Parameters
from prum_match.police_record.person import Person

__all__ = ["FieldFilters", "Halves", "RecordFilters"]

Digest: TypeAlias = Callable[[str, bytes], bytes]
Parts: TypeAlias = tuple[str, ...]
Halves: TypeAlias = tuple[Parts, Parts]
"""First names and family names of one name."""

V = TypeVar("V", bound=Hashable)

_WORD = 64


class RecordFilters:
    """One filter a name: its two halves, the birth date and, at home, the place of birth."""

    def __init__(self, parameters: Parameters, digest: Digest) -> None:
        bits = parameters.bits * (2 if parameters.fold else 1)
        self._fold = parameters.fold
        self._first = _patterns(_of_name, "name", parameters.first_names, bits, digest)
        self._family = _patterns(_of_name, "name", parameters.family_names, bits, digest)
        self._date = _patterns(_of_date, "birth_date", parameters.birth_date, bits, digest)
        self._place = _patterns(_of_place, "birth_place", parameters.birth_place, bits, digest)

    def of(
        self,
        names: Sequence[Sequence[Halves]],
        birth_dates: NDArray[np.uint32],
        persons: Sequence[Person],
    ) -> NDArray[np.uint8]:
        """Return the filters of all names of some persons, one row each."""
        first, family = _halves(names)
        found = self._first.of(first) | self._family.of(family)
        # A date alone is nobody: an own name that is not known has an empty filter.
        nameless = ~found.any(axis=1)
        person_of = np.repeat(np.arange(len(names)), [len(n) for n in names])
        found |= self._date.of(birth_dates.tolist())[person_of]
        found |= self._place.of([person.birth_place for person in persons])[person_of]
        found[nameless] = 0
        return _bytes(fold_halves(found) if self._fold else found)

    def forget(self) -> None:
        """Overwrite and forget all patterns."""
        for patterns in (self._first, self._family, self._date, self._place):
            patterns.forget()


class FieldFilters:
    """One filter a name: the family names in the first half, the first names in the second."""

    def __init__(self, parameters: Parameters, digest: Digest) -> None:
        bits = parameters.bits // 2 * (2 if parameters.fold else 1)
        self._first, self._family = (
            _patterns(_of_name, "name", bits_set, bits, digest, parameters.fold)
            for bits_set in (parameters.first_names, parameters.family_names)
        )

    def of(
        self,
        names: Sequence[Sequence[Halves]],
        birth_dates: NDArray[np.uint32],
        persons: Sequence[Person],
    ) -> NDArray[np.uint8]:
        """Return the filters of all names of some persons, one row each."""
        first, family = _halves(names)
        return _bytes(np.hstack([self._family.of(family), self._first.of(first)]))

    def forget(self) -> None:
        """Overwrite and forget all patterns."""
        self._first.forget()
        self._family.forget()


def _patterns(
    pieces_of: Callable[[V], Sequence[str]],
    field: str,
    bits_set: int,
    bits: int,
    digest: Digest,
    fold: bool = False,
) -> Patterns[V]:
    pieces = Patterns(keyed(lambda message: digest(field, message), bits_set, bits), bits // _WORD)
    make = united(pieces_of if bits_set else lambda value: (), pieces)
    if not fold:
        return Patterns(make, bits // _WORD)
    return Patterns(lambda values: fold_halves(make(values)), bits // 2 // _WORD)


def _of_name(parts: Parts) -> Sequence[str]:
    return bigrams(fold_name(" ".join(parts)).forms)


def _of_place(place: str | None) -> Sequence[str]:
    return () if place is None else bigrams(fold_place(place).forms)


def _of_date(packed: int) -> Sequence[str]:
    return date_parts(unpack_date(packed))


def _halves(names: Sequence[Sequence[Halves]]) -> tuple[list[Parts], list[Parts]]:
    flat = list(chain.from_iterable(names))
    return [first for first, _ in flat], [family for _, family in flat]


def _bytes(words: Words) -> NDArray[np.uint8]:
    return np.ascontiguousarray(words.astype("<u8", copy=False)).view(np.uint8)
