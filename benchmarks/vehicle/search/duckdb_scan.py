"""DuckDB: a scan with `levenshtein`, or with GLOB."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from benchmarks.loading import unusable
from benchmarks.task import Pass
from benchmarks.vehicle import rivals
from benchmarks.vehicle.search import SearchCase, sweep

NAME = "DuckDB"
PLATES = 8e6
NEAR = "SELECT row FROM register WHERE levenshtein(plate, ?) <= ?"
LIKE = "SELECT row FROM register WHERE plate GLOB ?"


def missing() -> str | None:
    return unusable("duckdb", "pyarrow")


def load(case: SearchCase) -> Pass:
    connection = rivals.duckdb_table(rivals.with_rows(case.register.table))

    def search(texts: Sequence[str]) -> list[Any]:
        if case.most is None:
            return [_rows(connection.execute(LIKE, [text])) for text in texts]
        return [_rows(connection.execute(NEAR, [text, int(case.most)])) for text in texts]

    return sweep(case, search, list, count=case.few(PLATES))


def _rows(result: Any) -> Any:
    return result.fetchnumpy()["row"]
