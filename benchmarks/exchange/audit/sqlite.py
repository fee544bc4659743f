"""SQLite alone: rows of the same columns, encoded and hashed before."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from contextlib import closing
from pathlib import Path

from benchmarks.exchange.audit import AuditCase
from benchmarks.storage.base import Done, timed_within
from benchmarks.task import Pass
from prum_match.exchange.audit import Entry, tables
from prum_match.exchange.audit.chain import START, Row, seal
from prum_match.exchange.audit.entries import from_content, to_be_kept

NAME = "SQLite"
INSERT = "INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?)"
READ = "SELECT time, content FROM entries ORDER BY sequence"


def missing() -> str | None:
    return None


def load(case: AuditCase) -> Pass:
    return inserting(case, case.batches())


def inserting(case: AuditCase, batches: Iterable[Sequence[Entry]]) -> Pass:
    """Return the pass that inserts the rows of each batch in a transaction."""
    rows = iter(list(seal(START, to_be_kept(case.entries))))
    parts: list[list[Row]] = [[next(rows) for _ in batch] for batch in batches]

    def run() -> Done:
        with (
            case.room.another() as folder,
            closing(tables.open_log(Path(folder) / "rows.sqlite", "full")) as connection,
        ):
            start = time.perf_counter()
            for part in parts:
                connection.execute("BEGIN IMMEDIATE")
                connection.executemany(INSERT, part)
                connection.execute("COMMIT")
            seconds = time.perf_counter() - start
            numbers = [from_content(*row).number for row in connection.execute(READ)]
            return Done(seconds, case.answer(numbers), {})

    return timed_within(run, "the same rows made before, the same settings: the limit of the file")
