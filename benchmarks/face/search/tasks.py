"""The searches that are measured, and what each has to reach."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from benchmarks.face import data
from benchmarks.face.data import Kind
from benchmarks.face.search import (
    SearchCase,
    faiss_blas,
    faiss_flat,
    faiss_sq8,
    faiss_thousand,
    usearch_exact,
)
from benchmarks.face.search.verdict import verdict
from benchmarks.machine import Machine
from benchmarks.task import Answer, Contender, Must, Options, Rows, Task, Traffic

FLAT, SQ8 = faiss_flat.NAME, faiss_sq8.NAME
BLAS, THOUSAND = faiss_blas.NAME, faiss_thousand.NAME


class FaceSearch(Task):
    """Search with so many probes at once."""

    value_unit = "ms a probe"
    rate_unit = "M comparisons/s"
    size = 1_000_000
    quick_size = 20_000
    kind: ClassVar[Kind] = "face-like"
    block: ClassVar[int] = 1
    probes: ClassVar[int] = 32
    slow: ClassVar[int] = 100
    threshold: ClassVar[float | None] = None
    limit: ClassVar[int | None] = 20
    threads: ClassVar[int] = 1

    def case(self, size: int, options: Options) -> SearchCase:
        vectors = data.vectors(self.kind, size)
        many = max(self.probes, faiss_thousand.BLOCK)
        return SearchCase(
            kind=self.kind,
            vectors=vectors,
            many=data.probes(self.kind, vectors, many),
            count=self.probes,
            slow=self.probes if options.full else self.slow,
            block=self.block,
            threshold=self.threshold,
            limit=self.limit,
            threads=self.threads,
        )

    def title(self, case: SearchCase) -> str:
        n, components = case.vectors.shape
        at_once = "one by one" if case.block == 1 else f"{case.block:,} at once"
        wanted = f"the {case.limit} best"
        if case.limit is None:
            wanted = f"all from {case.threshold:.2f} up"
        threads = "one thread" if case.threads == 1 else f"{case.threads} threads"
        return (
            f"{case.count:,} probes {at_once} against {n:,} {case.kind} vectors x {components} "
            f"components, half of the probes with a mate; {wanted}; {threads}"
        )

    def value(self, case: SearchCase, seconds: float) -> float:
        return seconds / case.count * 1e3

    def rate(self, case: SearchCase, seconds: float) -> float:
        return case.count * len(case.vectors) / seconds / 1e6

    def agreement(self, case: SearchCase, ours: Answer, theirs: Answer) -> tuple[bool, str]:
        return verdict(case, ours, theirs)


class Single(FaceSearch):
    """Probes one by one, which memory bounds."""

    name = "face_single"
    floors: ClassVar[tuple[tuple[str, float], ...]] = ((FLAT, 6.0), (SQ8, 1.8))

    def traffic(self, case: SearchCase) -> Traffic:
        return Traffic(
            float(case.count * case.scanned),
            f"the upper half of every code and its error, {case.scanned / len(case.vectors):.0f} "
            "a vector, for every probe",
        )

    def musts(self, case: SearchCase, rows: Rows, machine: Machine) -> list[Must]:
        return [
            Must.at_least(f">= {floor:g}x {library}", rows[library].times_ours, floor, "x")
            for library, floor in self.floors
        ]


class Isotropic(Single):
    name = "face_single_isotropic"
    kind = "isotropic"
    floors = ((FLAT, 5.0), (SQ8, 1.8))


class Adversarial(Single):
    """Nothing can be excluded by its code: it may be slow, and has to stay exact."""

    name = "face_single_adversarial"
    kind = "adversarial"
    floors = ()

    def musts(self, case: SearchCase, rows: Rows, machine: Machine) -> list[Must]:
        flat = rows[FLAT]
        text = f"the answers of {FLAT}"
        return [Must(text, flat.compared or "-", flat.agrees, "" if flat.compared else flat.how)]


class Threshold(Single):
    name = "face_threshold"
    threshold = 0.40
    limit = None
    floors = ((FLAT, 7.5),)

    def musts(self, case: SearchCase, rows: Rows, machine: Machine) -> list[Must]:
        seconds = rows["prum_match"].seconds
        share = None
        if seconds:
            share = self.traffic(case).bytes / machine.bandwidth / seconds * 100
        text = ">= 80 % of the measured memory bandwidth"
        return [*super().musts(case, rows, machine), Must.at_least(text, share, 80, "%")]


class Batch(FaceSearch):
    """Probes at once, which arithmetic bounds. FAISS counts in the best of its modes."""

    floor: ClassVar[float]
    modes: ClassVar[tuple[str, ...]] = (FLAT, BLAS, THOUSAND)
    text: ClassVar[str] = "faiss IndexFlatIP in its best mode"

    def musts(self, case: SearchCase, rows: Rows, machine: Machine) -> list[Must]:
        times = _least(rows, self.modes)
        must = Must.at_least(f">= {self.floor:g}x {self.text}", times, self.floor, "x")
        if machine.usable_cores < case.threads:
            must = replace(must, met=None, why=f"{machine.usable_cores} cores usable")
        return [must]


def _least(rows: Rows, modes: tuple[str, ...]) -> float | None:
    times = (rows[name].times_ours for name in modes if name in rows)
    return min((ratio for ratio in times if ratio is not None), default=None)


class Batch10(Batch):
    """A tenth of what FAISS needs for 1,000 at once is less than the multiplications take.

    It is held against those that get ten probes, too; the other ratio is printed.
    """

    name = "face_batch_10"
    block = 10
    probes = 40
    floor = 10.0
    modes = (FLAT, BLAS)
    text = "faiss IndexFlatIP with as many at once, in its better mode"

    def musts(self, case: SearchCase, rows: Rows, machine: Machine) -> list[Must]:
        thousand = Must.at_least(f"beside {THOUSAND}", _least(rows, (THOUSAND,)), 0, "x")
        why = "who has ten probes cannot search with 1,000"
        return [*super().musts(case, rows, machine), replace(thousand, met=None, why=why)]


class Batch100(Batch):
    name = "face_batch_100"
    block = probes = 100
    floor = 3.0


class Batch1000(Batch):
    name = "face_batch_1000"
    block = probes = 1_000
    floor = 4.0


class TwoThreads(Batch):
    name = "face_two_threads"
    block = probes = 100
    threads = 2
    floor = 3.0


def contenders(ours: Contender) -> tuple[FaceSearch, ...]:
    """Return all searches with who takes part in them."""
    single = (ours, faiss_flat, faiss_sq8, usearch_exact)
    batch = (ours, faiss_flat, faiss_blas, faiss_thousand, faiss_sq8, usearch_exact)
    return (
        Single(*single),
        Threshold(ours, faiss_flat),
        Batch10(*batch),
        Batch100(*batch),
        # Here the modes of FAISS are one.
        Batch1000(*single),
        TwoThreads(*batch),
        Isotropic(*single),
        Adversarial(*single),
    )
