"""One probe at a time against millions of filters: all of them, or those who share a token."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from benchmarks.machine import Machine
from benchmarks.police_record.data import Encoded, encoded
from benchmarks.police_record.dice import FILTER_BYTES, THRESHOLD
from benchmarks.task import Must, Options, Rows, Task, Traffic

PROBES = 2_000


@dataclass(frozen=True)
class ProbeCase:
    """A register, and how many probes are searched for one by one."""

    data: Encoded
    count: int
    by_tokens: bool


class Probe(Task):
    value_unit = "ms a probe"
    rate_unit = "M filters/s"
    size = 10_000_000
    quick_size = 4_000
    count: ClassVar[int]
    by_tokens: ClassVar[bool]
    cap: ClassVar[float]
    what: ClassVar[str]

    def case(self, size: int, options: Options) -> ProbeCase:
        return ProbeCase(
            encoded(size, 100 if options.quick else PROBES),
            min(self.count, 20) if options.quick else self.count,
            self.by_tokens,
        )

    def title(self, case: ProbeCase) -> str:
        return (
            f"{case.count:,} probes one by one against {len(case.data):,} filters of 1,024 bits, "
            f"Dice >= {THRESHOLD}, {self.what}, one thread"
        )

    def value(self, case: ProbeCase, seconds: float) -> float:
        return seconds / case.count * 1e3

    def rate(self, case: ProbeCase, seconds: float) -> float:
        return case.count * len(case.data) / seconds / 1e6

    def musts(self, case: ProbeCase, rows: Rows, machine: Machine) -> list[Must]:
        ours = rows["prum_match"]
        return [Must.at_most(f"<= {self.cap:g} ms a probe", ours.value, self.cap, "ms")]


class Exhaustive(Probe):
    name = "police_probe"
    count = 20
    by_tokens = False
    cap = 100.0
    what = "all of them"

    def traffic(self, case: ProbeCase) -> Traffic:
        size = float(case.count * len(case.data) * FILTER_BYTES)
        return Traffic(size, f"{FILTER_BYTES} bytes of every filter for every probe")


class Tokens(Probe):
    name = "police_probe_tokens"
    count = PROBES
    by_tokens = True
    cap = 5.0
    what = "of those who share a blocking token"

    def musts(self, case: ProbeCase, rows: Rows, machine: Machine) -> list[Must]:
        share = rows["prum_match"].detail.get("share_of_true_matches")
        found = share if isinstance(share, float) else None
        text = ">= 99 % of the true matches that all of them have"
        least = Must.at_least(text, None if found is None else found * 100, 99.0, "%")
        return [*super().musts(case, rows, machine), least]


def shares(exhaustive: set[int], by_tokens: set[int]) -> Mapping[str, object]:
    """Say what tokens leave of the probes whose person the exhaustive search finds."""
    share = len(exhaustive & by_tokens) / len(exhaustive) if exhaustive else None
    return {"true_matches_of_all": len(exhaustive), "share_of_true_matches": share}
