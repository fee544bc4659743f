"""Ours: `Gallery.enrol` with one profile."""

from __future__ import annotations

import time
from pathlib import Path

from benchmarks.storage.base import OURS, Done, timed_within
from benchmarks.storage.single import SingleCase
from benchmarks.task import Pass
from prum_match import dna

NAME = OURS


def missing() -> str | None:
    return None


def load(case: SingleCase) -> Pass:
    items = list(zip(case.database.reference_ids, case.profiles, strict=True))

    def run() -> Done:
        with case.room.another() as folder:
            path = Path(folder) / "gallery"
            dna.Gallery().save(path)
            with dna.Gallery.open(path, mode="rw") as gallery:
                start = time.perf_counter()
                for reference_id, profile in items:
                    gallery.enrol([reference_id], [profile])
                seconds = time.perf_counter() - start
                detail = {"bytes_a_record": len(case.record), **case.room.facts}
                return Done(seconds, case.read_back(gallery), detail)

    return timed_within(run)
