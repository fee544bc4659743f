"""Python's `re`: a loop over all plates."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fnmatch import translate

from benchmarks.task import Pass
from benchmarks.vehicle.search import SearchCase, sweep

NAME = "Python re"
PLATES = 4e6


def missing() -> str | None:
    return None


def load(case: SearchCase) -> Pass:
    plates = case.register.texts

    def search(texts: Sequence[str]) -> list[list[int]]:
        matches = [re.compile(translate(text)).match for text in texts]
        return [[row for row, plate in enumerate(plates) if match(plate)] for match in matches]

    return sweep(case, search, list, count=case.few(PLATES))
