"""A gallery on disk opened, to the number of its references; and how that grows with it."""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks.agreement import agreement
from benchmarks.machine import Machine
from benchmarks.storage.base import OURS, Latency
from benchmarks.storage.profiles import REFERENCES, SAMPLE, ProfilesCase
from benchmarks.task import Answer, Must, Options, Rows

A_TENTH = "prum_match, a tenth of it"
MOST_MS = 20.0
MOST_TIMES = 2.0


class Open(Latency):
    name = "storage_open"
    size = 10_000_000
    quick_size = 100_000

    def case(self, size: int, options: Options) -> ProfilesCase:
        return ProfilesCase.of(size)

    def title(self, case: ProfilesCase) -> str:
        return (
            f"dna.Gallery.open and the first len() of {len(case):,} profiles in one segment, files "
            "in the page cache; closing not timed"
        )

    def musts(self, case: ProfilesCase, rows: Rows, machine: Machine) -> list[Must]:
        return [Must.at_most(f"<= {MOST_MS:g} ms", rows[OURS].value, MOST_MS, "ms")]


@dataclass(frozen=True)
class GrowthCase(ProfilesCase):
    """A database, of which the first tenth is a gallery too."""

    @property
    def tenth(self) -> int:
        return len(self) // 10

    @property
    def rows(self) -> range:
        """Rows that both galleries have."""
        return range(0, self.tenth, max(1, self.tenth // SAMPLE))


class OpenGrowth(Open):
    """There is no rival but the smaller gallery, in turns."""

    name = "storage_open_growth"

    def case(self, size: int, options: Options) -> GrowthCase:
        return GrowthCase.of(size)

    def title(self, case: ProfilesCase) -> str:
        return f"{super().title(case)}; the same of the first tenth"

    def agreement(self, case: ProfilesCase, ours: Answer, theirs: Answer) -> tuple[bool, str]:
        """Compare the references, not how many they are."""
        return agreement(ours, {key: theirs[key] for key in theirs if key != REFERENCES})

    def musts(self, case: ProfilesCase, rows: Rows, machine: Machine) -> list[Must]:
        whole, tenth = rows[OURS].seconds, rows[A_TENTH].seconds
        times = whole / tenth if whole and tenth else None
        text = f"<= {MOST_TIMES:g}x the time of a tenth of it"
        return [Must.at_most(text, times, MOST_TIMES, "x")]
