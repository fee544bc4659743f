"""Names of many persons as they are spelled in A-Z: made and kept by native code.

Names in Latin letters are folded there, all others by :func:`fold_name`; both give the same forms.
At 100,000 persons a second and core there is no time for one Python object for each name.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import accumulate, chain
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from prum_match import _native
from prum_match.errors import PrumError
from prum_match.police_record.names.arabic import names_by_sounds
from prum_match.police_record.names.folding import (
    MAX_FORMS,
    PARTICLES,
    WOMEN,
    capitals_of,
    fold_name,
)
from prum_match.police_record.names.romanisation import latin_spellings

Parts: TypeAlias = tuple[str, ...]
Halves: TypeAlias = tuple[Parts, Parts]
"""First names and family names of one name."""

# ASCII and all Latin letters with marks, and the general punctuation.
_PLAIN = (range(0x20, 0x250), range(0x1E00, 0x1F00), range(0x2010, 0x2027))


def spell(names: list[Parts], owners: Sequence[int]) -> _native.NameSpellings:
    """Return the spellings of names."""
    found, rare = _folding().fold(names)
    for i in rare:
        try:
            found.put(i, fold_name(" ".join(names[i])).forms)
        except PrumError as error:
            raise error.at(owners[i]) from None
    return found


@dataclass(frozen=True, eq=False)
class SpelledNames:
    """All names of some persons."""

    first: _native.NameSpellings
    family: _native.NameSpellings
    offsets: NDArray[np.int64]

    @classmethod
    def of(cls, names: Sequence[Sequence[Halves]], index: int = 0) -> SpelledNames:
        """Return the spellings of the names of each person."""
        offsets = np.array([*accumulate(map(len, names), initial=0)], np.int64)
        owners = np.repeat(np.arange(index, index + len(names)), np.diff(offsets)).tolist()
        flat = list(chain.from_iterable(names))
        first = spell([name[0] for name in flat], owners)
        return cls(first, spell([name[1] for name in flat], owners), offsets)

    @property
    def person_of(self) -> NDArray[np.intp]:
        """Return the person to whom each name belongs."""
        return np.repeat(np.arange(len(self.offsets) - 1), np.diff(self.offsets))

    def tokens(
        self, numbers: _native.TokenNumbers, birth_dates: NDArray[np.uint32]
    ) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
        """Return the blocking tokens of the persons as numbers, and where those of each begin.

        Tokens are sorted and distinct within a person; birth dates are packed, one for each person.
        """
        return numbers.of(self.first, self.family, self.offsets, birth_dates)


@cache
def _folding() -> _native.NameFolding:
    capitals = dict(_plain_characters())
    foreign = {c for written in capitals.values() for c in written if not c.isascii()}
    return _native.NameFolding(
        capitals=[*capitals.items()],
        spellings=[(c, both) for c in sorted(foreign) if (both := latin_spellings(c))],
        particles=sorted(PARTICLES),
        endings=WOMEN,
        arabic=names_by_sounds(),
        max_forms=MAX_FORMS,
    )


def _plain_characters() -> Iterator[tuple[str, str]]:
    """Yield characters that do not depend on their neighbours, and how they are written."""
    for character in map(chr, chain.from_iterable(_PLAIN)):
        if unicodedata.normalize("NFKC", character) != character:
            continue
        written = capitals_of(character)
        if written and all(c in "'- " or latin_spellings(c) for c in written):
            yield character, written
