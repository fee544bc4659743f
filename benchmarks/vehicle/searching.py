"""A drawn register in our gallery, as `retrieval` searches it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from benchmarks.vehicle.data import synthetic_plates
from benchmarks.vehicle.reads import Read
from benchmarks.vehicle.retrieval import Found, Search
from prum_match import vehicle

PART = 1_000_000
SEED = 7


def gallery_search(size: int, reads: Sequence[Read]) -> Search:
    """Enrol drawn plates and the true ones, and return how to search them."""
    gallery = vehicle.Gallery()
    for table in register(size, reads):
        gallery.enrol_table(table)

    def search(texts: Sequence[str], costs: vehicle.Costs, most: float) -> list[Found]:
        queries = [vehicle.FuzzyQuery(plate=text, max_cost=most, costs=costs) for text in texts]
        return [
            list(zip(answer.reference_ids, answer.columns["cost"], strict=True))
            for answer in gallery.search_many(queries)
        ]

    return search


def register(size: int, reads: Sequence[Read]) -> Iterator[pa.Table]:
    """Yield the rows of true plates, whose ids are their texts, and of drawn ones."""
    true = {read.truth: read.source.upper() for read in reads}
    yield _table(list(true), list(true.values()), list(true))
    countries, plates = synthetic_plates(size, SEED)
    # A true plate that was drawn as well is in the register once.
    kept = np.flatnonzero(~np.isin(plates, list(true)))
    for begin in range(0, len(kept), PART):
        rows = kept[begin : begin + PART]
        yield _table([f"drawn {row}" for row in rows.tolist()], countries[rows], plates[rows])


def _table(ids: list[str], countries: Any, plates: Any) -> pa.Table:
    columns = {"reference_id": ids, "country": countries, "plate": plates}
    return pa.table({name: pa.array(values, pa.string()) for name, values in columns.items()})
