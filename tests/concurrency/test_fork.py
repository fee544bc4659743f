"""A child of a process with searching threads can itself search, enrol and erase."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import tempfile
import threading
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import prum_match
from prum_match import _native, dna
from prum_match.engine import Category, Gallery, Trace
from prum_match.errors import StorageError, UnknownReference
from support.children import CHILD_SECONDS, end_in_time, in_child
from support.examples import examples
from support.galleries.kits import KITS, Kit, on_disk, opened
from support.threads import crew, in_thread, until
from toy_category import NumberLayout, NumberMatching

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this platform")


def filled(kit: Kit, n: int = 200) -> Gallery[Any]:
    gallery = kit.gallery()
    gallery.enrol([f"R{i}" for i in range(n)], kit.items(range(n)))
    gallery.enrol(["late"], [kit.item(n)])
    return gallery


def use(kit: Kit, gallery: Gallery[Any]) -> None:
    """Use every verb once, with threads of the core."""
    before = len(gallery)
    assert gallery.search(kit.item(3), threads=3).reference_ids == ["R3"]
    answers = gallery.search_many(kit.items(range(10)), threads=2)
    assert [answer.reference_ids for answer in answers] == [[f"R{i}"] for i in range(10)]
    gallery.enrol(["child 1", "child 2"], kit.items([220, 221]))
    gallery.replace(["child 1"], [kit.item(222)])
    gallery.erase(["child 2"])
    assert gallery.search(kit.item(222), threads=2).reference_ids == ["child 1"]
    assert len(gallery) == before + 1
    gallery.compact()
    assert sum(len(block) for block in gallery.join(gallery, threads=2)) == 0
    fresh = kit.gallery()
    fresh.enrol(["a"], [kit.item(1)])
    assert fresh.search(kit.item(1), threads=2).reference_ids == ["a"]


def test_a_fork_during_searches(kit: Kit) -> None:
    gallery = filled(kit)
    probes = kit.items(range(200))
    with crew() as working:
        working.repeat("search", lambda: gallery.search(kit.item(5), threads=1))
        working.repeat("with threads", lambda: gallery.search_many(probes, threads=3))
        for _ in range(examples(12)):
            assert in_child(lambda: use(kit, gallery)) == "exit 0"
    # What the children did is theirs.
    assert len(gallery) == 201
    use(kit, gallery)


def test_a_fork_during_changes(kit: Kit) -> None:
    """The child has the state before or after a change, never half of it."""
    gallery = filled(kit)
    number = 0

    def change() -> None:
        nonlocal number
        names = [f"C{number}-{i}" for i in range(5)]
        number += 1
        gallery.enrol(names, [kit.item(210)] * 5)
        gallery.replace(names, [kit.item(211)] * 5)
        gallery.erase(names)

    def check() -> None:
        found = [len(gallery.search(kit.item(family))) for family in (210, 211)]
        assert sorted(found) in ([0, 0], [0, 5]), found
        assert len(gallery) == 201 + sum(found)
        for family in (210, 211):
            gallery.erase(gallery.search(kit.item(family)).reference_ids)
        use(kit, gallery)

    with crew() as working:
        working.repeat("change", change)
        working.repeat("search", lambda: gallery.search(kit.item(5)))
        for _ in range(examples(12)):
            assert in_child(check) == "exit 0"


class Paused(NumberLayout):
    """Numbers that pause in a replacement, after the old row is erased."""

    def __init__(self) -> None:
        self.middle = threading.Event()
        self.go = threading.Event()

    def traces(self, segment: _native.Segment, rows: NDArray[np.uint32]) -> Iterator[Trace]:
        yield from super().traces(segment, rows)
        self.middle.set()
        assert self.go.wait(CHILD_SECONDS)


def test_a_fork_waits_until_a_change_is_whole() -> None:
    paused = Paused()
    gallery: Gallery[int] = Gallery(Category("paused", paused, NumberMatching()))
    gallery.enrol(["a", "b"], [1, 2])
    changing = in_thread(lambda: gallery.replace(["a"], [10]))
    assert paused.middle.wait(CHILD_SECONDS)
    threading.Timer(0.3, paused.go.set).start()

    def check() -> None:
        assert gallery.search(10).reference_ids == ["a"]
        assert len(gallery) == 2
        paused.go.set()
        gallery.erase(["a"])

    assert in_child(check) == "exit 0"
    changing.join(CHILD_SECONDS)
    assert gallery["a"] == 10


def test_forks_from_several_threads_at_once(kit: Kit) -> None:
    """Each fork takes the write locks of all galleries, and releases them."""
    galleries = [filled(kit, 20) for _ in range(3)]
    ends: list[str] = []

    def fork() -> None:
        for _ in range(8):
            ends.append(in_child(lambda: galleries[0].enrol(["child"], [kit.item(30)])))

    def change_one() -> None:
        galleries[2].enrol(["x"], [kit.item(31)])
        galleries[2].erase(["x"])

    with crew() as working:
        working.repeat("enrol", change_one)
        threads = [in_thread(fork) for _ in range(3)]
        assert until(lambda: not any(thread.is_alive() for thread in threads), CHILD_SECONDS)
    assert ends == ["exit 0"] * 24
    # Another thread than those that forked can change every gallery.
    changed = threading.Event()

    def change() -> None:
        for gallery in galleries:
            gallery.enrol(["after"], [kit.item(40)])
        changed.set()

    in_thread(change)
    assert changed.wait(10), "a writer's lock was left behind"


def test_many_forks_beside_a_busy_pool(kit: Kit) -> None:
    """Forks succeed whichever lock of the core another thread holds at that moment."""
    gallery = kit.gallery()
    for part in range(5):  # segments, so that each search hands out tasks
        gallery.enrol(
            [f"{part}-{i}" for i in range(3 ** (5 - part))], [kit.item(1)] * 3 ** (5 - part)
        )
    assert len(gallery._core.segments()) == 5
    few = kit.gallery()
    few.enrol(["a"], [kit.item(1)])

    def check() -> None:
        assert len(few.search(kit.item(1), threads=3)) == 1
        assert len(gallery.search(kit.item(1), threads=3)) == len(gallery)

    with crew() as working:
        for thread in range(3):
            working.repeat(f"search {thread}", lambda: gallery.search(kit.item(2), threads=3))
        for _ in range(examples(100)):
            assert in_child(check) == "exit 0"


def test_a_fork_of_a_fork(kit: Kit) -> None:
    gallery = filled(kit)
    gallery.search_many(kit.items(range(50)), threads=3)

    def grandchild() -> None:
        use(kit, gallery)
        assert in_child(lambda: gallery.search_many(kit.items(range(9)), threads=2)) == "exit 0"

    assert in_child(grandchild) == "exit 0"


def test_the_child_of_a_writer_reads(kit: Kit) -> None:
    """It sees the references of the fork, minus later erasures of its parent, and cannot write."""
    child_is_up, parent_is_done = os.pipe(), os.pipe()
    with on_disk(kit) as stored:
        gallery = filled(stored)
        gallery.compact()
        gallery.enrol(["later"], [kit.item(201)])
        gone = ["R3", "later"]  # of a segment, and of the journal

        def erase() -> None:
            os.read(child_is_up[0], 1)
            gallery.erase(gone)
            os.write(parent_is_done[1], b"x")

        def check() -> None:
            old = [gallery.search(kit.item(family))[0] for family in (3, 201)]
            assert [candidate.reference_id for candidate in old] == gone
            os.write(child_is_up[1], b"x")
            os.read(parent_is_done[0], 1)
            assert not any(name in gallery for name in gone)
            assert len(gallery) == 200
            assert [len(gallery.search(kit.item(family))) for family in (3, 201, 4)] == [0, 0, 1]
            for candidate in old:
                with pytest.raises(UnknownReference):
                    candidate.explain()
            with pytest.raises(StorageError, match="forked"):
                gallery.enrol(["x"], [kit.item(9)])

        erasing = in_thread(erase)
        assert in_child(check) == "exit 0"
        erasing.join(CHILD_SECONDS)
        assert gallery.verify().passed
    for end in (*child_is_up, *parent_is_done):
        os.close(end)


def test_an_erasure_reaches_files_that_only_a_child_reads(kit: Kit) -> None:
    """A list of the child refers to files that its parent has merged away and released."""
    child_is_up, parent_is_done = os.pipe(), os.pipe()
    with on_disk(kit) as stored:
        gallery = filled(stored)
        gallery.compact()
        old = [gallery.search(kit.item(3))[0]]
        gallery.enrol(["later"], [kit.item(201)])
        gallery.compact()

        def erase() -> None:
            os.read(child_is_up[0], 1)
            old.clear()
            gallery.compact()
            gallery.erase(["R3"])
            os.write(parent_is_done[1], b"x")

        def check() -> None:
            assert str(old[0].explain())
            os.write(child_is_up[1], b"x")
            os.read(parent_is_done[0], 1)
            with pytest.raises(UnknownReference):
                old[0].explain()

        erasing = in_thread(erase)
        assert in_child(check) == "exit 0"
        erasing.join(CHILD_SECONDS)
        assert gallery.verify().passed
    for end in (*child_is_up, *parent_is_done):
        os.close(end)


@pytest.mark.parametrize("mode", ["r", "rw"])
def test_closed_galleries_and_moved_folders_do_not_block_forks(kit: Kit, mode: str) -> None:
    """A closed gallery, and one whose folder was renamed, do not block a fork."""
    with tempfile.TemporaryDirectory() as folder:
        closed, moved = Path(folder, "closed"), Path(folder, "moved")
        for path in (closed, moved):
            filled(kit, 20).save(path)
        gone, gallery = opened(kit, closed, mode), opened(kit, moved, mode)
        gone.close()
        shutil.rmtree(closed)
        moved.rename(Path(folder, "elsewhere"))
        other = filled(kit, 20)

        def check() -> None:
            use(kit, other)
            assert gallery.search(kit.item(3)).reference_ids == ["R3"]

        assert in_child(check) == "exit 0"
        use(kit, other)
        gallery.close()


def _work(kit_name: str, gallery: Gallery[Any], queue: Any) -> None:
    end_in_time()
    (kit,) = (k for k in KITS if k.name == kit_name)
    use(kit, gallery)
    queue.put(gallery.search(kit.item(7)).reference_ids)


def test_multiprocessing_shares_the_gallery(kit: Kit) -> None:
    """The children use the gallery in memory that they share with their parent."""
    gallery = filled(kit)
    context = multiprocessing.get_context("fork")
    with crew() as working, warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        working.repeat("search", lambda: gallery.search_many(kit.items(range(60)), threads=2))
        queue = context.SimpleQueue()
        children = [
            context.Process(target=_work, args=(kit.name, gallery, queue)) for _ in range(3)
        ]
        for child in children:
            child.start()
        for child in children:
            child.join(CHILD_SECONDS)
        ended = [child.exitcode for child in children]
        for child in children:
            child.kill()
    assert ended == [0, 0, 0]
    assert [queue.get() for _ in children] == [["R7"]] * 3


def test_tables_of_a_policy_that_the_parent_never_used() -> None:
    policy = dna.ReadingPolicy(
        name="new", version="0", source="test", readings=(dna.Reading("new", min_loci=7),)
    )
    profile = dna.Profile({name: (12, 13) for name in dna.ESS_7})
    gallery = dna.Gallery()
    gallery.enrol(["R"], [profile])

    def check() -> None:
        assert gallery.search(profile, policy=policy).reference_ids == ["R"]
        assert dna.match_matrix([profile] * 9, threads=2)[7, 0] == 36
        prum_match.set_threads(2)
        assert len(gallery.search_many([profile] * 9, policy=policy)) == 9

    with crew() as working:
        working.repeat("search", lambda: gallery.search(profile))
        for _ in range(3):
            assert in_child(check) == "exit 0"
