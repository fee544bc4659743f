"""The cost of a call on any machine: executed lines of Python, and bytes of memory."""

from __future__ import annotations

import sys
import tracemalloc
from collections.abc import Callable
from types import FrameType
from typing import Any


class Work:
    """Counts while it is entered.

    Attributes
    ----------
    lines : int
        Lines of Python that ran in the functions that were called.
    peak : int
    Largest number of bytes held at a time, including NumPy's.
    """

    lines = 0
    peak = 0

    def __enter__(self) -> Work:
        self._before: Callable[..., Any] | None = sys.gettrace()
        tracemalloc.start()
        sys.settrace(self._trace)
        return self

    def __exit__(self, *_: object) -> None:
        sys.settrace(self._before)
        self.peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()

    def _trace(self, frame: FrameType, event: str, argument: Any) -> Callable[..., Any]:
        self.lines += event == "line"
        return self._trace
