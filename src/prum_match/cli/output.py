"""What commands print: JSON Lines on the output, how far they are on the terminal."""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_CLEAR_TO_THE_END = "\x1b[K"


def emit(**record: Any) -> None:
    """Print one object on a line of its own."""
    print(json.dumps(record))


class Progress:
    """One line on the terminal that is written again and again, and is gone in the end.

    Where the error output is no terminal nothing is printed, unless it is asked for.
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
            # The cursor goes back, so that what is printed next takes the place of the line.
            print(f"\r{text}{_CLEAR_TO_THE_END}\r", end="", file=sys.stderr, flush=True)


@contextmanager
def undisturbed() -> Iterator[None]:
    """Let an interrupt wait until a change is done."""
    came: list[int] = []
    usual = signal.signal(signal.SIGINT, lambda number, _: came.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, usual)
    if came and callable(usual):
        usual(signal.SIGINT, None)
