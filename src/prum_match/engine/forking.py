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
_held: list[Writer] = []


def register(writer: Writer) -> None:
    """Have a fork wait for the writer's changes, and give it a new lock in the child."""
    _writers.add(writer)


def _before() -> None:
    for writer in sorted(_writers, key=id):
        writer._writer.acquire()
        _held.append(writer)


def _after_in_parent() -> None:
    while _held:
        _held.pop()._writer.release()


def _after_in_child() -> None:
    while _held:
        _held.pop()._writer = threading.RLock()


os.register_at_fork(
    before=_before, after_in_parent=_after_in_parent, after_in_child=_after_in_child
)
