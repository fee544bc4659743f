"""SQLite alone: one row a transaction, encoded and hashed before."""

from __future__ import annotations

from benchmarks.exchange.audit import AuditCase
from benchmarks.exchange.audit.sqlite import NAME, inserting
from benchmarks.task import Pass

__all__ = ["NAME", "load", "missing"]


def missing() -> str | None:
    return None


def load(case: AuditCase) -> Pass:
    return inserting(case, [[entry] for entry in case.entries])
