"""All pairs of a database: loci that match fully and loci that share one allele."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.dna.data import LOCI, Database, simulate
from benchmarks.machine import Machine
from benchmarks.task import Must, Options, Rows, Task, Traffic


@dataclass(frozen=True)
class PairsCase:
    """Complete profiles: DNAtools leaves out every profile that lacks an allele.

    Attributes
    ----------
    subset : int
        Number of profiles, the first ones, that slower libraries compare.
    """

    database: Database
    subset: int


def pairs(n: int) -> int:
    return n * (n - 1) // 2


def answer(case: PairsCase, n: int, matrix: NDArray[np.int64]) -> dict[str, list[list[int]]]:
    """Return the matrix of the first n profiles in plain values."""
    return {f"{n:,} of {len(case.database.alleles):,} profiles": matrix.tolist()}


class AllPairs(Task):
    name = "all_pairs"
    value_unit = "s"
    rate_unit = "M pairs/s"
    size = 20_000
    quick_size = 1_000

    def case(self, size: int, options: Options) -> PairsCase:
        database = simulate(size, seed=21, mixed_kits=False, partial=0, wildcards=0)
        return PairsCase(database, size if options.full else min(size, 4_000))

    def title(self, case: PairsCase) -> str:
        n = len(case.database.alleles)
        return (
            f"all {pairs(n):,} pairs of {n:,} complete profiles x {len(LOCI)} loci: matrix of "
            "fully and partially matching loci, one thread"
        )

    def value(self, case: PairsCase, seconds: float) -> float:
        return seconds

    def rate(self, case: PairsCase, seconds: float) -> float:
        return pairs(len(case.database.alleles)) / seconds / 1e6

    def seconds_at(self, case: PairsCase, rate: float) -> float:
        return pairs(len(case.database.alleles)) / (rate * 1e6)

    def traffic(self, case: PairsCase) -> Traffic:
        n = len(case.database.alleles)
        return Traffic(
            float(n * len(LOCI) * 2),
            "both alleles of every profile once: the task is bound by arithmetic in the cache",
        )

    def musts(self, case: PairsCase, rows: Rows, machine: Machine) -> list[Must]:
        times = rows["DNAtools dbCompare"].times_ours
        return [Must.at_least(">= 40x DNAtools", times, 40, "x")]
