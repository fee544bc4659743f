"""Ours: `Gallery.search` of a gallery that was opened."""

from __future__ import annotations

from benchmarks.dna.search.prum_match import searching
from benchmarks.storage import mapped
from benchmarks.storage.base import OURS
from benchmarks.storage.search import MappedCase
from benchmarks.task import Pass

NAME = OURS


def missing() -> str | None:
    return None


def load(case: MappedCase) -> Pass:
    return mapped.with_pages(searching(case, case.mapped), case.room)
