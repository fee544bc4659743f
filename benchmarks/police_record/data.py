"""Registers of encoded persons of any size, and searches for some of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.rows import reference_id
from prum_match import police_record
from prum_match.police_record.persons.clear_fields import ClearFields
from prum_match.police_record.persons.person import Person
from prum_match.police_record.pseudonyms.encoded import EncodedPersons
from prum_match.police_record.pseudonyms.encoder import Encoder
from prum_match.police_record.pseudonyms.parameters import LEGAL_PARAMETERS, Parameters
from prum_match.samples import persons

# So many persons are encoded; all other filters are mixtures of two of theirs.
POOL = 50_000
POPULATION, PROBES, MIXED = 81, 82, 83
MASKS = 4_096
BLOCK = 1 << 16
KEY = bytes(range(32))


@dataclass(frozen=True, eq=False)
class Encoded:
    """A register and searches for it.

    Attributes
    ----------
    register : EncodedPersons
        One name each.
    probes : EncodedPersons
        Half of them of persons in the register.
    references : numpy.ndarray of int64
        The row of each; -1: not there.
    """

    register: EncodedPersons
    probes: EncodedPersons
    references: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.register)


def encoder(parameters: Parameters = LEGAL_PARAMETERS) -> Encoder:
    return Encoder(parameters, lambda period: KEY)


def single_names(found: Sequence[Person]) -> list[Person]:
    """Return persons without their aliases: one filter each."""
    return [replace(person, aliases=()) for person in found]


@lru_cache(maxsize=1)
def encoded(n: int, n_probes: int) -> Encoded:
    """Return a register of `n` persons; the last one made is kept, as tasks follow each other."""
    pool_size = min(n, POOL)
    population = persons.population(pool_size, seed=POPULATION)
    probes = persons.probes(population, n_probes, seed=PROBES)
    with encoder() as made:
        pool = made.encode(single_names(population[:]))
        searched = made.encode(probes.persons)
    return Encoded(_grown(pool, n), searched, probes.references)


def _grown(pool: EncodedPersons, n: int) -> EncodedPersons:
    """Return as many persons as asked for: those of the pool, then others.

    Each of the others has every bit from one of two of the pool, as many from either, and all but
    the filter from the first of them.
    """
    random = np.random.default_rng(MIXED)
    rows = np.arange(n) % len(pool)
    others = random.integers(len(pool), size=n)
    masks = random.integers(1 << 64, size=(MASKS, pool.filters.shape[1] // 8), dtype=np.uint64)
    words = pool.filters.view(np.uint64)
    filters = np.empty((n, words.shape[1]), np.uint64)
    filters[: len(pool)] = words[: min(n, len(pool))]
    for first in range(len(pool), n, BLOCK):
        part = slice(first, min(first + BLOCK, n))
        mask = masks[random.integers(MASKS, size=part.stop - first)]
        filters[part] = (words[rows[part]] & mask) | (words[others[part]] & ~mask)
    token_offsets, tokens = _taken(pool.token_offsets, pool.tokens, rows)
    held_offsets, held = _taken(pool.clear.nationality_offsets, pool.clear.nationalities, rows)
    clear = pool.clear
    return EncodedPersons(
        pool.parameters,
        pool.key_id,
        filters.view(np.uint8),
        np.arange(n + 1),
        tokens,
        token_offsets,
        ClearFields(
            clear.birth_date[rows],
            clear.gender[rows],
            clear.country_of_birth[rows],
            held_offsets,
            held,
        ),
        pool.has_first[rows],
        pool.has_family[rows],
    )


def _taken(
    offsets: NDArray[np.int64], entries: NDArray[Any], rows: NDArray[np.intp]
) -> tuple[NDArray[np.int64], NDArray[Any]]:
    """Return the lists of these rows, one after the other."""
    lengths = np.diff(offsets)[rows]
    begin = np.concatenate([[0], np.cumsum(lengths)])
    at = np.repeat(offsets[rows] - begin[:-1], lengths) + np.arange(begin[-1])
    return begin, entries[at]


@lru_cache(maxsize=1)
def enrolled(data: Encoded) -> police_record.Gallery:
    """Return the gallery of a register; tasks that follow each other share it."""
    with encoder() as made:
        gallery = police_record.Gallery(made)
        gallery.enrol([reference_id(row) for row in range(len(data))], data.register)
    return gallery
