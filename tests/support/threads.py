"""Threads that report their failures and have a time limit."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

# A deadlock fails after this; all else here takes a fraction of it.
PATIENCE = 60.0


class Crew:
    """Threads that run until the main thread is done, or until one of them fails."""

    def __init__(self) -> None:
        self.stop = threading.Event()
        self.errors: list[BaseException] = []
        self.rounds: dict[str, int] = {}
        self._threads: list[threading.Thread] = []

    def repeat(self, name: str, step: Callable[[], object]) -> None:
        """Call `step` repeatedly in a thread of its own."""
        self.rounds[name] = 0

        def run() -> None:
            try:
                while not self.stop.is_set():
                    step()
                    self.rounds[name] += 1
            except BaseException as error:
                self.errors.append(error)
                self.stop.set()

        thread = threading.Thread(target=run, name=name, daemon=True)
        self._threads.append(thread)
        thread.start()

    def all_came_round(self) -> bool:
        return all(self.rounds.values())

    def finish(self) -> None:
        until(lambda: self.all_came_round() or self.stop.is_set())
        self.stop.set()
        for thread in self._threads:
            thread.join(PATIENCE)
        assert not [thread.name for thread in self._threads if thread.is_alive()], "deadlock"
        if self.errors:
            raise self.errors[0]
        assert self.all_came_round(), f"some threads never came round: {self.rounds}"


@contextmanager
def crew() -> Iterator[Crew]:
    """Run threads during a block."""
    working = Crew()
    try:
        yield working
    finally:
        working.finish()


def in_thread(call: Callable[[], object]) -> threading.Thread:
    thread = threading.Thread(target=call, daemon=True)
    thread.start()
    return thread


def until(condition: Callable[[], bool], seconds: float = PATIENCE) -> bool:
    """Wait for a condition that another thread fulfils."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.001)
    return True
