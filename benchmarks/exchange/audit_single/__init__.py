"""Entries appended to the audit log one a call: what each exchange waits for."""

from __future__ import annotations

from benchmarks.exchange.audit import AuditCase
from benchmarks.machine import Machine
from benchmarks.storage.base import Stored
from benchmarks.task import Must, Options, Rows


class AuditSingle(Stored):
    name = "exchange_audit_single"
    value_unit = "ms an entry"
    rate_unit = "entries/s"
    size = 2_000
    quick_size = 50

    def case(self, size: int, options: Options) -> AuditCase:
        return AuditCase.of(size)

    def title(self, case: AuditCase) -> str:
        return (
            f"{len(case.entries):,} entries, made before, appended to an audit log one a call by "
            "one thread, each durable when its call returns"
        )

    def value(self, case: AuditCase, seconds: float) -> float:
        return seconds / len(case.entries) * 1e3

    def rate(self, case: AuditCase, seconds: float) -> float:
        return len(case.entries) / seconds

    def musts(self, case: AuditCase, rows: Rows, machine: Machine) -> list[Must]:
        return []
