"""Ours: `Gallery.search_many` with a table, or `Gallery.search` with a query."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from benchmarks.loading import unusable
from benchmarks.task import Pass
from benchmarks.vehicle.exact import ExactCase, looking_up
from benchmarks.vehicle.register import rows_of
from prum_match import vehicle

NAME = "prum_match"
OWN_KEY = 1


def missing() -> str | None:
    return unusable("pyarrow")


def load(case: ExactCase) -> Pass:
    gallery = case.register.gallery
    if case.one_by_one:
        plates = zip(case.countries.tolist(), case.plates.tolist(), case.moments, strict=True)
        asked = list(plates)

        def one_by_one() -> Sequence[Any]:
            return [
                gallery.search(vehicle.ExactQuery(country=country, plate=plate, at=at), threads=1)
                for country, plate, at in asked
            ]

        return looking_up(case, one_by_one, _rows, how="queries made within")
    table = case.table
    return looking_up(case, lambda: gallery.search_many(table, threads=1), _rows, how="in full")


def _rows(found: Any) -> list[int]:
    """Return the rows found by the key itself; national readings of it are for ours alone."""
    graded = zip(found.reference_ids, found.grades, strict=True)
    return rows_of([name for name, grade in graded if grade == OWN_KEY])
