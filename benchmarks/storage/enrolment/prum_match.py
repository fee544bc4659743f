"""Ours: `Gallery.enrol` into a gallery that was opened for writing."""

from __future__ import annotations

import time
from pathlib import Path

from benchmarks.dna.data import LOCI
from benchmarks.storage.base import OURS, Done, timed_within
from benchmarks.storage.enrolment import batches
from benchmarks.storage.profiles import ProfilesCase
from benchmarks.task import Pass
from prum_match import dna

NAME = OURS


def missing() -> str | None:
    return None


def load(case: ProfilesCase) -> Pass:
    ids = case.database.reference_ids
    parts = [(ids[rows], dna.ProfileTable(LOCI, case.alleles[rows])) for rows in batches(case)]

    def run() -> Done:
        with case.room.another() as folder:
            path = Path(folder) / "gallery"
            dna.Gallery().save(path)
            with dna.Gallery.open(path, mode="rw") as gallery:
                start = time.perf_counter()
                for batch in parts:
                    gallery.enrol(*batch)
                seconds = time.perf_counter() - start
                detail = {"segments": len(gallery._core.segments()), **case.room.facts}
                return Done(seconds, case.read_back(gallery), detail)

    return timed_within(run)
