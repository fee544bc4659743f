"""Ours: `SqliteAudit.append` with one entry."""

from __future__ import annotations

from benchmarks.exchange.audit import AuditCase
from benchmarks.exchange.audit.prum_match import appending
from benchmarks.storage.base import OURS
from benchmarks.task import Pass

NAME = OURS


def missing() -> str | None:
    return None


def load(case: AuditCase) -> Pass:
    return appending(case, [[entry] for entry in case.entries])
