"""A subject whose best image is erased during a search is still found, by the next best."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from prum_match import face
from support.galleries.kits import FACE
from support.threads import PATIENCE, crew

SUBJECTS = 6
PROBE = FACE.item(0)


def gallery_of() -> face.Gallery:
    """Return six subjects, each with an image that stays, among images without subjects."""
    gallery: Any = FACE.gallery()
    others = 150
    gallery.enrol([f"other {i}" for i in range(others)], FACE.items(range(1, 1 + others)))
    gallery.enrol(
        [f"stays {i}" for i in range(SUBJECTS)],
        [FACE.item(0, 2)] * SUBJECTS,
        subject_ids=[f"S{i}" for i in range(SUBJECTS)],
    )
    assert isinstance(gallery, face.Gallery)
    return gallery


@pytest.mark.parametrize("limit", [None, SUBJECTS, 3, 1])
def test_every_subject_is_listed_exactly_once(limit: int | None) -> None:
    gallery = gallery_of()
    wanted = min(limit or SUBJECTS, SUBJECTS)

    def check(answer: Any) -> None:
        names = [name.split()[1] for name in answer.reference_ids]
        assert len(names) == len(set(names)) == wanted
        assert answer.truncated == (wanted < SUBJECTS)
        assert wanted + answer.truncated <= answer.n_found <= SUBJECTS
        scores = answer.scores.tolist()
        assert scores == sorted(scores, reverse=True)

    def search(threads: int) -> Callable[[], None]:
        return lambda: check(gallery.search(PROBE, limit=limit, threads=threads))

    def search_many() -> None:
        for answer in gallery.search_many([PROBE] * 13, limit=limit, threads=2):
            check(answer)

    def come_and_go(i: int) -> None:
        gallery.enrol([f"best {i}"], [FACE.item(0, 1)], subject_ids=[f"S{i}"])
        gallery.replace([f"stays {i}"], [FACE.item(0, 2)])
        gallery.erase([f"best {i}"])

    with crew() as working:
        working.repeat("one thread", search(1))
        working.repeat("three threads", search(3))
        working.repeat("many", search_many)
        end = time.monotonic() + PATIENCE
        rounds = 0
        while not working.stop.is_set() and not (working.all_came_round() and rounds > 60):
            assert time.monotonic() < end, working.rounds
            come_and_go(rounds % SUBJECTS)
            rounds += 1
