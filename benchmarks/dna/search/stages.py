"""Where the time of a single search goes: Python before, the native call, Python after."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from benchmarks.dna.search import POLICY, SearchCase
from benchmarks.task import Stage
from prum_match import dna
from prum_match.engine import CandidateLists

PASSES = 20


def _check(probe: dna.Profile) -> None:
    dna.DNA.matching.policy_of(POLICY)
    dna.DNA.wire.check_probe(probe)


def measure(case: SearchCase) -> list[Stage]:
    """Time the steps of `Gallery.search`, each in sweeps over all probes, as in the task."""
    gallery, category, profiles = case.gallery, dna.DNA, case.profiles
    matchers = [category.matching.prepare([profile], POLICY) for profile in profiles]
    results = [gallery._core.run(matcher, POLICY, threads=1) for matcher in matchers]
    steps: dict[str, Callable[[int], object]] = {
        "checks of policy and probe": lambda p: _check(profiles[p]),
        "prepare: accept tables of the probe": lambda p: category.matching.prepare(
            [profiles[p]], POLICY
        ),
        "native search": lambda p: gallery._core.run(matchers[p], POLICY, threads=1),
        "answer: columns to a CandidateList": lambda p: CandidateLists(
            results[p], [profiles[p]], POLICY, gallery._core
        )[0],
        "the whole call": lambda p: gallery.search(profiles[p], policy=POLICY, threads=1),
    }
    best = {name: np.full(len(profiles), np.inf) for name in steps}
    for name, step in steps.items():
        for _ in range(PASSES):
            for p in range(len(profiles)):
                start = time.perf_counter()
                step(p)
                best[name][p] = min(best[name][p], time.perf_counter() - start)
    whole = float(best["the whole call"].mean())
    costs = {name: float(seconds.mean()) for name, seconds in best.items()}
    native = best["native search"]
    costs["native search, the median probe"] = float(np.median(native))
    costs["native search, the slowest probe"] = float(native.max())
    return [Stage(name, s * 1e6, "us", s / whole) for name, s in costs.items()]
