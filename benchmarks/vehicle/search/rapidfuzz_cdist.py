"""rapidfuzz: `process.cdist` with the Levenshtein distance, a block of reads at once."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import Any

import numpy as np

from benchmarks.loading import unusable
from benchmarks.task import Pass
from benchmarks.vehicle.search import SearchCase, sweep

NAME = "rapidfuzz cdist"
# A third of the time a read that 8 at once take, and as fast as 256; measured at 1M.
BLOCK = 32
PLATES = 64e6


def missing() -> str | None:
    return unusable("rapidfuzz.process", "rapidfuzz.distance")


def load(case: SearchCase) -> Pass:
    assert case.most is not None
    process = import_module("rapidfuzz.process")
    distance = import_module("rapidfuzz.distance").Levenshtein.distance
    plates, most = case.register.texts, int(case.most)

    def search(texts: Sequence[str]) -> list[Any]:
        found: list[Any] = []
        for begin in range(0, len(texts), BLOCK):
            distances = process.cdist(
                texts[begin : begin + BLOCK],
                plates,
                scorer=distance,
                score_cutoff=most,
                dtype=np.uint8,
                workers=1,
            )
            found.extend(np.flatnonzero(row <= most) for row in distances)
        return found

    return sweep(case, search, list, count=case.few(PLATES, BLOCK), how=f"{BLOCK} at once")
