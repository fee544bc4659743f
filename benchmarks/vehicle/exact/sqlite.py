"""SQLite in memory, an index by country, plate and begin; one statement a probe."""

from __future__ import annotations

import sqlite3

from benchmarks.task import Pass
from benchmarks.vehicle.exact import ExactCase, looking_up

NAME = "SQLite"
PROBES = 20_000
SELECT = (
    "SELECT row FROM register "
    "WHERE country = ? AND plate = ? AND valid_from <= ?3 AND ?3 < valid_to"
)


def missing() -> str | None:
    return None


def load(case: ExactCase) -> Pass:
    register, probes = case.register, case.probes[:PROBES]
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.execute("CREATE TABLE register (row, country, plate, valid_from, valid_to)")
    columns = (
        range(len(register)),
        register.countries.tolist(),
        register.texts,
        register.valid_from.tolist(),
        register.valid_to.tolist(),
    )
    connection.execute("BEGIN")
    connection.executemany(
        "INSERT INTO register VALUES (?, ?, ?, ?, ?)", zip(*columns, strict=True)
    )
    connection.execute("COMMIT")
    connection.execute(
        "CREATE INDEX by_plate ON register (country, plate, valid_from, valid_to, row)"
    )

    def run() -> list[list[tuple[int]]]:
        return [connection.execute(SELECT, probe).fetchall() for probe in probes]

    return looking_up(
        case,
        run,
        lambda found: [row for (row,) in found],
        count=len(probes),
        how="index covers all",
    )
