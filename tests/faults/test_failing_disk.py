"""Every call to the disk fails once in every change: before, during or after the call.

Then the process either continues or ends; if it ends, all unflushed data may be lost.
"""

from __future__ import annotations

import itertools
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NoReturn
from unittest import mock

import pytest

from prum_match.engine import Gallery
from prum_match.engine.store import disk
from prum_match.errors import RecoveryNeeded, StorageError
from support.children import in_child, shared_out
from support.examples import some
from support.galleries.drawn_kit import HEAVY_KITS
from support.galleries.failing_disk import CODES, ENDS, FAILURES, fail, failing
from support.galleries.folders import State, contents, holding, limits, opened, recovered, state
from support.galleries.kits import TOY, Kit
from support.galleries.medium import Medium

# How a child ends that lost its power.
CUT = 77
# All trials of one change take a fraction of this.
SECONDS = 120.0
NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)
Step = Callable[[Kit, Gallery[Any]], object]


@dataclass(frozen=True)
class Change:
    """One change, and the earlier calls of the same process."""

    name: str
    step: Step
    arrange: Step = lambda kit, gallery: None
    limits: Mapping[str, int] = field(default_factory=dict)
    erases: tuple[str, ...] = ()


def hold_what_is_merged(kit: Kit, gallery: Gallery[Any]) -> object:
    answer = gallery.search(kit.item(1))
    gallery.compact()
    return answer


def fill_the_journal(kit: Kit, gallery: Gallery[Any]) -> None:
    home: Any = gallery._core.storage
    sizes = [0, home._journal._end]
    while sizes[-1] + max(b - a for a, b in itertools.pairwise(sizes)) <= 1 << 13:
        gallery.enrol([f"full{len(sizes):03}"], [kit.item(20)], labels="old")
        sizes.append(home._journal._end)


def enrol(*names: str, label: str = "old") -> Step:
    return lambda kit, gallery: gallery.enrol(
        list(names), kit.items([21] * len(names)), subject_ids=None, labels=label
    )


def erase(*names: str) -> Step:
    return lambda kit, gallery: gallery.erase(list(names))


CHANGES = (
    Change("enrol into the journal", enrol(*(f"new{i:03}" for i in range(8)))),
    Change("enrol a segment", enrol("new000", "new001"), limits={"in_journal": 0}),
    Change("enrol with a new label", enrol("new000", label="new")),
    Change("enrol into a full journal", enrol("new000"), fill_the_journal),
    Change("merge", enrol("new000", "new001"), limits={"in_journal": 0, "fan_in": 2}),
    Change("erase of the journal", erase("jrn000"), erases=("jrn000",)),
    Change("erase of segments", erase("one001", "two000"), erases=("one001", "two000")),
    Change(
        "erase of merged-away rows",
        erase("jrn000", "one001"),
        hold_what_is_merged,
        erases=("jrn000", "one001"),
    ),
    Change(
        "replace",
        lambda kit, gallery: gallery.replace(["one002"], kit.items([22])),
        erases=("one002",),
    ),
    Change("purge", lambda kit, gallery: gallery.purge(now=NOON), erases=("one004", "two001")),
    Change("compact", lambda kit, gallery: gallery.compact()),
)
NAMED = {change.name: change for change in CHANGES}
# Only what overwrites rows knows of the category.
PAIRS = [(TOY, change) for change in CHANGES] + [
    (kit, NAMED["erase of segments"]) for kit in HEAVY_KITS if kit is not TOY
]
# Which change ended at which of its calls, before it or in the middle of it.
UNFINISHED = (
    ("erase of segments", "overwrite", 0, "second half"),
    ("erase of segments", "commit", -1, "before"),
    ("erase of merged-away rows", "overwrite", -1, "before"),
    ("erase of the journal", "overwrite", 0, "before"),
    ("replace", "overwrite", 1, "before"),
    ("enrol into the journal", "overwrite", 0, "first half"),
    ("enrol a segment", "commit", -1, "before"),
    ("enrol a segment", "commit", -1, "half"),
    ("compact", "remove", -1, "before"),
)
RECOVERIES = [(TOY, *unfinished) for unfinished in UNFINISHED] + [
    (kit, *UNFINISHED[0]) for kit in HEAVY_KITS if kit is not TOY
]


def named(value: Any) -> str | None:
    return value.name if isinstance(value, Kit | Change) else None


