"""DuckDB: a join of the table of probes with the register."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from benchmarks.loading import unusable
from benchmarks.task import Pass
from benchmarks.vehicle import rivals
from benchmarks.vehicle.exact import ExactCase, looking_up

NAME = "DuckDB join"
JOIN = (
    "SELECT probe, row FROM probes JOIN register USING (country, plate) "
    "WHERE begun <= moment AND (ended IS NULL OR moment < ended)"
)


def missing() -> str | None:
    return unusable("duckdb", "pyarrow")


def load(case: ExactCase) -> Pass:
    import pyarrow as pa

    connection = rivals.duckdb_table(rivals.with_rows(case.register.table))
    numbers, moment = pa.array(np.arange(len(case))), pa.array(case.at)
    columns = {"probe": numbers, "country": case.countries, "plate": case.plates, "moment": moment}
    connection.register("probes", pa.table(columns))

    def run() -> Sequence[Any]:
        return _Found(connection.execute(JOIN).fetchnumpy())

    return looking_up(case, run, list, how="in full")


class _Found(Sequence[Any]):
    """Rows by probe, out of pairs in any order."""

    def __init__(self, pairs: dict[str, Any]) -> None:
        order = np.argsort(pairs["probe"], kind="stable")
        self.probes, self.rows = pairs["probe"][order], pairs["row"][order]

    def __getitem__(self, probe: Any) -> Any:
        begin, end = np.searchsorted(self.probes, [probe, probe + 1])
        return self.rows[begin:end]

    def __len__(self) -> int:
        return len(self.probes)
