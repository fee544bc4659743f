"""The best face is erased during searches for the best: the next one takes its place at once.

All references are candidates, in a known order. The best are erased one after the other, and new
ones are enrolled behind the worst, so every list is as long as its limit.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from prum_match import face
from support.threads import PATIENCE, crew

D = 64
MODEL = face.Model("made up", "1", D, normalise="none")
RUNGS = 12
OTHERS = 700
ROUNDS = 60
BATCH = 40


def rung(number: int) -> face.Embedding:
    """Return a vector whose score falls with the rung; only the first component matters."""
    vector = np.random.default_rng(number).standard_normal(D).astype(np.float32)
    vector[0] = 10 - number / 1024
    return face.Embedding(vector, MODEL)


PROBE = face.Embedding(np.eye(1, D, dtype=np.float32)[0], MODEL)
AWAY = face.Embedding(-np.eye(1, D, dtype=np.float32)[0], MODEL)


class Ladder:
    """A gallery whose best reference is erased repeatedly."""

    def __init__(self) -> None:
        self.gallery = face.Gallery(MODEL)
        random = np.random.default_rng(9)
        others = random.standard_normal((OTHERS, D)).astype(np.float32)
        others[:, 0] = -1
        self.gallery.enrol([f"other {i}" for i in range(OTHERS)], others)
        self.gallery.enrol([f"{i}" for i in range(RUNGS)], [rung(i) for i in range(RUNGS)])
        self.started = self.finished = 0

    def step(self) -> None:
        """Enrol a reference behind the others, then erase the best."""
        last = self.finished + RUNGS
        self.gallery.enrol([f"{last}"], [rung(last)])
        self.started += 1
        self.gallery.erase([f"{self.finished}"])
        self.finished += 1

    def check(self, answer: Any, limit: int, first: int, last: int) -> None:
        """Tell whether a list belongs to a moment between two counts of erasures."""
        assert len(answer) == limit
        assert answer.truncated
        assert answer.n_found == limit + 1
        best = int(answer.reference_ids[0])
        assert first <= best <= last, "an erased one, or not the best"
        assert answer.reference_ids == [f"{best + i}" for i in range(limit)]
        assert answer.scores.tolist() == [10 - (best + i) / 1024 for i in range(limit)]


@pytest.mark.parametrize("limit", [1, 3])
@pytest.mark.parametrize("threshold", [None, -0.5])
def test_the_next_best_replaces_an_erased_best(limit: int, threshold: float | None) -> None:
    ladder = Ladder()
    policy = face.Policy(threshold=threshold)
    together = [PROBE, AWAY] * (BATCH // 2)

    def search(threads: int) -> Callable[[], None]:
        def once() -> None:
            first = ladder.finished
            answer = ladder.gallery.search(PROBE, policy=policy, limit=limit, threads=threads)
            ladder.check(answer, limit, first, ladder.started)

        return once

    def search_many() -> None:
        first = ladder.finished
        answers = list(ladder.gallery.search_many(together, policy=policy, limit=limit, threads=2))
        last = ladder.started
        for answer in answers[::2]:
            ladder.check(answer, limit, first, last)
        # Seen from the other side, those who stay are the best.
        assert all(len(answer) == limit for answer in answers)
        assert {answer.scores.tolist()[0] for answer in answers[1::2]} == {1.0}

    with crew() as working:
        working.repeat("one thread", search(1))
        working.repeat("three threads", search(3))
        working.repeat("many", search_many)
        end = time.monotonic() + PATIENCE
        while not working.stop.is_set() and not (
            working.all_came_round() and ladder.finished >= ROUNDS
        ):
            assert time.monotonic() < end, working.rounds
            ladder.step()
    final = ladder.gallery.search(PROBE, policy=policy, limit=limit)
    ladder.check(final, limit, ladder.finished, ladder.finished)


def test_replacing_the_best_by_a_worse_item_and_back() -> None:
    """The best is the first or, while that one is worse, the second; never another one."""
    gallery = Ladder().gallery
    best = {"0": 10.0, "1": 10 - 1 / 1024}
    seen: set[str] = set()

    def look(answers: list[Any]) -> None:
        for answer in answers:
            (name,) = answer.reference_ids
            assert answer.scores.tolist() == [best[name]]
            seen.add(name)

    rounds = 0
    with crew() as working:
        working.repeat("one", lambda: look([gallery.search(PROBE, limit=1)]))
        working.repeat("many", lambda: look(list(gallery.search_many([PROBE] * BATCH, limit=1))))
        end = time.monotonic() + PATIENCE
        while not working.stop.is_set() and not (
            working.all_came_round() and rounds >= ROUNDS and seen == {"0", "1"}
        ):
            assert time.monotonic() < end, (working.rounds, seen)
            gallery.replace(["0"], [rung(512 if rounds % 2 == 0 else 0)])
            rounds += 1
