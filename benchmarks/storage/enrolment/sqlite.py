"""SQLite: one transaction a batch, of rows made before; what is stored cannot be searched."""

from __future__ import annotations

import time
from contextlib import closing
from pathlib import Path

from benchmarks.storage.base import Done, timed_within
from benchmarks.storage.enrolment import batches
from benchmarks.storage.profiles import ProfilesCase
from benchmarks.storage.sqlite import HOW, NAME, create, insert, read_back, rows_of
from benchmarks.task import Pass

__all__ = ["NAME", "load", "missing"]


def missing() -> str | None:
    return None


def load(case: ProfilesCase) -> Pass:
    rows = rows_of(case)
    parts = [rows[part] for part in batches(case)]

    def run() -> Done:
        with (
            case.room.another() as folder,
            closing(create(Path(folder) / "profiles.sqlite")) as connection,
        ):
            start = time.perf_counter()
            for batch in parts:
                insert(connection, batch)
            seconds = time.perf_counter() - start
            return Done(seconds, read_back(case, connection), {})

    return timed_within(run, HOW)
