"""Output of commands: JSON Lines on the output, progress on the terminal."""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_CLEAR_TO_THE_END = "\x1b[K"


def emit(**record: Any) -> None:
    """Print one object as a line of JSON."""
    print(json.dumps(record))


class Progress:
    """One line of progress on the terminal, which is removed in the end.

    Without a terminal nothing is printed, unless `wanted`.
    """

    def __init__(self, *, wanted: bool) -> None:
        self._shown = wanted or sys.stderr.isatty()

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *exception: object) -> None:
        self.say("")

    def say(self, text: str) -> None:
        """Replace the line."""
        if self._shown:
            # The cursor goes back, so that the next output replaces the line.
            print(f"\r{text}{_CLEAR_TO_THE_END}\r", end="", file=sys.stderr, flush=True)


@contextmanager
def undisturbed() -> Iterator[None]:
    """Delay an interrupt until the block is done."""
    came: list[int] = []
    usual = signal.signal(signal.SIGINT, lambda number, _: came.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, usual)
    if came and callable(usual):
        usual(signal.SIGINT, None)
