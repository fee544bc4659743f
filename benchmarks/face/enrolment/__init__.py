"""A million vectors enrolled in one call: codes made, ids indexed, originals copied or not."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, Literal

from benchmarks.face import data
from benchmarks.face.data import Vectors
from benchmarks.machine import Machine
from benchmarks.rows import reference_id
from benchmarks.task import Answer, Must, Options, Pass, Rows, Task, Traffic

SAMPLE = 100
Keep = Literal["copy", "view"]


@dataclass(frozen=True)
class EnrolmentCase:
    """Vectors, and whether the library copies them or keeps the caller's array."""

    vectors: Vectors
    keep: Keep

    @cached_property
    def reference_ids(self) -> list[str]:
        return [reference_id(row) for row in range(len(self.vectors))]

    @property
    def sample(self) -> range:
        """Rows that are read back and compared."""
        return range(0, len(self.vectors), max(1, len(self.vectors) // SAMPLE))


@dataclass(frozen=True)
class Enrolled:
    """What is left of a pass: its seconds, and the vectors read back."""

    seconds: float
    answer: Answer


def enrolling(
    case: EnrolmentCase, enrol: Callable[[], Any], read: Callable[[Any, int], Any], how: str
) -> Pass:
    """Return the pass that enrols and reads a sample back, and lets go of what it made.

    The runner keeps the result of the best pass: of some gigabytes, twice is too often.
    """

    def run() -> Enrolled:
        start = time.perf_counter()
        store = enrol()
        seconds = time.perf_counter() - start
        found = {row: read(store, row).tobytes() for row in case.sample}
        del store
        gc.collect()
        return Enrolled(seconds, found)

    return Pass(run, lambda done: done.answer, how=how, measure=lambda done: done.seconds)


class FaceEnrolment(Task):
    name = "face_enrolment"
    value_unit = "s"
    rate_unit = "M vectors/s"
    size = 1_000_000
    quick_size = 20_000
    keep: ClassVar[Keep] = "copy"

    def case(self, size: int, options: Options) -> EnrolmentCase:
        return EnrolmentCase(data.vectors("face-like", size), self.keep)

    def title(self, case: EnrolmentCase) -> str:
        n, components = case.vectors.shape
        kept = "copied" if case.keep == "copy" else "left in the caller's array"
        return (
            f"{n:,} rows of a float32 array, {components} components, enrolled with their ids in "
            f"one call, ready to be searched; the originals {kept}; one thread"
        )

    def value(self, case: EnrolmentCase, seconds: float) -> float:
        return seconds

    def rate(self, case: EnrolmentCase, seconds: float) -> float:
        return len(case.vectors) / seconds / 1e6

    def traffic(self, case: EnrolmentCase) -> Traffic:
        # One byte a component is written, and the copy where there is one.
        written = len(case.vectors) * case.vectors.shape[1] * (5 if case.keep == "copy" else 1)
        return Traffic(
            float(case.vectors.nbytes + written),
            "vectors once in, codes and copy once out; what the kernel does to give new pages "
            "not counted",
        )

    def musts(self, case: EnrolmentCase, rows: Rows, machine: Machine) -> list[Must]:
        text = ">= 1 M vectors/s"
        return [Must.at_least(text, rows["prum_match"].rate, 1.0, "M vectors/s")]


class View(FaceEnrolment):
    name = "face_enrolment_view"
    keep = "view"
