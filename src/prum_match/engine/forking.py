"""Galleries across ``os.fork``: nobody is forked in the middle of a change.

Searches need nothing here: the native gate starts anew in the child. A change does: a child with
half of one, and with a lock whose owner does not exist there, would hang or answer wrongly.
"""

from __future__ import annotations

import os
import threading
import weakref
from typing import Protocol

__all__ = ["Writer", "register"]


class Writer(Protocol):
    """Whoever changes things under a lock of its own."""

    _writer: threading.RLock


_writers: weakref.WeakSet[Writer] = weakref.WeakSet()
# Two threads may fork at once, so each remembers the locks that it holds itself.
_held: dict[int, list[threading.RLock]] = {}


def register(writer: Writer) -> None:
    """Have a fork wait for the writer's changes, and give it a new lock in the child."""
    _writers.add(writer)


def _before() -> None:
    held = _held.setdefault(threading.get_ident(), [])
    for writer in sorted(_writers, key=id):
        lock = writer._writer
        lock.acquire()
        held.append(lock)


def _after_in_parent() -> None:
    for lock in reversed(_held.pop(threading.get_ident(), [])):
        lock.release()


def _after_in_child() -> None:
    _held.clear()
    for writer in _writers:
        writer._writer = threading.RLock()


os.register_at_fork(
    before=_before, after_in_parent=_after_in_parent, after_in_child=_after_in_child
)
