"""Ours: `Gallery.search_many` with all texts at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks.loading import unusable
from benchmarks.task import Pass
from benchmarks.vehicle.register import rows_of
from benchmarks.vehicle.search import SearchCase, sweep
from prum_match import vehicle

NAME = "prum_match"


def missing() -> str | None:
    return unusable("pyarrow")


def load(case: SearchCase) -> Pass:
    gallery, query = case.register.gallery, _query(case)

    def search(texts: Sequence[str]) -> Sequence[Any]:
        lists = gallery.search_many([query(text) for text in texts], threads=1)
        # Patterns find tens of thousands: their names are left where they are, as with rivals.
        return list(lists) if case.most is None else [found.reference_ids for found in lists]

    def rows(found: Any) -> list[int]:
        return rows_of(found.reference_ids if case.most is None else found)

    def detail(found: Sequence[Any]) -> Mapping[str, object]:
        sizes = [len(rows(each)) for each in found]
        return {
            "texts": len(sizes),
            "candidates_a_text": sum(sizes) / len(sizes),
            "longest_list": max(sizes),
        }

    return sweep(case, search, rows, detail=detail, how="queries made within")


def _query(case: SearchCase) -> Any:
    most = case.most
    if most is None:
        return vehicle.PatternQuery
    costs = vehicle.UNIT_COSTS if case.costs == "unit" else vehicle.OCR_COSTS

    def query(text: str) -> Any:
        return vehicle.FuzzyQuery(text, max_cost=most, costs=costs)

    return query
