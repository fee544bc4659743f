"""One search at 26 parties under one timeout: 18 are fast, 4 slow, 2 hang and 2 are broken."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.dna.data import LOCI, simulate
from benchmarks.machine import Machine
from benchmarks.task import Must, Options, Rows, Task
from prum_match import dna
from prum_match.exchange import (
    PARTIES,
    InProcessTransport,
    Responder,
    SearchOutcome,
    TransportUnreachable,
)

OURS = "prum_match"
OWN = "AT"
ASKED = [code for code in PARTIES if code not in {OWN, "EUROPOL"}][:26]
SLOW, HUNG, BROKEN = set(ASKED[18:22]), set(ASKED[22:24]), set(ASKED[24:])
TIMEOUT = 1.0
SLOWNESS = 0.15
FOREVER = 60
GRACE = 5


@dataclass(frozen=True)
class FanOutCase:
    """The parties, which all hold the same, and a probe that they have."""

    inner: InProcessTransport
    probe: dna.Profile


@dataclass(frozen=True)
class Ended:
    """What a search came to, how long it took, and what it has left behind."""

    outcome: SearchOutcome
    seconds: float
    processor: float
    threads: int
    files: int


class Crowd:
    """A transport to the parties; `close` lets go of those that hang."""

    def __init__(self, case: FanOutCase) -> None:
        self._inner = case.inner
        self._closed = threading.Event()

    def exchange(self, party: str, request: bytes, *, timeout: float) -> bytes:
        if party in SLOW:
            time.sleep(SLOWNESS)
        if party in HUNG:
            self._closed.wait(FOREVER)
        return self.answer(party, request)

    def answer(self, party: str, request: bytes) -> bytes:
        if party in BROKEN:
            raise TransportUnreachable
        return self._inner.exchange(party, request, timeout=TIMEOUT)

    def close(self) -> None:
        self._closed.set()


def ended(search: Callable[[Crowd], SearchOutcome], crowd: Crowd) -> Ended:
    """Do a search, and look at what is left when those that hung were let go."""
    threads, files = set(threading.enumerate()), open_files()
    wall, own = time.perf_counter(), time.process_time()
    outcome = search(crowd)
    wall, own = time.perf_counter() - wall, time.process_time() - own
    crowd.close()
    for thread in set(threading.enumerate()) - threads:
        thread.join(GRACE)
    left = len(set(threading.enumerate()) - threads)
    return Ended(outcome, wall, own, left, max(0, open_files() - files))


def open_files() -> int:
    folder = Path("/proc/self/fd")
    return len(os.listdir(folder)) if folder.is_dir() else 0


def answer(found: Ended) -> Mapping[str, str]:
    """Say what became of each party."""
    return {party: one.outcome.value for party, one in found.outcome.items()}


def detail(found: Ended) -> Mapping[str, object]:
    return {
        "answered": len(found.outcome.answered),
        "processor_ms": found.processor * 1e3,
        "threads_left": found.threads,
        "files_left": found.files,
    }


class FanOut(Task):
    """The size is the number of profiles that each party holds."""

    name = "exchange_fan_out"
    value_unit = "ms past the timeout"
    rate_unit = "-"
    size = 1_000
    quick_size = 50

    def case(self, size: int, options: Options) -> FanOutCase:
        table = dna.ProfileTable(LOCI, simulate(size, seed=62).alleles)
        gallery = dna.Gallery()
        gallery.enrol([f"id-{row}" for row in range(size)], table)
        responders = {party: Responder(party, {"dna": gallery}) for party in ASKED}
        return FanOutCase(InProcessTransport(responders, OWN), next(iter(table)))

    def title(self, case: FanOutCase) -> str:
        return (
            f"a DNA search at {len(ASKED)} parties under one timeout of {TIMEOUT * 1e3:.0f} ms: "
            f"18 answer at once, {len(SLOW)} after {SLOWNESS * 1e3:.0f} ms, {len(HUNG)} hang and "
            f"{len(BROKEN)} are broken"
        )

    def value(self, case: FanOutCase, seconds: float) -> float:
        return (seconds - TIMEOUT) * 1e3

    def rate(self, case: FanOutCase, seconds: float) -> None:
        return None

    def musts(self, case: FanOutCase, rows: Rows, machine: Machine) -> list[Must]:
        found = rows[OURS]
        return [
            Must.at_most("returns within the timeout + 50 ms", found.value, 50, self.value_unit),
            Must.at_least("22 parties have answered", _counted(found.detail, "answered"), 22, ""),
            Must.at_most("no thread is left", _counted(found.detail, "threads_left"), 0, ""),
            Must.at_most("no file is left", _counted(found.detail, "files_left"), 0, ""),
        ]


def _counted(found: Mapping[str, object], name: str) -> float | None:
    count = found.get(name)
    return count if isinstance(count, int) else None
