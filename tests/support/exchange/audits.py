"""Entries of the audit log by number, and looks into its file past the library."""

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
    """Return an entry that no other number has, an hour later than the number before."""
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
    """Open the file as somebody would who wants to change it unseen."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        yield connection


def rows(path: Path) -> list[tuple[Any, ...]]:
    with raw(path) as connection:
        return connection.execute("SELECT * FROM entries ORDER BY sequence").fetchall()
