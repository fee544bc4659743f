"""All stains of one database against all persons of another."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from benchmarks.dna.data import LOCI, WILDCARD, Database, simulate
from benchmarks.machine import Machine
from benchmarks.task import Must, Options, Rows, Task, Traffic
from prum_match import dna

POLICY = dna.PRUM_2008
PERSONS_PER_STAIN = 20
SAMPLE = 4_000


@dataclass(frozen=True)
class JoinCase:
    """Stains and persons; one stain in a hundred is a person's, half of them with a wildcard.

    Attributes
    ----------
    sample : numpy.ndarray of int64
        Stains that are searched with one by one.
    """

    stains: Database
    persons: Database
    sample: NDArray[np.int64]

    @cached_property
    def person_gallery(self) -> dna.Gallery:
        gallery = dna.Gallery()
        table = dna.ProfileTable(LOCI, self.persons.alleles)
        gallery.enrol(self.persons.reference_ids, table)
        return gallery

    @cached_property
    def stain_gallery(self) -> dna.Gallery:
        gallery = dna.Gallery()
        table = dna.ProfileTable(LOCI, self.stains.alleles, kind="stain")
        gallery.enrol(self.stains.reference_ids, table)
        return gallery


class Join(Task):
    """The size is the number of persons; there is one stain for twenty of them."""

    name = "join"
    value_unit = "s"
    rate_unit = "M pairs/s"
    size = 1_000_000
    quick_size = 20_000

    def case(self, size: int, options: Options) -> JoinCase:
        persons = simulate(size, seed=31)
        stains = simulate(size // PERSONS_PER_STAIN, seed=32)
        random = np.random.default_rng(33)
        n = len(stains.alleles)
        left = random.choice(n, n // 100, replace=False)
        donors = random.choice(size, n // 100, replace=False)
        stains.alleles[left] = persons.alleles[donors]
        for stain in left[::2]:
            typed = np.flatnonzero(stains.alleles[stain, :, 0] > 0)
            stains.alleles[stain, random.choice(typed), 1] = WILDCARD
        # Half of those whose donor is known, for the sample to have something to compare.
        others = random.permutation(np.setdiff1d(np.arange(n), left))
        first = np.concatenate([left[::2], others, left[1::2]])
        sample = first if options.full else first[:SAMPLE]
        return JoinCase(stains, persons, np.sort(sample))

    def title(self, case: JoinCase) -> str:
        return (
            f"{len(case.stains.alleles):,} stains x {len(case.persons.alleles):,} persons x "
            f"{len(LOCI)} loci, four kits, 10 % partial, wildcards; policy {POLICY.name}, "
            "one thread"
        )

    def value(self, case: JoinCase, seconds: float) -> float:
        return seconds

    def rate(self, case: JoinCase, seconds: float) -> float:
        return len(case.stains.alleles) * len(case.persons.alleles) / seconds / 1e6

    def traffic(self, case: JoinCase) -> Traffic:
        return Traffic(
            float((len(case.stains.alleles) + len(case.persons.alleles)) * len(LOCI)),
            "one byte a locus of every profile of both sides, once: the task is bound by "
            "arithmetic in the cache",
        )

    def musts(self, case: JoinCase, rows: Rows, machine: Machine) -> list[Must]:
        singles = rows["single searches"].times_ours
        return [
            Must.at_most("<= 10 s", rows["prum_match"].seconds, 10, "s"),
            Must.at_least("faster than the single searches", singles, 1, "x"),
        ]
