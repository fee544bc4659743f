"""Ours: `SqliteAudit.append`."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Literal

from benchmarks.exchange.audit import AuditCase
from benchmarks.storage.base import OURS, Done, timed_within
from benchmarks.task import Pass
from prum_match.exchange.audit import Entry, SqliteAudit

NAME = OURS


def missing() -> str | None:
    return None


def load(case: AuditCase) -> Pass:
    return appending(case, list(case.batches()))


def appending(
    case: AuditCase,
    batches: Iterable[Sequence[Entry]],
    synchronous: Literal["full", "normal"] = "full",
) -> Pass:
    """Return the pass that appends batches, and then proves the log."""

    def run() -> Done:
        with (
            case.room.another() as folder,
            SqliteAudit(Path(folder) / "exchange.audit", synchronous=synchronous) as log,
        ):
            start = time.perf_counter()
            for batch in batches:
                log.append(batch)
            seconds = time.perf_counter() - start
            log.verify(log.head())
            return Done(seconds, case.answer([e.number for e in log.entries()]), case.room.facts)

    return timed_within(run, f"synchronous={synchronous}; the proof that follows is not timed")
