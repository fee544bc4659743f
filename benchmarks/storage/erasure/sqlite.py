"""SQLite: `DELETE` of one row with `secure_delete`, which overwrites it; there is no receipt."""

from __future__ import annotations

from benchmarks.storage.erasure import ErasureCase, Store, erasing
from benchmarks.storage.sqlite import HOW, NAME, count, create, insert, rows_of
from benchmarks.task import Pass

__all__ = ["NAME", "load", "missing"]


def missing() -> str | None:
    return None


def load(case: ErasureCase) -> Pass:
    connection = case.room.keep(create(case.room.path / "profiles.sqlite"))
    insert(connection, rows_of(case))
    connection.execute("PRAGMA secure_delete = ON")

    def erase(identifier: str) -> object:
        return connection.execute("DELETE FROM profiles WHERE id = ?", (identifier,))

    def holds(identifier: str) -> bool:
        query = "SELECT 1 FROM profiles WHERE id = ?"
        return connection.execute(query, (identifier,)).fetchone() is not None

    store = Store(erase, lambda: count(connection), holds)
    return erasing(case, store, f"median; secure_delete=ON, {HOW}")
