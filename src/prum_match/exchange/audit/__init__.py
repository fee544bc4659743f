"""The audit log: a record of requests, answers, confirmations and releases, without content.

An entry holds ids, times, parties, categories and counts. Entries are chained by hashes and erased
after three years; the statistics are made from them alone: Regulation (EU) 2024/982, Articles 18,
33, 40, 45 and 72.
"""

from __future__ import annotations

from prum_match.exchange.audit.annual import Statistics, StatisticsRow, statistics
from prum_match.exchange.audit.chain import Anchor
from prum_match.exchange.audit.entries import UNKNOWN, Act, Entry
from prum_match.exchange.audit.log import AuditLog, MemoryAudit
from prum_match.exchange.audit.retention import RETENTION_YEARS, erase_before
from prum_match.exchange.audit.sqlite import SqliteAudit

__all__ = [
    "RETENTION_YEARS",
    "UNKNOWN",
    "Act",
    "Anchor",
    "AuditLog",
    "Entry",
    "MemoryAudit",
    "SqliteAudit",
    "Statistics",
    "StatisticsRow",
    "erase_before",
    "statistics",
]
