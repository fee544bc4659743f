"""NumPy: the exact rule on every profile, vectorised, in blocks that stay in the cache."""

from __future__ import annotations

import numpy as np

from benchmarks.dna.exact_rule import Genotypes, hits
from benchmarks.dna.search import SearchCase, ranking, sweep
from benchmarks.task import Pass

NAME = "NumPy brute force"
# The fastest of the powers of two from 1,024 to 131,072, measured at 1M.
BLOCK = 32_768


def missing() -> str | None:
    return None


def load(case: SearchCase) -> Pass:
    references = Genotypes.of(case.database.alleles)
    probes = Genotypes.of(case.probes.alleles)
    ids = case.reference_ids

    def search_one(p: int) -> list[str]:
        probe = probes[p : p + 1]
        found = [
            hits(probe, references[begin : begin + BLOCK]) + begin
            for begin in range(0, len(references), BLOCK)
        ]
        return [ids[row] for row in np.concatenate(found)]

    return sweep(case, search_one, ranking(probes, references))
