"""What the tasks on disk have in common: time within a pass, and a folder that goes at the end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from benchmarks.storage.room import Room
from benchmarks.task import Answer, Pass, Task

OURS = "prum_match"


class InRoom(Protocol):
    """Data of a task, and the folder for what the libraries make of them."""

    @property
    def room(self) -> Room: ...


@dataclass(frozen=True)
class Done:
    """What is left of a pass: the seconds that count, what was read back, further figures."""

    seconds: float
    answer: Answer
    detail: Mapping[str, object]


def timed_within(run: Callable[[], Done], how: str = "in full") -> Pass:
    """Return the pass of a library that takes the time itself: files come and go around it."""
    return Pass(
        run,
        lambda done: done.answer,
        how=how,
        measure=lambda done: done.seconds,
        detail=lambda done: done.detail,
    )


class Stored(Task):
    """A task that needs a folder."""

    def done(self, case: InRoom) -> None:
        case.room.close()


class Latency(Stored):
    """A task of which only the time says something."""

    value_unit = "ms"
    rate_unit = "-"

    def value(self, case: Any, seconds: float) -> float:
        return seconds * 1e3

    def rate(self, case: Any, seconds: float) -> None:
        return None
