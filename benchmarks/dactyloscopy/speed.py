"""Tasks on speed and memory, for ``python -m benchmarks``: generated prints, one thread."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from benchmarks.counted import Counted
from benchmarks.dactyloscopy import generated
from benchmarks.dactyloscopy.data import Prints, join
from benchmarks.machine import Machine
from benchmarks.task import Contender, Must, Options, Rows, Task
from prum_match import dactyloscopy
from prum_match.dactyloscopy import Template

OURS = "prum_match"
PROBES = 200
TIMED = 20
KEEP = 0.05
ALMOST_NOTHING = 1e-4
SCANNED = {"avx512": 700_000.0, "avx2": 200_000.0}
"""Prints a second that have to be scanned, by instruction set."""


@dataclass(frozen=True)
class SearchCase:
    """Probes with a mate each in a gallery, how it is searched, and how long a rival may take."""

    probes: Prints
    gallery: Prints
    policy: dactyloscopy.Policy
    seconds: float

    @property
    def timed(self) -> tuple[Template, ...]:
        """Return the probes that are timed; with all of them mates are counted."""
        return self.probes.templates[:TIMED]

    @property
    def minutiae(self) -> float:
        return float(np.mean([len(template) for template in self.gallery.templates]))


class FingerSearch(Task):
    """Every probe with every print."""

    name = "finger_search"
    value_unit = "ms a probe"
    rate_unit = "prints/s"
    size = 10_000
    quick_size = 1_000
    policy: ClassVar[dactyloscopy.Policy] = dactyloscopy.Policy()
    floor: ClassVar[float] = 25_000.0

    def case(self, size: int, options: Options) -> SearchCase:
        mated = min(PROBES, size // 2)
        plain, again = generated.fingers(mated, ("plain", "plain"), ("coarse", "fine"))
        (others,) = generated.fingers(size - mated, start=generated.OTHERS)
        gallery = join(f"generated-{size}", plain, others)
        return SearchCase(again, gallery, self.policy, 0.1 if options.quick else 5.0)

    def title(self, case: SearchCase) -> str:
        return (
            f"{TIMED} probes one by one against {len(case.gallery):,} generated prints of "
            f"{case.minutiae:.0f} minutiae, {self.manner()}; one thread"
        )

    def manner(self) -> str:
        return "each compared in full"

    def value(self, case: SearchCase, seconds: float) -> float:
        return seconds / TIMED * 1e3

    def rate(self, case: SearchCase, seconds: float) -> float:
        return TIMED * len(case.gallery) / seconds

    def seconds_at(self, case: SearchCase, rate: float) -> float:
        return TIMED * len(case.gallery) / rate

    def musts(self, case: SearchCase, rows: Rows, machine: Machine) -> list[Must]:
        text = f">= {self.floor:,.0f} prints/s"
        return [Must.at_least(text, rows[OURS].rate, self.floor, "prints/s")]


class FingerScan(FingerSearch):
    """The first stage alone, or nearly: next to nothing is kept for the second."""

    name = "finger_scan"
    size = 100_000
    policy = dactyloscopy.Policy(mode="cascade", keep=ALMOST_NOTHING)

    def manner(self) -> str:
        return f"all scanned, {ALMOST_NOTHING:.2%} compared in full"

    def musts(self, case: SearchCase, rows: Rows, machine: Machine) -> list[Must]:
        tier = machine.active_tier
        if tier not in SCANNED:
            return []
        floor = SCANNED[tier]
        text = f">= {floor:,.0f} prints/s on {tier}"
        return [Must.at_least(text, rows[OURS].rate, floor, "prints/s")]


class FingerCascade(FingerSearch):
    """End to end; what the first stage lost is counted."""

    name = "finger_cascade"
    size = 100_000
    policy = dactyloscopy.Policy(mode="cascade", keep=KEEP)
    floor = 150_000.0

    def manner(self) -> str:
        return f"all scanned, the best {KEEP:.0%} compared in full"


@dataclass(frozen=True)
class CompareCase:
    """Pairs of templates; `fresh`: nothing of them has been prepared."""

    pairs: list[tuple[Template, Template]]
    fresh: bool


class FingerCompare(Task):
    """`compare` of templates that were compared before."""

    name = "finger_compare"
    value_unit = "us a comparison"
    rate_unit = "comparisons/s"
    size = 2_000
    quick_size = 200
    fresh: ClassVar[bool] = False
    floor: ClassVar[float] = 5_000.0

    def case(self, size: int, options: Options) -> CompareCase:
        first, second = generated.fingers(size, ("plain", "plain"), ("coarse", "fine"))
        return CompareCase(list(zip(first.templates, second.templates, strict=True)), self.fresh)

    def title(self, case: CompareCase) -> str:
        state = "not compared before" if case.fresh else "compared before"
        return f"{len(case.pairs):,} pairs of templates {state}, one by one; one thread"

    def value(self, case: CompareCase, seconds: float) -> float:
        return seconds / len(case.pairs) * 1e6

    def rate(self, case: CompareCase, seconds: float) -> float:
        return len(case.pairs) / seconds

    def musts(self, case: CompareCase, rows: Rows, machine: Machine) -> list[Must]:
        text = f">= {self.floor:,.0f} comparisons/s"
        return [Must.at_least(text, rows[OURS].rate, self.floor, "comparisons/s")]


class FingerCompareCold(FingerCompare):
    """`compare` of templates just made."""

    name = "finger_compare_cold"
    fresh = True
    floor = 1_000.0


class FingerEnrolment(Task):
    """Templates enrolled in one call, ready to be searched."""

    name = "finger_enrolment"
    value_unit = "s"
    rate_unit = "prints/s"
    size = 10_000
    quick_size = 1_000

    def case(self, size: int, options: Options) -> Prints:
        (prints,) = generated.fingers(size, start=generated.OTHERS)
        return prints

    def title(self, case: Prints) -> str:
        return f"{len(case):,} templates just made, enrolled in one call; one thread"

    def value(self, case: Prints, seconds: float) -> float:
        return seconds

    def rate(self, case: Prints, seconds: float) -> float:
        return len(case) / seconds

    def musts(self, case: Prints, rows: Rows, machine: Machine) -> list[Must]:
        return [Must.at_least(">= 2,000 prints/s", rows[OURS].rate, 2_000, "prints/s")]


class FingerMemory(Counted):
    """What a gallery holds of each print."""

    name = "finger_memory"
    value_unit = "bytes a print"
    size = 10_000
    quick_size = 1_000

    def case(self, size: int, options: Options) -> Prints:
        (prints,) = generated.fingers(size, start=generated.OTHERS)
        return prints

    def title(self, case: Prints) -> str:
        minutiae = np.mean([len(template) for template in case.templates])
        return (
            f"a gallery of {len(case):,} prints of {minutiae:.0f} minutiae: sizes of all columns "
            "but those of the ids"
        )

    def musts(self, case: Prints, rows: Rows, machine: Machine) -> list[Must]:
        return [Must.at_most("<= 4,200 bytes", rows[OURS].value, 4_200, "bytes a print")]


def tasks(ours: Any, rivals: tuple[Contender, ...]) -> tuple[Task, ...]:
    """Return all tasks with who takes part in them."""
    return (
        FingerSearch(ours.Searching(), *rivals),
        FingerScan(ours.Searching()),
        FingerCascade(ours.Searching()),
        FingerCompare(ours.Comparing()),
        FingerCompareCold(ours.Comparing()),
        FingerEnrolment(ours.Enrolling()),
        FingerMemory(ours.Holding()),
    )
