"""One probe against a whole database, exactly: the search that a hit/no-hit request asks for."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from benchmarks.dna.data import COPIES, LOCI, Database, Probes, plant, simulate
from benchmarks.dna.exact_rule import Genotypes, ranked
from benchmarks.machine import Machine
from benchmarks.rows import reference_id, row_of
from benchmarks.task import Answer, Must, Options, Pass, Rows, Task, Traffic
from prum_match import dna

POLICY = dna.PRUM_2008


@dataclass(frozen=True)
class SearchCase:
    """A database, and probes of which it holds copies."""

    database: Database
    probes: Probes

    @cached_property
    def reference_ids(self) -> list[str]:
        """Made once: ten million texts are 0.6 GB."""
        return self.database.reference_ids

    @cached_property
    def gallery(self) -> dna.Gallery:
        """The database, enrolled in one call."""
        gallery = dna.Gallery()
        gallery.enrol(self.reference_ids, dna.ProfileTable(LOCI, self.database.alleles))
        return gallery

    @cached_property
    def profiles(self) -> list[dna.Profile]:
        """The probes as profiles of stains."""
        return list(dna.ProfileTable(LOCI, self.probes.alleles, kind="stain"))


@dataclass(frozen=True)
class Sweep:
    """Candidates and seconds of every probe, in one pass."""

    candidates: list[tuple[str, ...]]
    seconds: list[float]


SearchOne = Callable[[int], Sequence[str]]
Rank = Callable[[int, Sequence[str]], Sequence[str]]


def sweep(case: SearchCase, search_one: SearchOne, rank: Rank | None = None) -> Pass:
    """Return the pass over all probes, one by one, of a library that searches with one.

    Ours gives candidates in their order. Rivals need not: `rank` puts theirs in order, untimed.
    """

    def run() -> Sweep:
        result = Sweep([], [])
        for probe in range(len(case.probes.alleles)):
            start = time.perf_counter()
            result.candidates.append(tuple(search_one(probe)))
            result.seconds.append(time.perf_counter() - start)
        return result

    def answer(result: Sweep) -> Answer:
        found = enumerate(result.candidates)
        return {p: tuple(rank(p, ids)) if rank else ids for p, ids in found}

    return Pass(run, answer, detail=_detail(case))


def ranking(probes: Genotypes, references: Genotypes) -> Rank:
    """Return the ranking that the NumPy rivals share."""

    def rank(p: int, ids: Sequence[str]) -> Sequence[str]:
        return ranked(probes[p : p + 1], references[list(map(row_of, ids))], ids)

    return rank


def _detail(case: SearchCase) -> Callable[[Sweep], Mapping[str, object]]:
    def detail(result: Sweep) -> Mapping[str, object]:
        found = [set(candidates) for candidates in result.candidates]
        ids = [[reference_id(row) for row in rows] for rows in case.probes.rows]
        planted = {
            copy: sum(ids[p][i] in found[p] for p in range(len(ids)))
            for i, copy in enumerate(COPIES)
        }
        return {
            "probes": len(found),
            "candidates": sum(map(len, found)),
            "planted_copies_found": planted,
            "median_ms": float(np.median(result.seconds)) * 1e3,
            "slowest_ms": max(result.seconds) * 1e3,
        }

    return detail


class Search(Task):
    """1:N search at one size."""

    value_unit = "ms a probe"
    rate_unit = "M profiles/s"
    quick_size = 100_000

    def case(self, size: int, options: Options) -> SearchCase:
        database = simulate(size, seed=11)
        probes = min(16 if options.quick else 48, size // 8)
        return SearchCase(database, plant(database, probes, seed=12))

    def title(self, case: SearchCase) -> str:
        return (
            f"{len(case.probes.alleles)} probes one by one against {len(case.database.alleles):,} "
            f"profiles x {len(LOCI)} loci, four kits, 10 % partial, wildcards, four planted copies "
            f"a probe; policy {POLICY.name}, one thread"
        )

    def value(self, case: SearchCase, seconds: float) -> float:
        return seconds / len(case.probes.alleles) * 1e3

    def rate(self, case: SearchCase, seconds: float) -> float:
        return len(case.probes.alleles) * len(case.database.alleles) / seconds / 1e6

    def traffic(self, case: SearchCase) -> Traffic:
        return Traffic(
            float(len(case.probes.alleles) * len(case.database.alleles)),
            "one byte of every profile, for every probe: what a scan without an index has to read; "
            "above 100 % the index skipped profiles",
        )


class Search10M(Search):
    name = "search_10m"
    size = 10_000_000

    def musts(self, case: Any, rows: Rows, machine: Machine) -> list[Must]:
        text = "<= 4 ms a probe, where memory reads >= 25 GB/s"
        cap = Must.at_most(text, rows["prum_match"].value, 4.0, "ms")
        if machine.bandwidth < 25e9:
            slow = f"memory reads {machine.bandwidth / 1e9:.1f} GB/s"
            cap = Must(text, cap.value, None, slow)
        times = rows["NumPy column filter"].times_ours
        return [Must.at_least(">= 25x the NumPy column filter", times, 25, "x"), cap]


class Search1M(Search):
    name = "search_1m"
    size = 1_000_000

    def musts(self, case: Any, rows: Rows, machine: Machine) -> list[Must]:
        times = rows["NumPy brute force"].times_ours
        return [Must.at_least(">= 500x NumPy brute force", times, 500, "x")]
