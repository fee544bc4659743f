"""A world of 26 states, its faults, and its end: everything in it follows from one seed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from functools import partial

from prum_match.exchange import MemoryStore
from prum_match.exchange.audit import MemoryAudit
from prum_match.exchange.messages import SearchReply
from simulation.changes import Changes
from simulation.disks import Disk
from simulation.founding import found
from simulation.lines import CALM
from simulation.officials import Officials
from simulation.reckoning import reckon, reckon_later
from simulation.scene import Scene
from simulation.states import State
from simulation.timeline import START
from simulation.traffic import CODES, Traffic

_TROUBLE = timedelta(days=6)
# More than the longest pause before a message comes again.
_ROUND = timedelta(hours=8)
_MOST_ROUNDS = 100
# More than 48 hours, and than the longest judicial delay.
_ALL_OVERDUE = timedelta(days=5)
# More than hits and queries are kept that came to an end.
_KEPT = timedelta(days=31)


class Broken(AssertionError):
    """A world in which something happened that must not."""


def run(seed: int, open_disk: Callable[[str], Disk] | None = None) -> Counter[str]:
    """Run one world, and count its events.

    Parameters
    ----------
    seed : int
        Decides everything.
    open_disk : callable, optional
        Opens the disk of a state by its code, again and again; default: one in memory.

    Raises
    ------
    Broken
    An invariant is violated; the text says how to repeat it.
    """
    world = World(seed, open_disk)
    try:
        world.live()
    except Exception as error:
        raise Broken(
            f"seed {seed}: {error!r}; again: PYTHONPATH=src:tests python -c "
            f"'from simulation.world import run; run({seed})'"
        ) from error
    finally:
        world.close()
    return world.scene.seen


class World:
    """The states, the lines between them, their people, and time; parameters as for `run`."""

    def __init__(self, seed: int, open_disk: Callable[[str], Disk] | None = None) -> None:
        self.scene = Scene(seed)
        self._officials = Officials(self.scene.draw, self.scene.seen)
        self._changes = Changes(self.scene)
        self._traffic = Traffic(self.scene, self._state, self._after_hit)
        self._in_memory: dict[str, Disk] = {}
        self._open_disk = open_disk or self._memory

    def live(self) -> None:
        """Trouble first, then calm until nothing moves, then the reckoning."""
        scene = self.scene
        self._plan()
        scene.timeline.run(START + _TROUBLE)
        self._calm_down()
        reckon(scene.states, scene.witness, self._officials.attempts, scene.seen)
        scene.timeline.run(scene.timeline.now + _KEPT)
        for state in scene.states.values():
            self._tick(state)
        reckon_later(scene.states, scene.seen)

    def close(self) -> None:
        """Close every disk."""
        for state in self.scene.states.values():
            state.stop()

    def _state(self, code: str) -> State:
        """Return a state, which is created at the first request."""
        states = self.scene.states
        if code not in states:
            open_disk = partial(self._open_disk, code)
            states[code] = state = found(self.scene, code, self._changes, open_disk)
            self.scene.start(state)
            self._tick(state)
        return states[code]

    def _memory(self, code: str) -> Disk:
        return self._in_memory.setdefault(code, Disk(MemoryStore(), MemoryAudit()))

    def _plan(self) -> None:
        scene, draw = self.scene, self.scene.draw
        askers = draw.sample(CODES, draw.randint(1, 3))
        near = draw.sample(CODES, 5)
        for _ in range(draw.randint(1, 3)):
            self._sometime(partial(self._traffic.ask_twice, draw.choice(askers), near), 0.5)
        for _ in range(30):
            self._sometime(self._visit)
        for _ in range(draw.randint(0, 6)):
            self._sometime(partial(scene.somewhere, self._changes.change))
        for _ in range(draw.randint(0, 4)):
            self._sometime(partial(scene.somewhere, scene.kill))
        for _ in range(draw.randint(0, 6)):
            self._sometime(self._traffic.replay)

    def _sometime(self, event: Callable[[], None], share: float = 1) -> None:
        self.scene.timeline.after(_TROUBLE * (share * self.scene.draw.random()), event)

    def _visit(self) -> None:
        """Let a human look at a hit, wherever there is one."""
        found = [state for state in self.scene.states.values() if state.has_hits]
        if found:
            self._visit_at(self.scene.draw.choice(found))

    def _visit_at(self, state: State) -> None:
        self.scene.attempt(state, partial(self._officials.visit, state))

    def _after_hit(self, state: State, said: SearchReply) -> None:
        """Let those who answered be quicker than their reply, now and then."""
        if self.scene.is_calm or self.scene.draw.random() > 0.3:
            return
        act = partial(self._changes.change_named, state, said)
        if self.scene.draw.random() < 0.5:
            act = partial(self._visit_at, state)

        def act_and_tell() -> None:
            act()
            self.scene.attempt(state, partial(self._traffic.send_due, state))

        soon = timedelta(minutes=self.scene.draw.uniform(0, 20))
        self.scene.timeline.after(soon, act_and_tell)

    def _tick(self, state: State) -> None:
        self.scene.attempt(state, partial(self._traffic.send_due, state))
        if not self.scene.is_calm:
            wait = timedelta(hours=self.scene.draw.uniform(4, 20))
            self.scene.timeline.after(wait, partial(self._tick, state))

    def _calm_down(self) -> None:
        self.scene.is_calm = True
        self.scene.lines.weather = CALM
        for state in self.scene.states.values():
            state.fuse.put_out()
        self.scene.timeline.empty()
        self._until_quiet()
        self.scene.timeline.run(self.scene.timeline.now + _ALL_OVERDUE)
        self._until_quiet()

    def _until_quiet(self) -> None:
        quiet = 0
        for _ in range(_MOST_ROUNDS):
            carried = self.scene.lines.carried
            for state in list(self.scene.states.values()):
                self.scene.start(state)
                self._tick(state)
            self.scene.timeline.run(self.scene.timeline.now + _ROUND)
            # What was sent just before the first of two rounds is due again in the second.
            quiet = quiet + 1 if self.scene.lines.carried == carried else 0
            if quiet == 2:
                return
        raise AssertionError("the messages never came to an end")
