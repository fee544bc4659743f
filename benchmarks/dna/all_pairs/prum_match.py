"""Ours: `dna.match_matrix` of a table, the conversion to codes included."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from benchmarks.dna.all_pairs import PairsCase, answer
from benchmarks.dna.data import LOCI
from benchmarks.task import Answer, Pass
from prum_match import dna

NAME = "prum_match"


def missing() -> str | None:
    return None


def load(case: PairsCase) -> Pass:
    table = dna.ProfileTable(LOCI, case.database.alleles)

    def answers(matrix: NDArray[np.int64]) -> Answer:
        subset = dna.match_matrix(table[: case.subset], threads=1)
        return {**answer(case, case.subset, subset), **answer(case, len(table), matrix)}

    return Pass(lambda: dna.match_matrix(table, threads=1), answers)
