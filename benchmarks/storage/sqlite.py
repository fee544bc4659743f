"""SQLite as a store of profiles: ids and their alleles as bytes, every commit durable."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmarks.dna.data import LOCI
from benchmarks.rows import reference_id
from benchmarks.storage.profiles import Alleles, ProfilesCase
from benchmarks.task import Answer

NAME = "SQLite"
HOW = "rows made before, rollback journal, synchronous=FULL"
INSERT = "INSERT INTO profiles VALUES (?, ?)"

Row = tuple[str, bytes]


def create(path: Path) -> sqlite3.Connection:
    """Make a database that commits when it is told to, with the rollback journal."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = DELETE")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("CREATE TABLE profiles (id TEXT PRIMARY KEY, profile BLOB)")
    return connection


def insert(connection: sqlite3.Connection, rows: Sequence[Row]) -> None:
    """Insert rows in one transaction."""
    connection.execute("BEGIN")
    connection.executemany(INSERT, rows)
    connection.execute("COMMIT")


def rows_of(case: ProfilesCase) -> list[Row]:
    """Return what is inserted; making it is not timed."""
    return [(reference_id(row), alleles.tobytes()) for row, alleles in enumerate(case.alleles)]


def read_back(case: ProfilesCase, connection: sqlite3.Connection) -> Answer:
    """Return how many references there are, and some of them."""

    def alleles_of(row: int) -> Alleles:
        query = "SELECT profile FROM profiles WHERE id = ?"
        (profile,) = connection.execute(query, (reference_id(row),)).fetchone()
        return np.frombuffer(profile, np.int16).reshape(len(LOCI), 2)

    return case.read_theirs(count(connection), alleles_of)


def count(connection: sqlite3.Connection) -> int:
    (references,) = connection.execute("SELECT count(*) FROM profiles").fetchone()
    return int(references)
