"""Ours: `nbytes` of the columns of all segments, by group."""

from __future__ import annotations

from benchmarks.counted import bytes_by_group
from benchmarks.loading import unusable
from benchmarks.task import Pass
from benchmarks.vehicle.memory import MemoryCase
from prum_match import vehicle

NAME = "prum_match"
# What is handed out again, and chassis numbers with their indexes.
APART = ("ids", "spelling", "valid", "details", "vin")


def missing() -> str | None:
    return unusable("pyarrow")


def load(case: MemoryCase) -> Pass:
    gallery = vehicle.Gallery()
    gallery.enrol_table(case.register.table)

    return Pass(
        lambda: bytes_by_group(gallery),
        lambda groups: {},
        how="counted, not timed",
        measure=lambda groups: sum(size for group, size in groups.items() if group not in APART),
        detail=lambda groups: {"bytes_a_plate": groups},
    )
