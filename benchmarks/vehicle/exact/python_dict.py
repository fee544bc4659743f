"""A dict of Python: rows and intervals by country and plate."""

from __future__ import annotations

from benchmarks.task import Pass
from benchmarks.vehicle.exact import ExactCase, looking_up

NAME = "dict of tuples"


def missing() -> str | None:
    return None


def load(case: ExactCase) -> Pass:
    register, probes = case.register, case.probes
    keys = zip(register.countries.tolist(), register.texts, strict=True)
    intervals = zip(register.valid_from.tolist(), register.valid_to.tolist(), strict=True)
    held: dict[str, tuple[int, ...]] = {}
    for row, ((country, plate), interval) in enumerate(zip(keys, intervals, strict=True)):
        key = country + plate
        held[key] = (*held.get(key, ()), row, *interval)

    def run() -> list[list[int]]:
        return [_valid(held.get(country + plate, ()), at) for country, plate, at in probes]

    return looking_up(case, run, list, how="in full")


def _valid(found: tuple[int, ...], at: int) -> list[int]:
    return [found[i] for i in range(0, len(found), 3) if found[i + 1] <= at < found[i + 2]]
