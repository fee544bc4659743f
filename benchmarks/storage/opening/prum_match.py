"""Ours: `Gallery.open` of a saved gallery."""

from __future__ import annotations

import time
from pathlib import Path

from benchmarks.storage.base import OURS, Done, timed_within
from benchmarks.storage.profiles import ProfilesCase
from benchmarks.task import Pass
from prum_match import dna

NAME = OURS


def missing() -> str | None:
    return None


def load(case: ProfilesCase) -> Pass:
    return opening(case, case.save("gallery"))


def opening(case: ProfilesCase, path: Path) -> Pass:
    """Return the pass that opens a gallery, reads a sample back and closes it again."""

    def run() -> Done:
        start = time.perf_counter()
        gallery = dna.Gallery.open(path)
        len(gallery)
        seconds = time.perf_counter() - start
        with gallery:
            return Done(seconds, case.read_back(gallery), case.room.facts)

    return timed_within(run, "in full: ids, their index and profiles, mapped")
