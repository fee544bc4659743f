"""Ours: `Gallery.search`, the whole call as a host makes it."""

from __future__ import annotations

from benchmarks.dna.search import POLICY, SearchCase, sweep
from benchmarks.dna.search.stages import measure as stages
from benchmarks.task import Pass
from prum_match import dna

__all__ = ["NAME", "load", "missing", "searching", "stages"]

NAME = "prum_match"


def missing() -> str | None:
    return None


def load(case: SearchCase) -> Pass:
    return searching(case, case.gallery)


def searching(case: SearchCase, gallery: dna.Gallery) -> Pass:
    """Return the pass over all probes against a gallery of the case's database."""
    profiles = case.profiles

    def search_one(probe: int) -> list[str]:
        return gallery.search(profiles[probe], policy=POLICY, threads=1).reference_ids

    return sweep(case, search_one)
