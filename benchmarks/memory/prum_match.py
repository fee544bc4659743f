"""Ours: `nbytes` of the columns of all segments, by group."""

from __future__ import annotations

from benchmarks.data import LOCI
from benchmarks.memory import MemoryCase
from benchmarks.task import Pass
from prum_match import dna

NAME = "prum_match"
IDS = "ids"

Groups = dict[str, float]


def missing() -> str | None:
    return None


def load(case: MemoryCase) -> Pass:
    gallery = dna.Gallery()
    gallery.enrol(case.database.reference_ids, dna.ProfileTable(LOCI, case.database.alleles))

    def run() -> Groups:
        groups: Groups = {}
        for segment in gallery.segments():
            for name, column in segment.columns.items():
                group = name.partition(".")[0]
                groups[group] = groups.get(group, 0) + column.nbytes / len(gallery)
        return groups

    return Pass(
        run,
        lambda groups: {},
        how="counted, not timed",
        measure=lambda groups: sum(size for group, size in groups.items() if group != IDS),
        detail=lambda groups: {"bytes_a_profile": groups},
    )
