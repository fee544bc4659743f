"""Who had this plate on that day: complete plates of a country, from a table or one by one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar

import numpy as np

from benchmarks.machine import Machine
from benchmarks.task import Answer, Must, Options, Pass, Rows, Task
from benchmarks.vehicle.data import Texts, synthetic_plates
from benchmarks.vehicle.register import BEGIN, DAY, DAYS, Moments, Register, plain, register

REGISTER, PROBES = 71, 73
UNKNOWN = 0.2
COMPARED = 10_000


@dataclass(frozen=True)
class ExactCase:
    """A register and who is asked about; every fifth plate is not in it, but by chance."""

    register: Register
    countries: Texts
    plates: Texts
    at: Moments
    one_by_one: bool

    def __len__(self) -> int:
        return len(self.plates)

    @property
    def probes(self) -> list[tuple[str, str, int]]:
        """Country, plate and moment, as Python has them."""
        columns = self.countries.tolist(), self.plates.tolist(), self.at.tolist()
        return list(zip(*columns, strict=True))

    @property
    def table(self) -> Any:
        """The probes as a table of Arrow."""
        import pyarrow as pa

        at = pa.array(self.at).cast(pa.timestamp("s", tz="UTC"))
        return pa.table({"country": self.countries, "plate": self.plates, "at": at})

    @property
    def moments(self) -> list[datetime]:
        return [datetime.fromtimestamp(at, UTC) for at in self.at.tolist()]


def looking_up(
    case: ExactCase,
    run: Callable[[], Sequence[Any]],
    rows_of: Callable[[Any], Sequence[int]],
    *,
    count: int | None = None,
    how: str,
) -> Pass:
    """Return the pass over all probes, or the first of them; some answers are compared."""
    done = len(case) if count is None else count
    scaled = "" if done == len(case) else f"{done:,} probes, scaled to {len(case):,}; "

    def answer(found: Sequence[Any]) -> Answer:
        chosen = range(0, done, max(1, len(case) // COMPARED))
        return {probe: plain(rows_of(found[probe])) for probe in chosen}

    return Pass(run, answer, done / len(case), scaled + how)


class Exact(Task):
    size = 10_000_000
    quick_size = 20_000
    count: ClassVar[int]
    one_by_one: ClassVar[bool]

    def case(self, size: int, options: Options) -> ExactCase:
        whole = register(size, REGISTER)
        count = min(self.count, 2_000) if options.quick else self.count
        random = np.random.default_rng(PROBES)
        rows = random.integers(size, size=count)
        countries, plates = whole.countries[rows], whole.plates[rows]
        unknown = np.flatnonzero(random.random(count) < UNKNOWN)
        countries[unknown], plates[unknown] = synthetic_plates(len(unknown), PROBES)
        at = BEGIN + DAY * random.integers(DAYS, size=count) + 1
        return ExactCase(whole, countries, plates, at, self.one_by_one)

    def title(self, case: ExactCase) -> str:
        how = "one by one" if self.one_by_one else "from one table"
        return (
            f"{len(case):,} complete plates with country and reference date, {how}, among "
            f"{len(case.register):,} registrations of 32 countries, one thread"
        )

    def rate(self, case: ExactCase, seconds: float) -> float:
        return len(case) / seconds / 1e6


class ExactTable(Exact):
    name = "vehicle_exact"
    value_unit = "ns a look-up"
    rate_unit = "M look-ups/s"
    count = 1_000_000
    one_by_one = False

    def value(self, case: ExactCase, seconds: float) -> float:
        return seconds / len(case) * 1e9

    def musts(self, case: ExactCase, rows: Rows, machine: Machine) -> list[Must]:
        ours = rows["prum_match"].rate
        return [Must.at_least(">= 2 M look-ups/s", ours, 2.0, "M look-ups/s")]


class ExactSingle(Exact):
    name = "vehicle_exact_single"
    value_unit = "us a look-up"
    rate_unit = "M look-ups/s"
    count = 20_000
    one_by_one = True

    def value(self, case: ExactCase, seconds: float) -> float:
        return seconds / len(case) * 1e6

    def musts(self, case: ExactCase, rows: Rows, machine: Machine) -> list[Must]:
        return [Must.at_most("<= 30 us a query", rows["prum_match"].value, 30.0, "us")]
