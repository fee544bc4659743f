"""The audit log: what was asked, answered, confirmed and released, and nothing of its content.

An entry holds ids, times, parties, categories and counts. Entries are chained by hashes, are
erased after three years, and are all that the statistics are made of: Regulation (EU) 2024/982,
Articles 18, 33, 40, 45 and 72.
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
