"""The shared parts of a world: chance, time, lines, and states with their processes."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from datetime import timedelta

from simulation.lines import Lines
from simulation.registers import CANARY, CATEGORIES, LETTERS
from simulation.states import Process, State
from simulation.timeline import Timeline
from simulation.witness import Witness
from support.exchange.toy import Item


class Scene:
    """Where a world happens.

    Parameters
    ----------
    seed : int
        Decides everything.
    """

    def __init__(self, seed: int) -> None:
        self.draw = random.Random(seed)
        self.seen: Counter[str] = Counter()
        self.timeline = Timeline()
        self.lines = Lines(self.timeline, self.draw, self.seen)
        self.witness = Witness(self.seen)
        self.states: dict[str, State] = {}
        self.is_calm = False
        # After how many touches of a disk a process ends, on average.
        self.mean = self.draw.choice((None, 300, 80, 40))
        # Most of a world is about one category: else quotas would be reached in none.
        self.category = self.draw.choice(list(CATEGORIES))

    def item(self) -> Item:
        """Return something to search with, or to be found."""
        word = self.draw.choice(LETTERS) + CANARY + str(self.draw.randint(1, 9))
        return Item(word, self.draw.choice("PS"))

    def somewhere(self, event: Callable[[State], None]) -> None:
        """Let something happen in one of the states."""
        if self.states:
            event(self.draw.choice(list(self.states.values())))

    def attempt(self, state: State, action: Callable[[Process], None]) -> bool:
        """Let a process act, and start another one some time after it ended by that."""
        was_running = state.process is not None
        done = state.attempt(action)
        if was_running and state.process is None:
            self._start_later(state)
        return done

    def start(self, state: State) -> None:
        """Start a process where there is none, now or, if it ends at once, later."""
        if state.process is None and not state.start():
            self._start_later(state)

    def _start_later(self, state: State) -> None:
        down = timedelta(hours=self.draw.choice((0.01, 0.5, 6, 36)) * self.draw.random())
        self.timeline.after(down, lambda: self.start(state))
        self.seen["restarts"] += 1

    def kill(self, state: State) -> None:
        """End a process from outside, while it does nothing."""
        if state.process is not None:
            self.seen["killed"] += 1
            state.stop()
            self._start_later(state)
