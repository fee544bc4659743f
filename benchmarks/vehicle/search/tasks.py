"""The searches that are measured, and what each has to reach."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np

from benchmarks.machine import Machine
from benchmarks.task import Must, Options, Rows, Task
from benchmarks.vehicle import data
from benchmarks.vehicle.formats import DIGITS, LATIN
from benchmarks.vehicle.register import Register, register
from benchmarks.vehicle.search import (
    SearchCase,
    duckdb_scan,
    numpy_table,
    polyleven_loop,
    prum_match,
    python_re,
    rapidfuzz_cdist,
    symspell,
    tantivy_index,
)

REGISTER, QUERIES = 71, 72


class VehicleSearch(Task):
    """All texts at once, one thread."""

    value_unit = "ms a text"
    rate_unit = "M plates/s"
    size = 10_000_000
    quick_size = 5_000
    count: ClassVar[int] = 1_000
    most: ClassVar[float | None] = None
    costs: ClassVar[Literal["unit", "ocr"]] = "unit"
    cap: ClassVar[float | None] = None
    floors: ClassVar[tuple[tuple[str, float], ...]] = ()
    what: ClassVar[str]

    def case(self, size: int, options: Options) -> SearchCase:
        whole = register(size, REGISTER)
        count = min(self.count, 50) if options.quick else self.count
        return SearchCase(whole, self.texts(whole, count), self.most, self.costs, options.full)

    def texts(self, whole: Register, count: int) -> list[str]:
        """Return what is looked for."""
        return data.noisy(whole.plates, count, QUERIES).texts

    def title(self, case: SearchCase) -> str:
        return (
            f"{len(case.texts):,} {self.what}, at once, among {len(case.register):,} plates of "
            "32 countries, one thread"
        )

    def value(self, case: SearchCase, seconds: float) -> float:
        return seconds / len(case.texts) * 1e3

    def rate(self, case: SearchCase, seconds: float) -> float:
        return len(case.texts) * len(case.register) / seconds / 1e6

    def musts(self, case: SearchCase, rows: Rows, machine: Machine) -> list[Must]:
        musts = [
            Must.at_least(f">= {floor:g}x {library}", rows[library].times_ours, floor, "x")
            for library, floor in self.floors
        ]
        if self.cap is not None:
            ours = rows[prum_match.NAME].value
            musts.append(Must.at_most(f"<= {self.cap:g} ms a text", ours, self.cap, "ms"))
        return musts


class Distance1(VehicleSearch):
    name = "vehicle_distance_1"
    most = 1.0
    cap: ClassVar[float | None] = 0.1
    what = "reads with none to two errors, distance <= 1"


class Distance2(VehicleSearch):
    name = "vehicle_distance_2"
    most = 2.0
    cap: ClassVar[float | None] = 2.0
    what = "reads with none to two errors, distance <= 2"


class Distance1Million(Distance1):
    name = "vehicle_distance_1_1m"
    size = 1_000_000
    cap = None
    floors = ((tantivy_index.NAME, 30.0), (rapidfuzz_cdist.NAME, 100.0))


class Distance2Million(Distance2):
    name = "vehicle_distance_2_1m"
    size = 1_000_000
    cap = None
    floors = ((tantivy_index.NAME, 30.0), (rapidfuzz_cdist.NAME, 100.0))


class Dictionary1(Distance1):
    """As many plates as symspellpy has room for: it takes some 4,000 bytes of each."""

    name = "vehicle_distance_1_200k"
    size = 200_000
    quick_size = 2_000
    cap = None


class Dictionary2(Distance2):
    name = "vehicle_distance_2_200k"
    size = 200_000
    quick_size = 2_000
    cap = None


class Ocr(VehicleSearch):
    """No rival has a price for each pair of symbols; NumPy shows what it would take."""

    name = "vehicle_ocr"
    most = 1.5
    costs = "ocr"
    cap = 0.2
    what = "misreads, OCR costs <= 1.5"

    def texts(self, whole: Register, count: int) -> list[str]:
        return data.misreads(whole.plates, count, QUERIES).texts


class Pattern(VehicleSearch):
    """Few at once: each finds thousands."""

    count = 32
    cap = 5.0

    def title(self, case: SearchCase) -> str:
        return super().title(case) + "; names of candidates not made"


class PatternInside(Pattern):
    name = "vehicle_pattern_inside"
    what = "patterns such as *123*"

    def texts(self, whole: Register, count: int) -> list[str]:
        random = np.random.default_rng(QUERIES)
        others = random.choice(1_000, count - 1, replace=False)
        return ["*123*", *(f"*{number:03d}*" for number in others)]


class PatternPlaces(Pattern):
    name = "vehicle_pattern_places"
    what = "patterns such as ??9?B*"

    def texts(self, whole: Register, count: int) -> list[str]:
        random = np.random.default_rng(QUERIES)
        pairs = [(digit, letter) for digit in DIGITS for letter in LATIN]
        others = random.choice(len(pairs), count - 1, replace=False)
        return ["??9?B*", *("??{}?{}*".format(*pairs[other]) for other in others)]


SEARCH_TASKS: tuple[VehicleSearch, ...] = (
    Dictionary1(prum_match, symspell, tantivy_index, rapidfuzz_cdist),
    Dictionary2(prum_match, symspell, tantivy_index, rapidfuzz_cdist),
    Distance1Million(prum_match, tantivy_index, rapidfuzz_cdist, polyleven_loop, duckdb_scan),
    Distance2Million(prum_match, tantivy_index, rapidfuzz_cdist, polyleven_loop, duckdb_scan),
    Distance1(prum_match, tantivy_index, rapidfuzz_cdist),
    Distance2(prum_match, tantivy_index, rapidfuzz_cdist),
    Ocr(prum_match, numpy_table),
    PatternInside(prum_match, tantivy_index, duckdb_scan, python_re),
    PatternPlaces(prum_match, tantivy_index, duckdb_scan, python_re),
)
