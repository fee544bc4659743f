"""How the states of a world are made."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial

from prum_match.exchange import Partner, PartnerRules, Quota
from simulation.changes import Changes
from simulation.disks import Disk, Fuse
from simulation.registers import CATEGORIES, Register
from simulation.scene import Scene
from simulation.states import State
from support.exchange.toy import Item


def found(scene: Scene, code: str, changes: Changes, open_disk: Callable[[], Disk]) -> State:
    """Make a state, with what it holds and what it lets the others search."""
    skew = timedelta(seconds=scene.draw.uniform(-120, 120))
    registers = {
        name: Register(category, _items(scene, code, name)) for name, category in CATEGORIES.items()
    }
    state = State(
        code,
        scene.timeline,
        skew,
        _fuse(scene),
        registers,
        _partner(scene),
        open_disk,
    )
    state.on_hit_event = lambda event: scene.witness.hit_event(state, event)
    state.meanwhile = lambda: changes.meanwhile(state)
    for register in registers.values():
        register.on_search = partial(changes.during_search, state, register.category.name)
    return state


def _items(scene: Scene, code: str, category: str) -> dict[str, Item]:
    return {f"{code}-{category}-{place}": scene.item() for place in range(scene.draw.randint(0, 3))}


def _partner(scene: Scene) -> Partner | None:
    if scene.draw.random() < 0.4:
        return None
    most = scene.draw.choice((0, 1, 1, 2))
    few = Quota(identified=most, unidentified=most)
    rules = {name: PartnerRules(quota=None if name == "dna" else few) for name in CATEGORIES}
    if scene.draw.random() < 0.2:
        del rules[scene.draw.choice(list(rules))]
    return Partner(categories=rules)


def _fuse(scene: Scene) -> Fuse:
    def places() -> int | None:
        if scene.mean is None or scene.is_calm:
            return None
        return round(scene.draw.expovariate(1 / scene.mean))

    return Fuse(places, scene.seen)
