"""DuckDB: a table in memory and an index (ART) by country and plate, one thread."""

from __future__ import annotations

from typing import Any

from benchmarks.loading import unusable
from benchmarks.task import Answer, Pass
from benchmarks.vehicle import rivals
from benchmarks.vehicle.enrolment import EnrolmentCase

NAME = "DuckDB"


def missing() -> str | None:
    return unusable("duckdb", "pyarrow")


def load(case: EnrolmentCase) -> Pass:
    table = rivals.with_rows(case.table)

    def run() -> Any:
        connection = rivals.duckdb_table(table)
        connection.execute("CREATE INDEX by_plate ON register (country, plate)")
        return connection

    def answer(connection: Any) -> Answer:
        select = "SELECT min(row) FROM register WHERE plate = ?"
        return {plate: connection.execute(select, [plate]).fetchone()[0] for plate in case.sample}

    return Pass(run, answer, how="exact look-ups alone; chassis numbers left out")
