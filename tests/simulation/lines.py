"""The lines between the states: they lose, repeat, delay, reorder and damage what they carry."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from simulation.timeline import Timeline


@dataclass(frozen=True)
class Weather:
    """How often a line fails. A delay of seconds reorders, since every message draws its own."""

    lost: float = 0.0
    doubled: float = 0.0
    late: float = 0.0
    very_late: float = 0.0
    damaged: float = 0.0


CALM = Weather()
_WEATHERS = (
    CALM,
    Weather(lost=0.1, doubled=0.1, late=0.1, very_late=0.02, damaged=0.01),
    Weather(lost=0.4, doubled=0.1, late=0.2, very_late=0.05, damaged=0.05),
    Weather(lost=0.05, doubled=0.5, late=0.3, very_late=0.1),
    Weather(doubled=0.1, late=0.6),
)


class Lines:
    """Every line of one world.

    Parameters
    ----------
    timeline : Timeline
    The arrival times of messages.
    draw : random.Random
        Makes every choice.
    seen : Counter
        Counts what happened.
    """

    def __init__(self, timeline: Timeline, draw: random.Random, seen: Counter[str]) -> None:
        self._timeline = timeline
        self._draw = draw
        self._seen = seen
        self.weather = draw.choice(_WEATHERS)
        self.carried = 0

    def carry(self, data: bytes, arrive: Callable[[bytes], None]) -> bool:
        """Carry a message, and return whether at least one copy of it will arrive."""
        self.carried += 1
        copies = 1
        if self._happens("lost", self.weather.lost):
            return False
        if self._happens("doubled", self.weather.doubled):
            copies += self._draw.randint(1, 2)
        for _ in range(copies):
            copy = data
            if self._happens("damaged", self.weather.damaged):
                copy = self._damage(data)
            self._timeline.after(self._delay(), partial(arrive, copy))
        return True

    def _happens(self, what: str, rate: float) -> bool:
        if rate and self._draw.random() < rate:
            self._seen[what] += 1
            return True
        return False

    def _delay(self) -> timedelta:
        if self._happens("very late", self.weather.very_late):
            return timedelta(hours=self._draw.uniform(6, 48))
        if self._happens("late", self.weather.late):
            return timedelta(minutes=self._draw.uniform(10, 360))
        return timedelta(seconds=self._draw.uniform(0.01, 60))

    def _damage(self, data: bytes) -> bytes:
        place = self._draw.randrange(len(data))
        if self._draw.random() < 0.5:
            return data[:place]
        return (
            data[:place] + bytes([data[place] ^ 1 << self._draw.randrange(8)]) + data[place + 1 :]
        )
