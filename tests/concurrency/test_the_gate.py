"""Waiting at the gate, tested with a matcher that pauses until it is released."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
import pytest

from prum_match import _native
from prum_match.engine import Category, Columns, Gallery
from prum_match.errors import InvalidInput
from support.threads import PATIENCE, crew, in_thread, until
from toy_category import NUMBERS, NumberLayout, NumberMatching, Within


class Held(NumberMatching):
    """Numbers whose searches pause in the middle of a segment."""

    def __init__(self) -> None:
        self.pass_freely = 0  # so many calls do not stop
        self.passed = 0
        self.inside = 0
        self.go = threading.Event()
        self.lock = threading.Lock()

    def prepare(self, probes: Sequence[int], policy: Within) -> _native.Matcher:
        def search(columns: Columns, begin: int, end: int, probe: int) -> Any:
            with self.lock:
                free = self.passed < self.pass_freely
                self.passed += free
                self.inside += not free
            assert free or self.go.wait(PATIENCE)
            rows = np.arange(begin, end, dtype=np.uint32)
            return rows, np.zeros(len(rows), np.uint64), np.zeros(len(rows), np.uint64)

        return _native.PythonMatcher(search, len(probes))


@pytest.fixture
def held() -> Held:
    return Held()


@pytest.fixture
def gallery(held: Held) -> Gallery[int]:
    gallery: Gallery[int] = Gallery(Category("held", NumberLayout(), held))
    gallery.enrol(["a", "b", "c"], [1, 2, 3])
    return gallery


def test_an_erasure_waits_for_a_running_search_and_removes_its_rows(
    held: Held, gallery: Gallery[int]
) -> None:
    found: list[list[str]] = []
    erased = threading.Event()
    searching = in_thread(lambda: found.append(gallery.search(1).reference_ids))
    assert until(lambda: held.inside == 1)

    def erase() -> None:
        gallery.erase(["b"])
        erased.set()

    erasing = in_thread(erase)
    # The live bit goes at once, for lists that are still being made; the row is not overwritten.
    (segment,) = gallery._core.segments()
    assert until(lambda: segment.live_rows == 2)
    assert not erased.wait(0.2)
    assert segment.columns["value"].tolist() == [1, 2, 3]
    # New searches wait for the erasure, which would starve otherwise.
    late: list[list[str]] = []
    later = in_thread(lambda: late.append(gallery.search(1).reference_ids))
    assert not until(lambda: held.inside == 2, 0.2)

    held.go.set()
    for thread in (searching, erasing, later):
        thread.join(PATIENCE)
    assert erased.is_set()
    assert found == [["a", "c"]]
    assert late == [["a", "c"]]
    assert segment.columns["value"].tolist() == [1, -1, 3]


@pytest.mark.parametrize(
    ("limit", "erased", "left"),
    [
        (None, ["b"], ["a", "c", "d"]),
        (2, ["b"], ["a", "c"]),  # what the limit had kept out comes in
        (2, ["a", "b"], ["c", "d"]),
        (2, ["d"], ["a", "b"]),
        (1, ["a", "b", "c", "d"], []),
    ],
)
def test_candidates_erased_during_a_search_leave_the_list(
    held: Held, gallery: Gallery[int], limit: int | None, erased: list[str], left: list[str]
) -> None:
    """The rows are erased after their segment was searched."""
    gallery.enrol(["d"], [4])
    assert len(gallery._core.segments()) == 2
    held.pass_freely = 1
    found: list[Any] = []
    searching = in_thread(lambda: found.append(gallery.search(1, limit=limit, threads=1)))
    assert until(lambda: held.inside == 1)
    erasing = in_thread(lambda: gallery.erase(erased))
    assert until(lambda: sum(s.live_rows for s in gallery._core.segments()) == 4 - len(erased))
    held.go.set()
    searching.join(PATIENCE)
    erasing.join(PATIENCE)
    assert found[0].reference_ids == left
    assert found[0].n_found == 4 - len(erased)
    assert found[0].truncated == (limit is not None and limit < 4 - len(erased))


def test_a_search_begun_before_an_enrolment_does_not_see_it(
    held: Held, gallery: Gallery[int]
) -> None:
    found: list[Any] = []
    searching = in_thread(lambda: found.append(gallery.search(1)))
    assert until(lambda: held.inside == 1)
    # An enrolment does not wait.
    gallery.enrol(["d"], [4])
    gallery.compact()
    held.go.set()
    searching.join(PATIENCE)
    assert found[0].reference_ids == ["a", "b", "c"]
    assert found[0].examined == 3
    assert gallery.search(1).reference_ids == ["a", "b", "c", "d"]


def test_an_erasure_reaches_the_segment_that_a_running_search_still_holds(
    held: Held, gallery: Gallery[int]
) -> None:
    """The segment was merged away; the search that began before still reads it."""
    found: list[Any] = []
    (old,) = gallery._core.segments()
    searching = in_thread(lambda: found.append(gallery.search(1)))
    assert until(lambda: held.inside == 1)
    gallery.enrol(["d", "e"], [4, 5])
    assert old not in gallery._core.segments()
    erasing = in_thread(lambda: gallery.erase(["b"]))
    assert until(lambda: not old.is_live(1))
    held.go.set()
    searching.join(PATIENCE)
    erasing.join(PATIENCE)
    assert found[0].reference_ids == ["a", "c"]
    assert old.columns["value"].tolist() == [1, -1, 3]


def test_a_replacement_waits_and_is_atomic(held: Held, gallery: Gallery[int]) -> None:
    found: list[Any] = []
    searching = in_thread(lambda: found.append(gallery.search(1)))
    assert until(lambda: held.inside == 1)
    replacing = in_thread(lambda: gallery.replace(["b"], [20]))
    replacing.join(0.2)
    assert replacing.is_alive()
    assert gallery._core.segments()[0].live_rows == 3
    held.go.set()
    for thread in (searching, replacing):
        thread.join(PATIENCE)
    assert found[0].reference_ids == ["a", "b", "c"]
    assert gallery["b"] == 20


@pytest.mark.parametrize("limit", [None, 2])
@pytest.mark.parametrize("end", ["erase", "replace"])
def test_an_erasure_between_two_groups_of_a_batch_reaches_both(
    held: Held, gallery: Gallery[int], end: str, limit: int | None
) -> None:
    """The gate opens after 1024 probes, so that an erasure need not wait for the whole batch."""
    found: list[Any] = []
    held.pass_freely = 1024
    probes = [1] * 1100
    searching = in_thread(lambda: found.append(gallery.search_many(probes, limit=limit)))
    assert until(lambda: held.inside == 1)
    assert held.passed == 1024
    (segment,) = gallery._core.segments()
    change = (
        (lambda: gallery.erase(["b"])) if end == "erase" else (lambda: gallery.replace(["b"], [20]))
    )
    changing = in_thread(change)
    # The second group stands inside the gate, so the change waits; then it is let through before
    # the first group's lists are given out.
    assert not until(lambda: not changing.is_alive(), 0.2)
    held.go.set()
    searching.join(PATIENCE)
    changing.join(PATIENCE)
    wanted = ["a", "b", "c"] if end == "replace" else ["a", "c"]
    for answer in found[0]:
        assert answer.reference_ids == wanted[:limit]
        assert all(str(candidate.explain()) for candidate in answer)  # none is gone
    assert segment.columns["value"].tolist() == [1, -1, 3]


# --- a category whose matcher is Python ---------------------------------------------------------


def test_python_matchers_under_threads() -> None:
    """The matcher acquires the interpreter lock in threads of the core, and releases it."""
    gallery: Gallery[int] = Gallery(NUMBERS)
    for part in range(4):  # four segments, so that the tasks are spread over threads
        n = 3 ** (6 - part)
        gallery.enrol([f"{part}-{i}" for i in range(n)], [10 * i for i in range(n)])
    assert len(gallery._core.segments()) == 4

    def search(threads: int) -> None:
        found = gallery.search_many([0, 10, 55, 250], threads=threads)
        wanted = [
            [f"{p}-0" for p in range(4)],
            [f"{p}-1" for p in range(4)],
            [],
            [f"{p}-25" for p in range(4)],
        ]
        assert [answer.reference_ids for answer in found] == wanted

    with crew() as working:
        for threads in (1, 2, 4):
            working.repeat(f"{threads} threads", partial(search, threads))
        for i in range(150):
            gallery.enrol([f"extra {i}"], [10_000 + i])
            gallery.erase([f"extra {i}"])


class Broken(NumberMatching):
    def __init__(self, answer: Any) -> None:
        self.answer = answer

    def prepare(self, probes: Sequence[int], policy: Within) -> _native.Matcher:
        def search(columns: Columns, begin: int, end: int, probe: int) -> Any:
            if isinstance(self.answer, Exception):
                raise self.answer
            return self.answer

        return _native.PythonMatcher(search, len(probes))


def arrays(rows: list[int], ranks: list[int], details: list[int]) -> Any:
    return (
        np.array(rows, np.uint32),
        np.array(ranks, np.uint64),
        np.array(details, np.uint64),
    )


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize(
    ("answer", "kind", "code"),
    [
        (ZeroDivisionError("mine"), ZeroDivisionError, None),
        (arrays([7], [0], [0]), InvalidInput, "bad_row"),
        (arrays([0, 1], [0], [0, 0]), InvalidInput, "bad_row"),
        (None, Exception, None),
        ((1,), Exception, None),
    ],
)
def test_a_failing_matcher_only_fails_its_own_search(
    answer: Any, kind: type[Exception], code: str | None, threads: int
) -> None:
    matching = Broken(answer)
    gallery: Gallery[int] = Gallery(Category("broken", NumberLayout(), matching))
    for part in range(3):
        n = 3 ** (3 - part)
        gallery.enrol([f"{part}-{i}" for i in range(n)], list(range(n)))
    for _ in range(3):
        with pytest.raises(kind) as caught:
            gallery.search(1, threads=threads)
        assert getattr(caught.value, "code", None) == code
    # The gate is open again: an erasure does not wait for ever, and searches go on.
    gallery.erase(["0-0"])
    matching.answer = arrays([], [], [])
    assert len(gallery.search(1, threads=threads)) == 0