def make(kit: Kit, path: Path) -> None:
    """Make two segments, one with an erased row, and a journal."""
    gallery = kit.gallery(open_labels=True, labels=["old"])
    names = [f"one{i:03}" for i in range(6)]
    expires = [NOON if i == 4 else None for i in range(6)]
    gallery.enrol(names, kit.items(range(6)), subject_ids=None, labels="old", expires=expires)
    gallery.save(path)
    with opened(kit, path, "rw") as gallery:
        with limits(in_journal=0):
            names = [f"two{i:03}" for i in range(4)]
            gallery.enrol(names, kit.items(range(6, 10)), expires=[None, NOON, None, None])
        gallery.erase(["two003"])
        gallery.enrol(["jrn000"], kit.items([10]), subject_ids=["s"])
        gallery.enrol(["jrn001", "jrn002"], kit.items([11, 12]))


@dataclass
class Trial:
    """A change on copies of one folder, with the states before and after it."""

    kit: Kit
    change: Change
    folder: Path

    def __post_init__(self) -> None:
        self._copies = itertools.count()
        self.source = self.folder / "source"
        make(self.kit, self.source)
        path = self.copy()
        with limits(**self.change.limits), opened(self.kit, path, "rw") as gallery:
            held = self.change.arrange(self.kit, gallery)
            self.before = state(gallery)
            with failing() as self.calls:
                self.change.step(self.kit, gallery)
            del held
        self.after = recovered(self.kit, path)

    def copy(self) -> Path:
        path = self.folder / f"{os.getpid()}-{next(self._copies)}"
        shutil.copytree(self.source, path)
        return path

    def places(
        self, ways: Mapping[str, tuple[str, ...]], calls: list[str] | None = None
    ) -> list[tuple[int, str]]:
        """Return where and how calls can fail; all ways for one kit, overwriting for each kit."""
        found = [
            (at, how)
            for at, name in enumerate(calls or self.calls)
            if self.kit is TOY or name in ("overwrite", "commit")
            for how in ways[name]
        ]
        return some(found, f"{self.kit.name} {self.change.name}")

    def check(self, path: Path, allowed: tuple[State, ...]) -> State:
        """Open the remaining folder, first for reading; check that erased data are gone."""
        looked = None
        with suppress(RecoveryNeeded), opened(self.kit, path) as gallery:
            looked = state(gallery)
        found = recovered(self.kit, path)
        assert found in allowed
        assert looked in (None, found)
        if not set(self.change.erases) & found.contents.keys():
            assert [holding(path, name) for name in self.change.erases if holding(path, name)] == []
        shutil.rmtree(path)
        return found

    def cut(self, path: Path, at: int, how: str, *, opening: bool = False) -> Path:
        """Lose the power at a call of the change, or of opening the folder for writing.

        Unflushed data are complete in the folder, and missing in the returned image.
        """
        image = path.with_suffix(".image")

        def child() -> None:
            gallery = None if opening else opened(self.kit, path, "rw")
            with limits(**self.change.limits):
                held = gallery and self.change.arrange(self.kit, gallery)
                medium = Medium(path)

                def stop(name: str) -> NoReturn:
                    medium.image(image)
                    os._exit(CUT)

                with failing(at, how, stop=stop, after_each=medium.waited):
                    if gallery is None:
                        opened(self.kit, path, "rw")
                    else:
                        self.change.step(self.kit, gallery)
                del held

        assert in_child(child) == f"exit {CUT}"
        return image


@contextmanager
def refused(allowed: set[str]) -> Iterator[list[str]]:
    """Accept a failure with one of these codes; yield the codes that occurred."""
    codes: list[str] = []
    try:
        yield codes
    except StorageError as error:
        codes.append(error.code)
    assert set(codes) <= allowed


def go_on(trial: Trial, gallery: Gallery[Any]) -> bool:
    """Make another change; return false if the gallery has to be reopened first."""
    with refused({"reopen_needed"}) as codes:
        gallery.enrol(["later0"], [trial.kit.item(24)])
        gallery.erase(["one000"])
    return not codes


def plus_later(trial: Trial, found: State) -> State:
    rest = {name: about for name, about in found.contents.items() if name != "one000"}
    return State({**rest, "later0": (trial.kit.item(24), None, None, 0)}, found.receipts + 1)


def survive(trial: Trial, at: int, how: str, *, lasting: bool = False) -> None:
    path = trial.copy()
    with limits(**trial.change.limits), opened(trial.kit, path, "rw") as gallery:
        held = trial.change.arrange(trial.kit, gallery)
        with failing(at, how, lasting=lasting), refused(CODES) as codes:
            trial.change.step(trial.kit, gallery)
        done, seen = not codes, contents(gallery)
        assert seen in (trial.before.contents, trial.after.contents)
        assert not done or seen == trial.after.contents
        # Who is told that it failed has nothing new, and gets no receipt; an erasure goes on.
        assert done or len(gallery.receipts()) == trial.before.receipts
        assert done or trial.change.erases or seen == trial.before.contents
        went_on = go_on(trial, gallery)
        del held
    allowed = tuple(
        found
        for found in (trial.before, trial.after)
        if found.contents == seen or (not went_on and found is trial.after)
    )
    trial.check(path, tuple(plus_later(trial, f) for f in allowed) if went_on else allowed)


