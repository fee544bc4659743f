"""The two layouts of filters: all fields of a person in one, or one half for each name.

A filter holds the bits of pieces under a key:

===== =======================================================================================
field pieces
===== =======================================================================================
names each pair of neighbouring letters in each part of each spelling; ``_`` is the edge of a
      part, so that MU of MULLER has _M and MU
place the same, of the place of birth
date  ``YYYY``, ``YYYY-MM``, ``YYYY--DD``, and month and day, the smaller first: a wrong year,
      month or day leaves one or two of four, day and month exchanged leave two
===== =======================================================================================

The places of a piece are drawn 16 bits at a time from its digests behind a counter of two bytes,
until enough are distinct. Native code caches the bits of each piece: there are few pieces.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from prum_match import _native
from prum_match.police_record.names.spelled import Parts, SpelledNames, spell
from prum_match.police_record.pseudonyms.parameters import Parameters

HmacOf: TypeAlias = Callable[[str], _native.Hmac]
"""The keyed digests of a field."""

Words: TypeAlias = NDArray[np.uint64]

_WORD = 64


class RecordFilters:
    """One filter a name: its two halves, the birth date and, at home, the place of birth."""

    def __init__(self, parameters: Parameters, hmac: HmacOf) -> None:
        self._fold = parameters.fold
        self._has_place = parameters.birth_place > 0
        self._bits = parameters.bits * (2 if parameters.fold else 1)
        self._first, self._family = _of_names(parameters, hmac, self._bits)
        self._date = _native.NamePatterns(hmac("birth_date"), parameters.birth_date, self._bits)
        self._place = _native.NamePatterns(hmac("birth_place"), parameters.birth_place, self._bits)

    def of(
        self,
        names: SpelledNames,
        birth_dates: NDArray[np.uint32],
        birth_places: Sequence[str | None],
        index: int = 0,
    ) -> NDArray[np.uint8]:
        """Return the filters of all names of some persons, one row each."""
        found = np.zeros((len(names.first), self._bits // _WORD), np.uint64)
        self._first.add_names(names.first, found)
        self._family.add_names(names.family, found)
        # A date alone identifies nobody: an unknown own name has an empty filter.
        nameless = ~found.any(axis=1)
        person_of = names.person_of
        self._date.add_dates(birth_dates[person_of], found)
        if self._has_place:
            places = [birth_places[person] for person in person_of]
            parts: list[Parts] = [() if place is None else (place,) for place in places]
            self._place.add_names(spell(parts, (person_of + index).tolist()), found)
        found[nameless] = 0
        return _bytes(found, self._fold)

    def forget(self) -> None:
        """Overwrite all patterns."""
        for patterns in (self._first, self._family, self._date, self._place):
            patterns.forget()


class FieldFilters:
    """One filter a name: the family names in the first half, the first names in the second."""

    def __init__(self, parameters: Parameters, hmac: HmacOf) -> None:
        self._fold = parameters.fold
        self._bits = parameters.bits // 2 * (2 if parameters.fold else 1)
        self._first, self._family = _of_names(parameters, hmac, self._bits)

    def of(
        self,
        names: SpelledNames,
        birth_dates: NDArray[np.uint32],
        birth_places: Sequence[str | None],
        index: int = 0,
    ) -> NDArray[np.uint8]:
        """Return the filters of all names of some persons, one row each."""
        halves = []
        for patterns, spellings in ((self._family, names.family), (self._first, names.first)):
            found = np.zeros((len(spellings), self._bits // _WORD), np.uint64)
            patterns.add_names(spellings, found)
            halves.append(_bytes(found, self._fold))
        return np.hstack(halves)

    def forget(self) -> None:
        """Overwrite all patterns."""
        self._first.forget()
        self._family.forget()


def _of_names(
    parameters: Parameters, hmac: HmacOf, bits: int
) -> tuple[_native.NamePatterns, _native.NamePatterns]:
    """Return the patterns of first names and of family names: the same if they set as many bits."""
    counts = (parameters.first_names, parameters.family_names)
    made = {count: _native.NamePatterns(hmac("name"), count, bits) for count in {*counts}}
    return made[counts[0]], made[counts[1]]


def _bytes(words: Words, fold: bool) -> NDArray[np.uint8]:
    """Return filters as bytes; folded, the exclusive or of the two halves of each row."""
    if fold:
        half = words.shape[1] // 2
        words = words[:, :half] ^ words[:, half:]
    return np.ascontiguousarray(words.astype("<u8", copy=False)).view(np.uint8)
