"""Reading of the file of a store beside the processes that use it."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from prum_match.errors import StorageError
from prum_match.exchange.store.stores import damaged
from prum_match.values.checks import file_path

_PATIENCE = 5.0
_PAGE = "SELECT key, value FROM entries WHERE kind = ? AND key > ? ORDER BY key LIMIT 1000"


def values_of(path: str | os.PathLike[str], kind: str) -> Iterator[tuple[str, bytes]]:
    """Yield the keys and values of a kind in the file of a `SqliteStore`, which is only read.

    Page by page, so that no process waits for a long list: what changes meanwhile is seen or not.

    Raises
    ------
    InvalidInput
        ``bad_path``.
    StorageError
        ``store_unusable``: the file is missing, cannot be read, or is not that of a store.
        ``store_damaged``: an entry has changed since it was written.
    """
    try:
        with closing(_connected(path)) as connection:
            last = ""
            while page := connection.execute(_PAGE, (kind, last)).fetchall():
                for last, value in page:
                    if not isinstance(value, bytes):
                        raise damaged(kind)
                    yield last, value
    except sqlite3.Error as error:
        message = f"the store cannot be read: SQLite says {error}"
        raise StorageError(message, code="store_unusable", field="path") from error


def _connected(path: str | os.PathLike[str]) -> sqlite3.Connection:
    # Mode ro could not undo the transaction of a process that died; rw creates no file either.
    connection = sqlite3.connect(
        f"{Path(file_path(path)).absolute().as_uri()}?mode=rw",
        uri=True,
        timeout=_PATIENCE,
        isolation_level=None,
    )
    connection.execute("PRAGMA query_only = ON")
    return connection
