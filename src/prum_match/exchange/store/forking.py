"""Stores and logs across ``os.fork``, as of a server that loads the application before its workers.

SQLite must not use a connection in two processes. A fork waits until no transaction is open, and
the child opens the file anew when it needs it.
"""

from __future__ import annotations

import os
import sqlite3
import threading
import weakref
from typing import Protocol


class Forkable(Protocol):
    """An object with a connection of its own in each process."""

    def before_fork(self) -> None:
        """Wait until the connection is idle, and keep it so."""

    def after_fork(self, *, in_child: bool) -> None:
        """Continue after a fork, in the parent or in the child."""


_registered: weakref.WeakKeyDictionary[Forkable, int] = weakref.WeakKeyDictionary()
# By thread, because two threads may fork at once.
_waiting: dict[int, list[Forkable]] = {}
_of_parents: list[sqlite3.Connection | None] = []


def register(one: Forkable, *, turn: int) -> None:
    """Make forks wait for this object, after those with a lower turn."""
    _registered[one] = turn


def abandon(connection: sqlite3.Connection | None) -> None:
    """Keep a connection of the parent in a child, where closing it could end its transaction."""
    _of_parents.append(connection)


def _before() -> None:
    held = _waiting.setdefault(threading.get_ident(), [])
    for one, _ in sorted(_registered.items(), key=lambda known: (known[1], id(known[0]))):
        one.before_fork()
        held.append(one)


def _after(*, in_child: bool) -> None:
    held = _waiting.pop(threading.get_ident(), [])
    for one in reversed(held):
        one.after_fork(in_child=in_child)
    if in_child:
        _waiting.clear()


# Python calls the latest hook first: stores wait for their turn before galleries do, which are
# also read inside transactions.
os.register_at_fork(
    before=_before,
    after_in_parent=lambda: _after(in_child=False),
    after_in_child=lambda: _after(in_child=True),
)
