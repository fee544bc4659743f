"""Ours: `Gallery.search_many` with all filters at once."""

from __future__ import annotations

from typing import Any

from benchmarks.police_record.data import enrolled
from benchmarks.police_record.dice import THRESHOLD, DiceCase, plain
from benchmarks.rows import row_of
from benchmarks.task import Answer, Pass
from prum_match import police_record

NAME = "prum_match"


def missing() -> str | None:
    return None


def load(case: DiceCase) -> Pass:
    gallery, policy = enrolled(case.data), police_record.DicePolicy(threshold=THRESHOLD)

    def answer(found: Any) -> Answer:
        rows = {i: [row_of(name) for name in each.reference_ids] for i, each in enumerate(found)}
        return plain(rows, len(case.data.probes))

    return Pass(lambda: gallery.search_many(case.data.probes, policy=policy, threads=1), answer)
