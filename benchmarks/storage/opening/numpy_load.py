"""NumPy: the array of alleles in a file, read or mapped. It has no ids and checks nothing."""

from __future__ import annotations

import time
from typing import Literal

import numpy as np

from benchmarks.storage.base import Done, timed_within
from benchmarks.storage.profiles import ProfilesCase
from benchmarks.task import Pass

NAME = "numpy.load"


def missing() -> str | None:
    return None


def load(case: ProfilesCase) -> Pass:
    return loading(case, None, "the alleles alone, read")


def loading(case: ProfilesCase, mode: Literal["r"] | None, how: str) -> Pass:
    """Return the pass that loads the array and reads a sample back."""
    path = case.room.path / "alleles.npy"
    if not path.exists():
        np.save(path, case.alleles)

    def run() -> Done:
        start = time.perf_counter()
        alleles = np.load(path, mmap_mode=mode)
        references = len(alleles)
        seconds = time.perf_counter() - start
        return Done(seconds, case.read_theirs(references, alleles.__getitem__), {})

    return timed_within(run, how)
