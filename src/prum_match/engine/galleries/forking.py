"""Galleries across ``os.fork``: a fork waits until no gallery is being changed.

Searches need nothing here, because the native gate starts anew in the child. Changes do: a child
with half of a change, and with a lock whose owner does not exist there, would hang or answer
wrongly.
"""

from __future__ import annotations

import os
import threading
import weakref
from typing import Protocol


class Forkable(Protocol):
    """An object whose changes a fork waits for."""

    lock: threading.RLock

    def before_fork(self) -> None:
        """Prepare for a fork; called with the lock held."""

    def after_fork(self, *, in_child: bool) -> None:
        """Continue after a fork, in the parent or in the child."""


_registered: weakref.WeakSet[Forkable] = weakref.WeakSet()
# By thread, because two threads may fork at once: the objects whose locks it holds.
_locked: dict[int, list[Forkable]] = {}


def register(changing: Forkable) -> None:
    """Make forks wait for changes of this object, and give it a new lock in each child."""
    _registered.add(changing)


def _before() -> None:
    locked = _locked.setdefault(threading.get_ident(), [])
    for changing in sorted(_registered, key=id):
        changing.lock.acquire()
        locked.append(changing)
        changing.before_fork()


def _after_in_parent() -> None:
    for changing in reversed(_locked.pop(threading.get_ident(), [])):
        changing.after_fork(in_child=False)
        changing.lock.release()


def _after_in_child() -> None:
    for changing in _locked.pop(threading.get_ident(), []):
        changing.after_fork(in_child=True)
    _locked.clear()
    for changing in _registered:
        changing.lock = threading.RLock()


os.register_at_fork(
    before=_before, after_in_parent=_after_in_parent, after_in_child=_after_in_child
)
