"""symspellpy: a dictionary of all plates with up to two symbols left out."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import Any

from benchmarks.loading import unusable
from benchmarks.task import Pass
from benchmarks.vehicle.search import SearchCase, sweep

NAME = "symspellpy"


def missing() -> str | None:
    return unusable("symspellpy")


def load(case: SearchCase) -> Pass:
    assert case.most is not None
    module, most = import_module("symspellpy"), int(case.most)
    # Plates are no words of a language: all symbols of one count, not only its beginning.
    spell = module.SymSpell(max_dictionary_edit_distance=most, prefix_length=16)
    spell.distance_algorithm = module.editdistance.DistanceAlgorithm.LEVENSHTEIN
    rows: dict[str, list[int]] = {}
    for row, plate in enumerate(case.register.texts):
        rows.setdefault(plate, []).append(row)
    for plate in rows:
        spell.create_dictionary_entry(plate, 1)

    def search(texts: Sequence[str]) -> list[list[Any]]:
        return [spell.lookup(text, module.Verbosity.ALL, most) for text in texts]

    def rows_of(found: list[Any]) -> list[int]:
        return [row for suggestion in found for row in rows[suggestion.term]]

    return sweep(case, search, rows_of)
