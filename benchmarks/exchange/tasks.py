"""All tasks of the exchange and who takes part in each; ours comes first."""

from __future__ import annotations

from benchmarks.exchange.audit import Audit, sha256_alone, sqlite
from benchmarks.exchange.audit import prum_match as ours_at_audit
from benchmarks.exchange.audit_single import AuditSingle, normal
from benchmarks.exchange.audit_single import prum_match as ours_at_audit_single
from benchmarks.exchange.audit_single import sqlite as sqlite_at_audit_single
from benchmarks.exchange.fan_out import FanOut, thread_pool
from benchmarks.exchange.fan_out import prum_match as ours_at_fan_out
from benchmarks.exchange.fan_out import tasks as our_tasks_at_fan_out
from benchmarks.exchange.https import Https
from benchmarks.exchange.https import prum_match as ours_over_https
from benchmarks.task import Task

EXCHANGE_TASKS: tuple[Task, ...] = (
    Audit(ours_at_audit, sqlite, sha256_alone),
    AuditSingle(ours_at_audit_single, normal, sqlite_at_audit_single),
    FanOut(ours_at_fan_out, our_tasks_at_fan_out, thread_pool),
    Https(ours_over_https),
)
