"""Plain Python: a dict from id to a tuple of pairs of alleles, one for each locus."""

from __future__ import annotations

import numpy as np

from benchmarks.dna.data import LOCI
from benchmarks.dna.enrolment import EnrolmentCase
from benchmarks.task import Answer, Pass
from prum_match import dna

NAME = "dict of tuples"

Rows = tuple[tuple[int, int], ...]
Items = tuple[tuple[str, tuple[int, int]], ...]


def missing() -> str | None:
    return None


def load(case: EnrolmentCase) -> Pass:
    return _from_profiles(case) if case.as_profiles else _from_array(case)


def _from_array(case: EnrolmentCase) -> Pass:
    ids, alleles = case.reference_ids, case.database.alleles

    def run() -> dict[str, Rows]:
        store: dict[str, Rows] = {}
        for reference_id, rows in zip(ids, alleles.tolist(), strict=True):
            store[reference_id] = tuple(map(tuple, rows))
        return store

    def answer(store: dict[str, Rows]) -> Answer:
        alleles = np.array([store[ids[row]] for row in case.sample], np.int16)
        table = dna.ProfileTable(LOCI, alleles)
        pairs = {ids[row]: dict(p.pairs) for row, p in zip(case.sample, table, strict=True)}
        return {"references": len(store), **pairs}

    return Pass(run, answer)


def _from_profiles(case: EnrolmentCase) -> Pass:
    ids = case.reference_ids
    pairs = [profile.pairs for profile in case.profiles]

    def run() -> dict[str, Items]:
        store: dict[str, Items] = {}
        for reference_id, loci in zip(ids, pairs, strict=True):
            store[reference_id] = tuple(loci.items())
        return store

    def answer(store: dict[str, Items]) -> Answer:
        found = {ids[row]: dict(store[ids[row]]) for row in case.sample}
        return {"references": len(store), **found}

    return Pass(run, answer, how="in full, the pairs of the objects made before")
