"""The register of a state: four tables in SQLite. It knows nothing of galleries."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

CLASSES = ("suspect", "convicted", "stain")
"""Classes of rows."""

KEYS = ("number", "person", "class", "delete_after")
"""Columns of every table: number of the row, its person, its class, its last day."""

_KEYS = """
    number TEXT PRIMARY KEY,
    person TEXT,
    class TEXT,
    delete_after TEXT CHECK (date(delete_after) IS delete_after)"""
_SCHEMA = f"""
CREATE TABLE IF NOT EXISTS dna_profile ({_KEYS},
    kind TEXT NOT NULL, alleles TEXT NOT NULL CHECK (json_valid(alleles)));
CREATE TABLE IF NOT EXISTS print ({_KEYS}, record BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS registration ({_KEYS},
    country TEXT NOT NULL, plate TEXT, vin TEXT, make TEXT,
    since TEXT CHECK (date(since) IS since), holder_name TEXT, holder_first_name TEXT);
CREATE TABLE IF NOT EXISTS person ({_KEYS},
    first_names TEXT, family_names TEXT, birth_date TEXT, nationalities TEXT, gender TEXT);
-- What each gallery has of each row: a digest of the columns that are not keys.
CREATE TABLE IF NOT EXISTS mirrored (
    tab TEXT, number TEXT, digest BLOB, PRIMARY KEY (tab, number));
"""
_TABLES = ("dna_profile", "print", "registration", "person")

Row = sqlite3.Row


class Register:
    """One file. Each call opens it anew, so that threads share nothing."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with self._open() as database:
            database.executescript(_SCHEMA)

    def rows(self, table: str) -> dict[str, Row]:
        """Return the rows of a table by their numbers, all of one moment."""
        with self._open() as database:
            return {row["number"]: row for row in database.execute(f"SELECT * FROM {table}")}

    def row(self, table: str, number: str) -> Row | None:
        """Return one row."""
        return self.rows_where(table, "number = ?", number).get(number)

    def rows_where(self, table: str, condition: str, *values: object) -> dict[str, Row]:
        """Return the rows for which a condition of SQL holds."""
        with self._open() as database:
            found = database.execute(f"SELECT * FROM {table} WHERE {condition}", values)
            return {row["number"]: row for row in found}

    def write(self, table: str, rows: Iterable[Mapping[str, Any]]) -> None:
        """Add rows, or put them in the place of those with the same numbers."""
        with self._open() as database:
            for row in rows:
                names, marks = ", ".join(row), ", ".join("?" * len(row))
                database.execute(
                    f"REPLACE INTO {table} ({names}) VALUES ({marks})", tuple(row.values())
                )

    def correct(self, table: str, number: str, **columns: object) -> None:
        """Change some columns of a row."""
        names = ", ".join(f"{name} = ?" for name in columns)
        with self._open() as database:
            database.execute(
                f"UPDATE {table} SET {names} WHERE number = ?", (*columns.values(), number)
            )

    def delete(self, table: str, number: str) -> None:
        """Remove a row."""
        with self._open() as database:
            database.execute(f"DELETE FROM {table} WHERE number = ?", (number,))

    def delete_expired(self, today: str) -> None:
        """Remove the rows whose last day is over: the law's time limits are the register's."""
        with self._open() as database:
            for table in _TABLES:
                database.execute(f"DELETE FROM {table} WHERE delete_after < ?", (today,))

    def mirrored(self, table: str) -> dict[str, bytes]:
        """Return what the gallery of a table has, by number."""
        with self._open() as database:
            found = database.execute("SELECT number, digest FROM mirrored WHERE tab = ?", (table,))
            return {row["number"]: row["digest"] for row in found}

    def note_mirrored(self, table: str, digests: Mapping[str, bytes]) -> None:
        """Keep what the gallery of a table has now."""
        with self._open() as database:
            database.execute("DELETE FROM mirrored WHERE tab = ?", (table,))
            database.executemany(
                "INSERT INTO mirrored VALUES (?, ?, ?)",
                [(table, number, digest) for number, digest in digests.items()],
            )

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self._path, timeout=30)) as database, database:
            database.row_factory = sqlite3.Row
            yield database
