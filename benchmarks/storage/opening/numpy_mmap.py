"""NumPy: the same file mapped. Nothing that opens a file does less."""

from __future__ import annotations

from benchmarks.storage.opening.numpy_load import loading
from benchmarks.storage.profiles import ProfilesCase
from benchmarks.task import Pass

NAME = "numpy.load, mapped"


def missing() -> str | None:
    return None


def load(case: ProfilesCase) -> Pass:
    return loading(case, "r", "the alleles alone, mapped: the bare lower bound, not a store")
