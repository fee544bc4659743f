"""A second process that reads a gallery: it runs commands, and searches continuously.

Its own observations are ordered by a counter that both processes share: an event has happened
before the other process reads its number.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from prum_match.engine import CandidateList, Gallery
from prum_match.engine.store import journal
from prum_match.errors import PrumError
from support.galleries.kits import KITS, Kit, opened
from support.threads import PATIENCE, in_thread

_context = multiprocessing.get_context("spawn")


class Reader:
    """A handle on the other process."""

    def __init__(self, kit: Kit, capacity: int) -> None:
        # People have numbers. Those below `enrolled` are there, but for those below `erased`;
        # those below `leaving` may be gone.
        self.enrolled, self.leaving, self.erased, self.rounds = (
            _context.Value("q", 0) for _ in range(4)
        )
        self._here, there = _context.Pipe()
        counters = (self.enrolled, self.leaving, self.erased, self.rounds)
        self.process = _context.Process(
            target=_serve, args=(kit.name, capacity, there, counters), daemon=True
        )
        self.process.start()
        there.close()

    def ask(self, verb: str, *given: Any) -> Any:
        """Run a command in the other process, and return the result."""
        self._here.send((verb, given))
        assert self._here.poll(PATIENCE), f"no answer to {verb}"
        good, answer = self._here.recv()
        assert good, answer
        return answer

    def kill(self) -> None:
        """Kill the process."""
        os.kill(self.process.pid or 0, signal.SIGKILL)
        self.process.join(PATIENCE)

    def end(self) -> None:
        self._here.close()
        self.process.join(PATIENCE)
        if self.process.is_alive():
            self.kill()


@contextmanager
def reading(kit: Kit, capacity: int = journal.CAPACITY) -> Iterator[Reader]:
    """Start a reading process; the size of journals is a constant that tests reduce."""
    reader = Reader(kit, capacity)
    try:
        yield reader
    finally:
        reader.end()


def name(number: int) -> str:
    return f"R{number:05d}"


class _Server:
    """The main loop in the other process."""

    def __init__(self, kit: Kit, counters: Any) -> None:
        self.kit = kit
        self.enrolled, self.leaving, self.erased, self.rounds = counters
        self.gallery: Gallery[Any]
        self.kept: list[CandidateList[Any]] = []
        self.stop = threading.Event()
        self.threads: list[threading.Thread] = []
        self.wrong: list[str] = []

    def open(self, path: Path) -> None:
        self.gallery = opened(self.kit, path, "r")

    def close(self) -> None:
        self.kept.clear()
        self.gallery.close()

    def search(self, keep: bool = False) -> list[str]:
        answer = self.gallery.search(self.kit.item(0))
        if keep:
            self.kept.append(answer)
        return answer.reference_ids

    def explain(self) -> dict[str, str]:
        """Explain all kept candidates; return "" for each success, or the code."""
        return {c.reference_id: _code(c.explain) for answer in self.kept for c in answer}

    def let_go(self) -> None:
        self.kept.clear()

    def refresh(self) -> list[str]:
        self.gallery.refresh()
        return sorted(self.gallery)

    def remembers(self, values: list[bytes]) -> bool:
        """Tell whether a segment in this process contains one of these."""
        kept = (segment for answer in self.kept for segment in answer._rows.segments)
        segments = [*self.gallery._core.segments(), *kept]
        arrays = [array.tobytes() for s in segments for array in s.columns.values()]
        return any(value in array for array in arrays for value in values)

    def loop(self, *verbs: str) -> None:
        """Repeat some of the steps below in threads of their own."""
        for verb in verbs:
            step = getattr(self, verb)
            self.threads.append(in_thread(partial(self._repeat, step)))

    def wrong_so_far(self) -> list[str]:
        return self.wrong

    def end_loop(self) -> list[str]:
        self.stop.set()
        for thread in self.threads:
            thread.join(PATIENCE)
        return self.wrong

    def _repeat(self, step: Callable[[], None]) -> None:
        while not self.stop.is_set():
            try:
                step()
            except BaseException as error:
                self.wrong.append(f"{step.__name__}: {error!r}")
                return
            with self.rounds.get_lock():
                self.rounds.value += 1

    def look_for_the_erased(self) -> None:
        gone = {name(i) for i in range(self.erased.value)}
        found = self.search()
        assert not gone & set(found), "erased, and found by a search that began later"
        assert len(found) == len(set(found))

    def look_for_the_enrolled(self) -> None:
        n = self.enrolled.value
        self.gallery.refresh()
        found = set(self.search())
        missing = {name(i) for i in range(self.leaving.value, n)} - found
        assert not missing, "enrolled before the refresh, and not found"

    def verify(self) -> None:
        found = self.gallery.verify()
        assert found.passed, str(found)


def _code(call: Callable[[], object]) -> str:
    try:
        call()
    except PrumError as error:
        return error.code
    return ""


def _serve(kit_name: str, capacity: int, pipe: Connection, counters: Any) -> None:
    journal.CAPACITY = capacity
    (kit,) = (k for k in KITS if k.name == kit_name)
    server = _Server(kit, counters)
    while True:
        try:
            verb, given = pipe.recv()
        except EOFError:
            return
        try:
            pipe.send((True, getattr(server, verb)(*given)))
        except BaseException as error:
            pipe.send((False, repr(error)))
