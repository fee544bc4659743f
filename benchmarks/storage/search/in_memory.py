"""Ours: `Gallery.search` of the gallery that was saved."""

from __future__ import annotations

from benchmarks.dna.search.prum_match import searching
from benchmarks.storage.mapped import IN_MEMORY
from benchmarks.storage.search import MappedCase
from benchmarks.task import Pass

NAME = IN_MEMORY


def missing() -> str | None:
    return None


def load(case: MappedCase) -> Pass:
    return searching(case, case.gallery)
