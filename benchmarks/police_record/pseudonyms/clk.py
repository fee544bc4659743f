"""Cryptographic long-term keys after Schnell, Bachteler and Reiher, built here for comparison.

Random hashing, bigrams of both names with a key of their own, parts of the date; with a salt the
bits of the names depend on the year of birth (Niedermeyer et al. 2014), so that a year that is
wrong makes other bits of the whole name.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from benchmarks.police_record import febrl
from benchmarks.police_record.data import KEY
from benchmarks.police_record.pseudonyms import PLAIN, SALTED, Pairs, PseudonymCase, best, near
from benchmarks.task import Pass
from prum_match.police_record.names.folding import fold_name
from prum_match.police_record.persons.person import Person

BITS = 1024
BITS_A_BIGRAM, BITS_A_DATE = 15, 40


@dataclass(frozen=True)
class Clk:
    """The encoding with a salt or without."""

    NAME: str
    salted: bool

    def missing(self) -> str | None:
        return febrl.missing()

    def load(self, case: PseudonymCase) -> Pass:
        left, right = case.sides

        def run() -> Pairs:
            return near(self.filters(left.persons), self.filters(right.persons))

        return Pass(
            run,
            lambda found: None,
            how="encoded and compared; best threshold",
            detail=lambda found: best(case, found),
        )

    def filters(self, persons: Sequence[Person]) -> NDArray[np.uint8]:
        filled = np.zeros((len(persons), BITS), np.bool_)
        for row, person in zip(filled, persons, strict=True):
            for text, count in self._hashed(person):
                row[list(_positions(text, count))] = True
        return np.packbits(filled, axis=1)

    def _hashed(self, person: Person) -> Iterable[tuple[str, int]]:
        year = person.birth_date.year if self.salted and person.birth_date else ""
        for field in ("first_names", "family_names"):
            for form in fold_name(" ".join(getattr(person, field))).forms[:1]:
                padded = f" {form} "
                for a, b in pairwise(padded):
                    yield f"{field}:{year}:{a}{b}", BITS_A_BIGRAM
        born = person.birth_date
        if born is not None:
            for part in (f"{born.year}", f"{born.month}", f"{born.day}"):
                yield f"date:{part}", BITS_A_DATE


@lru_cache(maxsize=1 << 18)
def _positions(text: str, count: int) -> tuple[int, ...]:
    """Return the bits of a bigram, or of a part of a date."""
    digest = hashlib.shake_256(KEY + text.encode()).digest(2 * count)
    return tuple(position % BITS for position in memoryview(digest).cast("H"))


WITHOUT_SALT = Clk(PLAIN, salted=False)
WITH_SALT = Clk(SALTED, salted=True)
