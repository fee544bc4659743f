"""SQLite: one transaction a profile, of rows made before."""

from __future__ import annotations

import time
from contextlib import closing
from pathlib import Path

from benchmarks.storage.base import Done, timed_within
from benchmarks.storage.single import SingleCase
from benchmarks.storage.sqlite import HOW, INSERT, NAME, create, read_back, rows_of
from benchmarks.task import Pass

__all__ = ["NAME", "load", "missing"]


def missing() -> str | None:
    return None


def load(case: SingleCase) -> Pass:
    rows = rows_of(case)

    def run() -> Done:
        with (
            case.room.another() as folder,
            closing(create(Path(folder) / "profiles.sqlite")) as connection,
        ):
            start = time.perf_counter()
            for row in rows:
                # A statement alone is a transaction.
                connection.execute(INSERT, row)
            seconds = time.perf_counter() - start
            return Done(seconds, read_back(case, connection), {})

    return timed_within(run, HOW)
