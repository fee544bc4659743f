"""Ours: `nbytes` of the columns of all segments, by group."""

from __future__ import annotations

from benchmarks.counted import bytes_by_group
from benchmarks.dna.data import LOCI
from benchmarks.dna.memory import MemoryCase
from benchmarks.task import Pass
from prum_match import dna

NAME = "prum_match"
IDS = "ids"


def missing() -> str | None:
    return None


def load(case: MemoryCase) -> Pass:
    gallery = dna.Gallery()
    gallery.enrol(case.database.reference_ids, dna.ProfileTable(LOCI, case.database.alleles))

    return Pass(
        lambda: bytes_by_group(gallery),
        lambda groups: {},
        how="counted, not timed",
        measure=lambda groups: sum(size for group, size in groups.items() if group != IDS),
        detail=lambda groups: {"bytes_a_profile": groups},
    )
