"""A writer is killed repeatedly at any moment; acknowledged calls hold, and calls are atomic.

The power stays on: data that the process passed to the system are kept.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from itertools import chain, islice
from pathlib import Path
from random import Random

import pytest

from prum_match.errors import RecoveryNeeded
from support.children import ending, fork
from support.examples import chance, examples
from support.galleries.folders import State, files_in, limits, opened, state
from support.galleries.kits import Kit
from support.galleries.load import FAMILIES, NAME, load

# Of each category; each is written to by so many processes, one after the other.
GALLERIES = examples(4, least=1)
KILLS = 18
KILLED = f"exit {-signal.SIGKILL}"


@pytest.fixture(autouse=True)
def early_merges() -> Iterator[None]:
    with limits(fan_in=3):
        yield


def killed(work: Callable[[int], object], calls: int, seconds: float) -> int:
    """Kill a child some time after a number of calls; return how many it acknowledged."""
    acks, acknowledge = os.pipe()
    child = fork(lambda: work(acknowledge))
    os.close(acknowledge)
    with os.fdopen(acks, "rb", buffering=0) as lines:
        heard = list(islice(lines, calls))
        time.sleep(seconds)
        os.kill(child, signal.SIGKILL)
        assert ending(child) == KILLED
        heard += lines
    assert [int(line) for line in heard] == list(range(len(heard)))
    return len(heard)


def moment(random: Random) -> float:
    """Draw a pause; short ones are as frequent as long ones, on fast machines and on slow ones."""
    return random.choice((0.0, 10 ** random.uniform(-5, -2)))


def write(kit: Kit, path: Path, before: State, seed: int, acknowledge: int) -> None:
    with opened(kit, path, "rw") as gallery:
        for number, (call, _) in enumerate(load(kit, before, seed)):
            call.on(gallery)
            os.write(acknowledge, b"%d\n" % number)


def recover(kit: Kit, path: Path, _: int) -> None:
    with opened(kit, path, "rw"):
        signal.pause()


def states(kit: Kit, before: State, seed: int, done: int) -> list[State]:
    """Return the state after the last acknowledged call, and after the next one."""
    afters = (after for _, after in load(kit, before, seed))
    return list(islice(chain([before], afters), done, done + 2))


def check_searches(kit: Kit, path: Path, held: State) -> None:
    items = {name: about[0] for name, about in held.contents.items()}
    subjects = {name: about[2] for name, about in held.contents.items()}
    with opened(kit, path) as gallery:
        for family in range(0, FAMILIES, 4):
            probe = kit.item(family)
            found = gallery.search(probe, policy=kit.capped(len(items) + 1)).reference_ids
            assert found == kit.expected(probe, items, subjects)


def check(kit: Kit, path: Path, allowed: tuple[State, ...]) -> State:
    """Open the remaining folder, first for reading; return which allowed state it has."""
    looked = None
    with suppress(RecoveryNeeded), opened(kit, path) as gallery:
        looked = state(gallery)
    with opened(kit, path, "rw") as gallery:
        found = state(gallery)
        assert found in allowed
        assert looked in (None, found)
        proof = gallery.verify()
        assert proof.passed, str(proof)
    return found


@pytest.mark.parametrize("gallery", range(GALLERIES))
def test_acknowledged_changes_survive_kills(kit: Kit, gallery: int, folder: Path) -> None:
    path, random, held = folder / "gallery", chance(f"kills {gallery}"), State({}, 0)
    kit.gallery().save(path)
    for _ in range(KILLS):
        number = random.randrange(1 << 32)
        done = killed(partial(write, kit, path, held, number), random.randrange(10), moment(random))
        if random.random() < 0.3:
            # The process that completes the change may be killed too.
            killed(partial(recover, kit, path), 0, moment(random))
        held = check(kit, path, tuple(states(kit, held, number, done)))
        left = b"".join(file.read_bytes() for file in files_in(path))
        assert {name.decode() for name in NAME.findall(left)} <= held.contents.keys()
    check_searches(kit, path, held)
