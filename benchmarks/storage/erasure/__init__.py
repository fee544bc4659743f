"""One reference erased from a database on disk, gone from the files when the call returns."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.machine import Machine
from benchmarks.rows import reference_id
from benchmarks.storage.base import OURS, Latency
from benchmarks.storage.profiles import ProfilesCase
from benchmarks.task import Answer, Must, Options, Pass, Rows

ERASED, QUICK = 40, 5
MOST_MS = 50.0


@dataclass(frozen=True)
class ErasureCase(ProfilesCase):
    """A database, and ids to be erased, others in every pass."""

    ids: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Erased:
    """What one pass has erased: seconds by id, what each call gave, and what is left."""

    ids: tuple[str, ...]
    seconds: list[float]
    given: list[Any]
    answer: Answer

    @property
    def median(self) -> float:
        return float(np.median(self.seconds))


@dataclass(frozen=True)
class Store:
    """What a library does: erase a reference, count all, look for one."""

    erase: Callable[[str], Any]
    count: Callable[[], int]
    holds: Callable[[str], bool]


def erasing(
    case: ErasureCase,
    store: Store,
    how: str,
    detail: Callable[[Erased], Mapping[str, object]] | None = None,
) -> Pass:
    """Return the pass that erases references one by one, other ones each time."""
    passes = iter(case.ids)
    return Pass(
        lambda: _erase(store, next(passes)),
        lambda done: done.answer,
        how=how,
        measure=lambda done: done.median,
        detail=detail,
    )


def _erase(store: Store, ids: tuple[str, ...]) -> Erased:
    before = store.count()
    seconds, given = [], []
    for identifier in ids:
        start = time.perf_counter()
        given.append(store.erase(identifier))
        seconds.append(time.perf_counter() - start)
    answer = {"fewer": before - store.count(), "still there": sum(map(store.holds, ids))}
    return Erased(ids, seconds, given, answer)


class Erasure(Latency):
    name = "storage_erase"
    size = 1_000_000
    quick_size = 20_000

    def case(self, size: int, options: Options) -> ErasureCase:
        made = ProfilesCase.of(size)
        order = np.random.default_rng(62).permutation(size)
        parts = np.array_split(order, options.passes)
        count = QUICK if options.quick else ERASED
        ids = tuple(tuple(map(reference_id, part[:count])) for part in parts)
        return ErasureCase(made.database, made.room, ids)

    def title(self, case: ErasureCase) -> str:
        return (
            f"dna.Gallery.erase of one of {len(case):,} references on disk, with its receipt, "
            f"overwritten and durable when the call returns: the median of {len(case.ids[0])}"
        )

    def musts(self, case: ErasureCase, rows: Rows, machine: Machine) -> list[Must]:
        return [Must.at_most(f"<= {MOST_MS:g} ms", rows[OURS].value, MOST_MS, "ms")]
