"""A search sees the references of its start, minus all that were erased before it returns."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from itertools import chain, count
from typing import Any

import pytest

from prum_match.engine import CandidateList, Gallery
from prum_match.errors import GenerationChanged, UnknownReference
from support.galleries.kits import Kit
from support.threads import PATIENCE, Crew, crew

PEOPLE = 120


@pytest.fixture
def kit(heavy_kit_anywhere: Kit) -> Kit:
    return heavy_kit_anywhere


def least(kit: Kit, changes: int) -> int:
    """Return the number of changes; a quarter of it where each waits for the disk many times."""
    return changes // 4 if kit.on_disk else changes


@dataclass
class History:
    """The states of a gallery, one for each change."""

    states: list[frozenset[tuple[str, str]]] = field(default_factory=lambda: [frozenset()])
    erased: list[frozenset[str]] = field(default_factory=lambda: [frozenset()])
    started: int = 0
    finished: int = 0

    def explains(self, seen: frozenset[tuple[str, str]], first: int, last: int) -> bool:
        """Tell whether a search during the changes `first` to `last` may return this answer."""
        for i in range(first, last + 1):
            missing = {reference_id for reference_id, _ in self.states[i] - seen}
            later = frozenset().union(*self.erased[i + 1 : last + 1])
            if seen <= self.states[i] and missing <= later:
                return True
        return False


class Changer:
    """Enrols, replaces and erases references of one family, writing its history first."""

    def __init__(self, kit: Kit, gallery: Gallery[Any]) -> None:
        self.kit, self.gallery = kit, gallery
        self.history = History()
        self.random = random.Random(1)
        self.number = 0
        # How a candidate list shows each variant of the family.
        self.shown = {}
        probe = kit.gallery()
        probe.enrol(["0", "1", "2"], [kit.item(0, variant) for variant in range(3)])
        for candidate in probe.search(kit.item(0)):
            self.shown[int(candidate.reference_id)] = shown(candidate)

    def change(self) -> None:
        kind = self.random.choice(("enrol", "enrol", "replace", "erase", "erase", "compact"))
        now = dict(self.history.states[-1])
        chosen = self.random.sample(sorted(now), min(len(now), self.random.randint(1, 3)))
        variant = self.random.randrange(3)
        gone: frozenset[str] = frozenset()
        if kind == "enrol":
            chosen = [f"R{self.number + i}" for i in range(self.random.randint(1, 9))]
            self.number += len(chosen)
            now |= dict.fromkeys(chosen, self.shown[variant])
        elif kind == "replace":
            now |= dict.fromkeys(chosen, self.shown[variant])
        elif kind == "erase":
            gone = frozenset(chosen)
            now = {name: value for name, value in now.items() if name not in gone}
        self.history.states.append(frozenset(now.items()))
        self.history.erased.append(gone)
        self.history.started += 1
        items = [self.kit.item(0, variant)] * len(chosen)
        if kind == "enrol":
            self.gallery.enrol(chosen, items)
        elif kind == "replace":
            self.gallery.replace(chosen, items)
        elif kind == "erase":
            self.gallery.erase(chosen)
        else:
            self.gallery.compact()
        self.history.finished += 1


def shown(candidate: Any) -> str:
    return str(sorted((k, v) for k, v in candidate.columns.items()))


def seen(answer: CandidateList[Any]) -> frozenset[tuple[str, str]]:
    assert len(set(answer.reference_ids)) == len(answer), "a reference twice"
    return frozenset((candidate.reference_id, shown(candidate)) for candidate in answer)


@pytest.mark.parametrize("limit", [None, 7])
def test_every_answer_belongs_to_a_legal_snapshot(kit: Kit, limit: int | None) -> None:
    gallery = kit.gallery()
    changer = Changer(kit, gallery)
    history = changer.history
    probes = kit.items([0, 1, 0])

    def search(threads: int) -> None:
        first = history.finished
        answer = gallery.search(kit.item(0), limit=limit, threads=threads)
        last = history.started
        if limit is None:
            assert history.explains(seen(answer), first, last)
        else:
            # The best of some state: no shorter than it could be, unless all are there.
            sizes = [len(history.states[i]) for i in range(first, last + 1)]
            erased = sum(len(history.erased[i]) for i in range(first, last + 1))
            assert len(answer) >= min(limit, min(sizes) - erased)
            known = frozenset().union(*history.states[first : last + 1])
            assert seen(answer) <= known

    def search_many() -> None:
        first = history.finished
        answers = gallery.search_many(probes, threads=2)
        last = history.started
        assert len(answers[1]) == 0
        # Each by itself: an erasure may fall between the making of the two lists.
        assert history.explains(seen(answers[0]), first, last)
        assert history.explains(seen(answers[2]), first, last)

    with crew() as working:
        working.repeat("search", lambda: search(1))
        working.repeat("search with threads", lambda: search(3))
        working.repeat("search many", search_many)
        run(working, changer.change, lambda: history.finished > least(kit, 50))
    assert history.explains(seen(gallery.search(kit.item(0))), history.finished, history.finished)


def run(working: Crew, step: Callable[[], object], enough: Callable[[], bool]) -> None:
    """Repeat in this thread until all threads have done enough, or one has failed."""
    end = time.monotonic() + PATIENCE
    while not working.stop.is_set() and not (working.all_came_round() and enough()):
        assert time.monotonic() < end, f"not enough was done: {working.rounds}"
        step()


def test_a_replaced_reference_is_always_found_once(kit: Kit) -> None:
    gallery = kit.gallery()
    gallery.enrol([f"R{i}" for i in range(PEOPLE)], kit.items(range(PEOPLE)))
    probes = kit.items(range(0, PEOPLE, 5))
    wanted = [[f"R{i}"] for i in range(0, PEOPLE, 5)]
    old_and_new: list[set[str]] = [set() for _ in range(PEOPLE)]
    codes: set[str] = set()
    turn = random.Random(2)

    def look_for_all() -> None:
        answers = gallery.search_many(probes, threads=2)
        assert [answer.reference_ids for answer in answers] == wanted

    def look_for_one() -> None:
        i = random.randrange(PEOPLE)
        answer = gallery.search(kit.item(i))
        assert answer.reference_ids == [f"R{i}"]
        assert answer.examined == PEOPLE
        old_and_new[i].add(shown(answer[0]))

    def look_by_id() -> None:
        i = random.randrange(PEOPLE)
        assert f"R{i}" in gallery
        assert len(gallery) == PEOPLE
        # Between finding the row and reading it the person may be replaced; that is said.
        item = None
        try:
            item = gallery[f"R{i}"]
        except UnknownReference as error:
            codes.add(error.code)
        assert item in (None, kit.item(i, 0), kit.item(i, 1))

    def replace() -> None:
        chosen = turn.sample(range(PEOPLE), turn.randint(1, 20))
        variant = turn.randrange(2)
        gallery.replace([f"R{i}" for i in chosen], [kit.item(i, variant) for i in chosen])

    with crew() as working:
        working.repeat("all", look_for_all)
        working.repeat("one", look_for_one)
        working.repeat("by id", look_by_id)
        run(working, replace, lambda: any(len(found) == 2 for found in old_and_new))
    assert codes <= {"erased"}


def test_erased_references_are_never_found_after_erase_returned(kit: Kit) -> None:
    gallery = kit.gallery()
    gallery.enrol([f"R{i}" for i in range(50)], [kit.item(0)] * 50)
    gone: set[str] = set()
    number = 50

    def search(threads: int) -> None:
        before = set(gone)
        answer = gallery.search(kit.item(0), threads=threads)
        assert not before & set(answer.reference_ids)
        blocks = list(gallery.search_many([kit.item(0)] * 5, threads=threads))
        assert not any(before & set(block.reference_ids) for block in blocks)

    def erase_and_enrol() -> None:
        nonlocal number
        chosen = [f"R{number - 50 + i}" for i in range(3)]
        gallery.erase(chosen)
        gone.update(chosen)
        assert not any(name in gallery for name in chosen)
        gallery.enrol([f"R{number + i}" for i in range(3)], [kit.item(0)] * 3)
        number += 3

    with crew() as working:
        working.repeat("search", lambda: search(1))
        working.repeat("search with threads", lambda: search(3))
        run(working, erase_and_enrol, lambda: len(gone) > least(kit, 60))


def test_several_threads_change_one_gallery(kit: Kit) -> None:
    """Each thread has its own ids; the changes of other threads are not lost."""
    gallery = kit.gallery()
    counts = [0, 0, 0]

    def change(thread: int) -> None:
        n = counts[thread]
        names = [f"T{thread}-{n}-{i}" for i in range(4)]
        gallery.enrol(names, kit.items(range(4)), labels=f"thread {thread}")
        gallery.replace(names[:2], kit.items([7, 7]))
        gallery.erase(names[2:])
        counts[thread] += 1

    with crew() as working:
        for thread in range(3):
            working.repeat(f"change {thread}", partial(change, thread))
        run(working, lambda: gallery.search(kit.item(7)), lambda: min(counts) > least(kit, 20))
    found = gallery.search(kit.item(7))
    assert len(gallery) == len(found) == 2 * sum(counts)
    assert {c.reference_id: c.label for c in found} == {
        f"T{t}-{n}-{i}": f"thread {t}" for t in range(3) for n in range(counts[t]) for i in range(2)
    }


def test_a_join_during_changes_is_correct_or_refused(kit: Kit) -> None:
    gallery = kit.gallery()
    gallery.enrol([f"R{i}" for i in range(40)], [kit.item(i % 20) for i in range(40)])
    outcomes = {"right": 0, "refused": 0}
    pause = threading.Event()
    # The long ones for categories that compare slowly, and for slow machines: longer each time.
    pauses = chain.from_iterable((0.003, 0.003, 0.003, 0.2 * 1.5**n) for n in count())

    def join() -> None:
        try:
            blocks = list(gallery.join(gallery))
        except GenerationChanged:
            outcomes["refused"] += 1
            return
        pairs = {
            frozenset(p) for b in blocks for p in zip(b.probe_ids, b.reference_ids, strict=True)
        }
        assert pairs == {frozenset((f"R{i}", f"R{i + 20}")) for i in range(20)}
        outcomes["right"] += 1

    def change() -> None:
        gallery.enrol(["new"], [kit.item(30)])
        gallery.erase(["new"])
        pause.wait(next(pauses))

    with crew() as working:
        working.repeat("join", join)
        run(working, change, lambda: all(outcomes.values()))