@pytest.mark.parametrize(("kit", "change"), PAIRS, ids=named)
def test_one_failing_call(kit: Kit, change: Change, folder: Path) -> None:
    trial = Trial(kit, change, folder)
    shared_out(lambda place: survive(trial, *place), trial.places(FAILURES), SECONDS)


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.name)
def test_all_calls_failing_from_one_on(change: Change, folder: Path) -> None:
    """In this case the change cannot be undone either."""
    trial = Trial(TOY, change, folder)
    calls = some(range(len(trial.calls)), change.name)
    shared_out(lambda at: survive(trial, at, "before", lasting=True), calls, SECONDS)


@pytest.mark.parametrize(("kit", "change"), PAIRS, ids=named)
def test_a_power_cut_during_a_change(kit: Kit, change: Change, folder: Path) -> None:
    trial = Trial(kit, change, folder)

    def end(place: tuple[int, str]) -> None:
        path = trial.copy()
        for left in (trial.cut(path, *place), path):
            trial.check(left, (trial.before, trial.after))

    shared_out(end, trial.places(ENDS), SECONDS)


@pytest.mark.parametrize(("kit", "name", "call", "which", "how"), RECOVERIES, ids=named)
def test_failures_during_recovery(
    kit: Kit, name: str, call: str, which: int, how: str, folder: Path
) -> None:
    """The disk fails, or the power is cut, while the next writer completes a change."""
    trial = Trial(kit, NAMED[name], folder)
    broken, both = trial.copy(), (trial.before, trial.after)
    calls = [at for at, other in enumerate(trial.calls) if other == call]
    trial.cut(broken, calls[which], how)
    trial.source = broken
    path = trial.copy()
    with failing() as steps, opened(kit, path, "rw"):
        pass
    trial.check(path, both)

    def fail_once(place: tuple[int, str]) -> None:
        path, seen = trial.copy(), None
        with failing(*place), refused(CODES), opened(kit, path, "rw") as gallery:
            seen = contents(gallery)
        assert trial.check(path, both).contents == seen or seen is None

    def end(place: tuple[int, str]) -> None:
        path = trial.copy()
        for left in (trial.cut(path, *place, opening=True), path):
            trial.check(left, both)

    shared_out(fail_once, trial.places(FAILURES, steps), SECONDS)
    shared_out(end, trial.places(ENDS, steps), SECONDS)


@pytest.mark.parametrize("came_about", [False, True])
@pytest.mark.parametrize("name", ["enrol a segment", "erase of segments", "compact"])
def test_a_commit_with_an_unknown_outcome(name: str, came_about: bool, folder: Path) -> None:
    """Files that the catalogue may list are kept, and further changes are refused."""
    trial = Trial(TOY, NAMED[name], folder)
    path, commit = trial.copy(), disk.commit

    def fail_and_go_blind(connection: sqlite3.Connection) -> None:
        if came_about:
            commit(connection)
        connection.set_progress_handler(lambda: 1, 1)
        fail("commit")

    with limits(**trial.change.limits), opened(TOY, path, "rw") as gallery:
        with mock.patch.object(disk, "commit", fail_and_go_blind), pytest.raises(StorageError):
            trial.change.step(TOY, gallery)
        assert contents(gallery) == trial.before.contents
        assert not go_on(trial, gallery)
    assert trial.check(path, (trial.before, trial.after)) == (
        trial.after if came_about else trial.before
    )


def test_failures_while_saving(kit: Kit, folder: Path) -> None:
    """A copy is complete or absent; after a failure the path is free again."""
    gallery = kit.gallery(open_labels=True, labels=["new"])
    gallery.enrol(["a", "b"], kit.items([0, 1]))
    with failing() as calls:
        gallery.save(folder / "whole")
    whole = recovered(kit, folder / "whole")
    ways = [(at, how) for at, name in enumerate(calls) for how in FAILURES[name]]
    for at, how in some(ways, "saving", least=20):
        path = folder / f"{at} {how}"
        with failing(at, how), pytest.raises(StorageError) as caught:
            gallery.save(path)
        assert caught.value.code in CODES
        assert not path.exists()
        gallery.save(path)
        assert recovered(kit, path) == whole
    assert [path.name for path in folder.iterdir() if path.name.startswith(".")] == []
