"""Calls that take at least 20 seconds unless interrupted; run as a program, one of them.

``python -m support.galleries.long_calls KIT CALL THREADS``: prints "begun" when compiled code is at
work, and "ended" if the call comes to its end.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable
from typing import Any

from prum_match import dactyloscopy
from prum_match.engine import Gallery
from support.galleries.kits import KITS, TOY_OF_FOUR_PARTS, Kit

Tell = Callable[[str, int, int | None], object]

# References of a search and its probes: measured to take 25 to 40 seconds on two cores.
SIZES = {
    "numbers": (200_000, 100_000),
    "marks": (50_000, 20_000),
    "dna": (100_000, 40_000),
    "face": (50_000, 100_000),
    "dactyloscopy": (4_000, 5_000),
    "vehicle": (60_000, 300_000),
    "police_record": (100_000, 80_000),
}
EVERY_KIT = (*KITS, TOY_OF_FOUR_PARTS)


def filled(kit: Kit, n: int) -> Gallery[Any]:
    gallery, items = kit.gallery(), kit.items(range(40))
    gallery.enrol([f"R{i}" for i in range(n)], [items[i % 40] for i in range(n)])
    return gallery


def search(kit: Kit, tell: Tell | None, threads: int) -> None:
    n, probes = SIZES[kit.category]
    gallery = filled(kit, n)
    gallery.search_many(
        [kit.item(1)] * probes, policy=kit.policy, limit=1, threads=threads, progress=tell
    )


def join(kit: Kit, tell: Tell | None, threads: int) -> None:
    gallery = filled(kit, 5_000)
    list(gallery.join(gallery, policy=kit.policy, threads=threads, progress=tell))


def enrol(kit: Kit, tell: Tell | None, threads: int) -> None:
    n = 200_000
    gallery, items = kit.gallery(), [kit.item(i) for i in range(8)]
    gallery.enrol([f"R{i}" for i in range(n)], items * (n // 8), progress=tell)


def search_subjects(kit: Kit, tell: Tell | None, threads: int) -> None:
    gallery = dactyloscopy.Gallery()
    items = [kit.item(i) for i in range(10)]
    gallery.enrol([f"R{i}" for i in range(100_000)], items * 10_000)
    gallery.search_subjects(items, any_finger=True, limit=1, threads=threads, progress=tell)


CALLS = {call.__name__: call for call in (search, join, enrol, search_subjects)}


def main(name: str, call: str, threads: str) -> None:
    # A shell starts what runs in the background with interrupts ignored.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    (kit,) = (kit for kit in EVERY_KIT if kit.name == name)
    heard = list[str]()

    def tell(step: str, done: int, total: int | None) -> None:
        heard.append(step)
        # The second time: the first one is the beginning of the step.
        if heard.count(step) == 2 and step != "prepare":
            print("begun", flush=True)

    CALLS[call](kit, tell, int(threads))
    print("ended", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
