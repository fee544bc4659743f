"""The disk alone: records of the same size appended to a file, and a wait for each."""

from __future__ import annotations

import os
import time
from pathlib import Path

from benchmarks.storage.base import Done, timed_within
from benchmarks.storage.profiles import REFERENCES
from benchmarks.storage.single import BARE, SingleCase
from benchmarks.task import Pass

NAME = BARE


def missing() -> str | None:
    return None


def load(case: SingleCase) -> Pass:
    record = case.record

    def run() -> Done:
        with case.room.another() as folder:
            path = Path(folder) / "records"
            fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
            try:
                start = time.perf_counter()
                for _ in range(len(case)):
                    os.write(fd, record)
                    os.fsync(fd)
                seconds = time.perf_counter() - start
            finally:
                os.close(fd)
            return Done(seconds, {REFERENCES: path.stat().st_size / len(record)}, {})

    return timed_within(run, f"{len(record)} bytes appended and an fsync for each, nothing else")
