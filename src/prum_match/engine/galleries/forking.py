"""Galleries across ``os.fork``: nobody is forked in the middle of a change.

Searches need nothing here: the native gate starts anew in the child. A change does: a child with
half of one, and with a lock whose owner does not exist there, would hang or answer wrongly.
"""

from __future__ import annotations

import os
import threading
import weakref
from typing import Protocol

from prum_match.engine.store.storage import Storage


class Writer(Protocol):
    """Whoever changes things under a lock of its own."""

    _writer: threading.RLock
    _kept_at: Storage | None


_writers: weakref.WeakSet[Writer] = weakref.WeakSet()
# Two threads may fork at once, so each remembers whose locks it holds.
_held: dict[int, list[Writer]] = {}


def register(writer: Writer) -> None:
    """Have a fork wait for the writer's changes, and give it a new lock in the child."""
    _writers.add(writer)


def _before() -> None:
    held = _held.setdefault(threading.get_ident(), [])
    for writer in sorted(_writers, key=id):
        writer._writer.acquire()
        held.append(writer)
        if writer._kept_at is not None:
            writer._kept_at.before_fork()


def _after_in_parent() -> None:
    for writer in reversed(_held.pop(threading.get_ident(), [])):
        _after(writer, in_child=False)
        writer._writer.release()


def _after_in_child() -> None:
    for writer in _held.pop(threading.get_ident(), []):
        _after(writer, in_child=True)
    _held.clear()
    for writer in _writers:
        writer._writer = threading.RLock()


def _after(writer: Writer, *, in_child: bool) -> None:
    if writer._kept_at is not None:
        writer._kept_at = writer._kept_at.after_fork(in_child=in_child)


os.register_at_fork(
    before=_before, after_in_parent=_after_in_parent, after_in_child=_after_in_child
)
