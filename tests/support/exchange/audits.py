"""Numbered entries of the audit log, and direct access to its file."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from prum_match.exchange.audit import Act, Entry

START = datetime(2026, 1, 1, tzinfo=UTC)


def at(hours: float) -> datetime:
    return START + timedelta(hours=hours)


def entry(number: int, /, *, hours: float | None = None, **other: Any) -> Entry:
    """Return the unique entry of a number, an hour later than that of the previous one."""
    values: dict[str, Any] = {
        "act": Act.ANSWERED,
        "time": at(number if hours is None else hours),
        "party": "DE",
        "category": "dna",
        "number": f"canary-{number:06d}-end",
        "reference": f"ref-{number:06d}-end",
    }
    return Entry(**{**values, **other})


@contextmanager
def raw(path: Path) -> Iterator[sqlite3.Connection]:
    """Open the file directly, as an attacker would."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        yield connection


def rows(path: Path) -> list[tuple[Any, ...]]:
    with raw(path) as connection:
        return connection.execute("SELECT * FROM entries ORDER BY sequence").fetchall()
