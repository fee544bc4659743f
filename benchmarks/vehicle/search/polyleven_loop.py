"""polyleven: a loop over all plates."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module

from benchmarks.loading import unusable
from benchmarks.task import Pass
from benchmarks.vehicle.search import SearchCase, sweep

NAME = "polyleven"
PLATES = 4e6


def missing() -> str | None:
    return unusable("polyleven")


def load(case: SearchCase) -> Pass:
    assert case.most is not None
    levenshtein = import_module("polyleven").levenshtein
    plates, most = case.register.texts, int(case.most)

    def search(texts: Sequence[str]) -> list[list[int]]:
        return [
            [row for row, plate in enumerate(plates) if levenshtein(text, plate, most) <= most]
            for text in texts
        ]

    return sweep(case, search, list, count=case.few(PLATES))
