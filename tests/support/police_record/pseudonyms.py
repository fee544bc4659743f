"""Registers of artificial pseudonyms: filters that share any number of bits."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oracles.police_record.levels import Subject
from oracles.police_record.search import Filters
from prum_match.police_record import (
    FIELD_PARAMETERS,
    LEGAL_PARAMETERS,
    EncodedPerson,
    Gallery,
    Pseudonyms,
)
from prum_match.values.dates import PartialDate
from support.police_record.registers import DATES, few, one_of

KEYS = ("00000000000000aa", "ffffffffffffffff")
BYTES = 128
Bits = NDArray[np.bool_]


def to_bytes(bits: Bits) -> bytes:
    return np.packbits(bits, bitorder="little").tobytes()


class Pool:
    """Draws filters near a few others; some are empty, full, or empty in one half."""

    def __init__(self, random: np.random.Generator) -> None:
        self.random = random
        # Numbers of bits of which halves, fifths and twentieths are whole numbers too.
        self.counts = (0, 1, 5, 10, 20, 40, 100, 250, 512)
        self.halves = [self.half() for _ in range(5)]

    def half(self) -> Bits:
        bits = np.zeros(512, np.bool_)
        bits[self.random.choice(512, one_of(self.random, self.counts), replace=False)] = True
        return bits

    def near(self, half: Bits) -> Bits:
        """Remove and add bits so that Dice coefficients are equal to thresholds."""
        bits = half.copy()
        share = one_of(self.random, (0, 0, 0.1, 0.2, 0.35, 0.5, 1, self.random.random()))
        for value in (True, False):
            places = np.flatnonzero(half == value)
            n = min(len(places), round(share * half.sum()) + int(self.random.integers(-1, 2) > 0))
            if self.random.random() < 0.8:
                bits[self.random.choice(places, n, replace=False)] = not value
        return bits

    def filter(self) -> bytes:
        halves = [self.near(one_of(self.random, self.halves)) for _ in range(2)]
        return to_bytes(np.concatenate(halves))


class PseudonymRegister:
    """A gallery of one scheme whose persons have pseudonyms under one key or two."""

    def __init__(self, seed: int, size: int, most_names: int, keys: int, scheme: str) -> None:
        self.random = np.random.default_rng(seed)
        self.pool = Pool(self.random)
        self.block = FIELD_PARAMETERS if scheme == "field" else LEGAL_PARAMETERS
        self.most_names, self.keys = most_names, keys
        self.gallery = Gallery(self.block)
        self.persons: dict[str, EncodedPerson] = {}
        for part in (size, max(1, size // 3)):
            # Who came later may come first, of those that score the same.
            ids = [f"R{99999 - len(self.persons) - i}" for i in range(part)]
            persons = [self.person() for _ in ids]
            self.gallery.enrol(ids, persons)
            self.persons |= dict(zip(ids, persons, strict=True))
        dead = few(self.random, sorted(self.persons), len(self.persons) // 8)
        self.gallery.erase(dead)
        for name in dead:
            del self.persons[name]
        if self.random.random() < 0.3:
            self.gallery.compact()

    def probe(self) -> EncodedPerson:
        """Draw a probe under the key that all references have."""
        person = self.person()
        names = sorted(person.pseudonyms, key=lambda each: each.key_id)
        return replace(person, pseudonyms=tuple(names))

    def person(self) -> EncodedPerson:
        random = self.random
        n = int(one_of(random, (1, 1, 2, random.integers(1, self.most_names, endpoint=True))))
        # Everybody has the first key, which need not be the first of a person.
        under = few(random, KEYS[: one_of(random, (1, self.keys))], 2)
        pseudonyms = tuple(
            Pseudonyms(
                key,
                tuple(self.pool.filter() for _ in range(n)),
                tuple(sorted({int(token) for token in random.integers(6, size=2)})),
            )
            for key in under
        )
        return EncodedPerson(
            self.block.fingerprint,
            pseudonyms,
            one_of(random, [None, *map(PartialDate.parse, DATES)]),
            one_of(random, (None, "DE", "FR")),
            tuple(few(random, ("DE", "FR", "IT"), int(random.integers(4)))),
            one_of(random, (None, "F", "M", "X")),
        )

    def seen(self, key: str = KEYS[0]) -> dict[str, Filters]:
        return {name: filters_of(person, key) for name, person in self.persons.items()}


def filters_of(person: EncodedPerson, key: str = KEYS[0]) -> Filters:
    """Return a person in the oracle's form."""
    names: Any = person.under(key)
    born = person.birth_date
    clear = Subject(
        birth_date=None if born is None else (born.year, born.month or 0, born.day or 0),
        country_of_birth=person.country_of_birth,
        nationalities=person.nationalities,
        gender=person.gender,
    )
    return Filters(names.filters, clear)
