"""tantivy: Levenshtein automata, or regular expressions, over its dictionary of terms."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from benchmarks.loading import unusable
from benchmarks.task import Pass
from benchmarks.vehicle.search import SearchCase, sweep

NAME = "tantivy"
# Its time a text depends on the text: more of them than of those that scan.
PLATES, LEAST = 100e6, 20
SLOW = 20e6


def missing() -> str | None:
    return unusable("tantivy")


def load(case: SearchCase) -> Pass:
    index = case.register.tantivy

    def search(texts: Sequence[str]) -> list[list[Any]]:
        if case.most is None:
            return [index.like(text) for text in texts]
        errors = int(case.most)
        return [index.near(text, errors) for text in texts]

    plates, least = (SLOW, 2) if case.most is None else (PLATES, LEAST)
    return sweep(case, search, index.rows, count=case.few(plates, least), how="not ranked")
