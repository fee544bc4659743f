"""Virtual time, and what happens in it, one event after another."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count

START = datetime(2026, 3, 1, 6, tzinfo=UTC)


class Timeline:
    """Events in the order of their time; of two at one time, the one that was planned first."""

    def __init__(self) -> None:
        self.now = START
        self._places = count()
        self._planned: list[tuple[datetime, int, Callable[[], None]]] = []

    def after(self, wait: timedelta, event: Callable[[], None]) -> None:
        """Plan an event."""
        heapq.heappush(self._planned, (self.now + wait, next(self._places), event))

    def run(self, until: datetime) -> None:
        """Let everything happen that is planned until then."""
        while self._planned and self._planned[0][0] <= until:
            self.now, _, event = heapq.heappop(self._planned)
            event()
        self.now = until

    def empty(self) -> None:
        """Let everything happen that is planned."""
        while self._planned:
            self.run(self._planned[0][0])
