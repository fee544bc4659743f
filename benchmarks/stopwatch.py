"""Time of named functions within a call, each without the others that it calls."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

Place = tuple[Any, str]
"""An object and the name of a function in it."""


class Stopwatch:
    """Seconds by label; own time only, so that the labels and the rest add up to the whole."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._inner: list[float] = []

    def timed(self, label: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function with a watch around it."""
        self.seconds[label] = 0.0

        def call(*args: Any, **kwargs: Any) -> Any:
            self._inner.append(0.0)
            start = time.perf_counter()
            try:
                return function(*args, **kwargs)
            finally:
                seconds = time.perf_counter() - start
                self.seconds[label] += seconds - self._inner.pop()
                if self._inner:
                    self._inner[-1] += seconds

        return call


@contextmanager
def watching(places: Mapping[str, Place]) -> Iterator[Stopwatch]:
    """Put a watch around functions, by label, and take it off again."""
    watch = Stopwatch()
    before = {label: getattr(owner, name) for label, (owner, name) in places.items()}
    try:
        for label, (owner, name) in places.items():
            setattr(owner, name, watch.timed(label, before[label]))
        yield watch
    finally:
        for label, (owner, name) in places.items():
            setattr(owner, name, before[label])
