"""A database, and the folder for what the libraries make of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from benchmarks.dna.data import LOCI, Database, simulate
from benchmarks.rows import reference_id
from benchmarks.storage.room import Room
from benchmarks.task import Answer
from prum_match import dna

SAMPLE = 100
REFERENCES = "references"

Alleles = NDArray[np.int16]


@dataclass(frozen=True)
class ProfilesCase:
    """A database to be kept on disk."""

    database: Database
    room: Room

    @classmethod
    def of(cls, size: int) -> Self:
        return cls(simulate(size, seed=61), Room())

    @property
    def alleles(self) -> Alleles:
        return self.database.alleles

    def __len__(self) -> int:
        return len(self.alleles)

    def save(self, name: str, count: int | None = None) -> Path:
        """Save a gallery of the first so many profiles; return its folder."""
        path = self.room.path / name
        alleles = self.alleles[:count]
        gallery = dna.Gallery()
        gallery.enrol(Database(alleles).reference_ids, dna.ProfileTable(LOCI, alleles))
        gallery.save(path)
        return path

    @property
    def rows(self) -> range:
        """Rows that are read back and compared."""
        return range(0, len(self), max(1, len(self) // SAMPLE))

    def read_back(self, gallery: dna.Gallery) -> Answer:
        """Return how many references a gallery holds, and some of them."""
        ids = [reference_id(row) for row in self.rows]
        return {REFERENCES: len(gallery), **{i: dict(gallery[i].pairs) for i in ids}}

    def read_theirs(self, references: int, alleles_of: Callable[[int], Alleles]) -> Answer:
        """Return the same of what a rival holds."""
        alleles = np.array([alleles_of(row) for row in self.rows], np.int16)
        table = dna.ProfileTable(LOCI, alleles)
        pairs = {reference_id(row): dict(p.pairs) for row, p in zip(self.rows, table, strict=True)}
        return {REFERENCES: references, **pairs}
