"""Ours once more, on the first tenth of the profiles."""

from __future__ import annotations

from benchmarks.storage.opening import A_TENTH, GrowthCase
from benchmarks.storage.opening.prum_match import opening
from benchmarks.task import Pass

NAME = A_TENTH


def missing() -> str | None:
    return None


def load(case: GrowthCase) -> Pass:
    return opening(case, case.save("tenth", case.tenth))
