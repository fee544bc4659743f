"""While the native core works, other Python threads run."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import numpy as np
import pytest

from prum_match import dna

SLOW = dna.ReadingPolicy(
    name="slow",
    version="0",
    source="test",
    # With this budget nothing is pruned: every row is counted in full, and then refused.
    readings=(dna.Reading("all", min_loci=8, budget=40),),
)
LOCI = (*dna.ESS_7, "SE33")


def drawn_table(n: int) -> dna.ProfileTable:
    random = np.random.default_rng(1)
    alleles = random.integers(10, 30, (n, len(LOCI), 2)).astype(np.int16) * 10
    return dna.ProfileTable(LOCI, alleles)


def longest_wait_beside(work: Callable[[], object]) -> tuple[float, float]:
    """Return the duration of the work, and the longest pause of this thread."""
    done = threading.Event()
    took: list[float] = []

    def run() -> None:
        begin = time.perf_counter()
        work()
        took.append(time.perf_counter() - begin)
        done.set()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    longest, last = 0.0, time.perf_counter()
    while not done.is_set():
        now = time.perf_counter()
        longest, last = max(longest, now - last), now
    longest = max(longest, time.perf_counter() - last)
    thread.join()
    return took[0], longest


@pytest.mark.parametrize("what", ["search_many", "match_matrix", "join"])
def test_native_calls_release_the_interpreter_lock(what: str) -> None:
    table = drawn_table(30_000)
    gallery = dna.Gallery()
    gallery.enrol([f"R{i}" for i in range(len(table))], table)
    probes = [table[i] for i in range(150)]
    few = dna.Gallery()
    few.enrol([f"P{i}" for i in range(len(probes))], probes)
    work: dict[str, Callable[[], object]] = {
        "search_many": lambda: gallery.search_many(probes, policy=SLOW, threads=1),
        "match_matrix": lambda: dna.match_matrix(gallery, threads=1),
        "join": lambda: list(few.join(gallery, policy=SLOW, threads=1)),
    }
    took, longest = longest_wait_beside(work[what])
    assert took > 0.1, "too short to tell"
    # With the lock held for the call, the longest wait is the whole of it.
    assert longest < took / 2
