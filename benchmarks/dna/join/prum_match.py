"""Ours: `Gallery.join`."""

from __future__ import annotations

from typing import Any

from benchmarks.dna.join import POLICY, JoinCase
from benchmarks.task import Answer, Pass

NAME = "prum_match"

Pairs = list[tuple[str, str]]


def missing() -> str | None:
    return None


def load(case: JoinCase) -> Pass:
    stains, persons = case.stain_gallery, case.person_gallery

    def run() -> Pairs:
        pairs: Pairs = []
        for block in stains.join(persons, policy=POLICY, threads=1):
            pairs.extend(zip(block.probe_ids, block.reference_ids, strict=True))
        return pairs

    def answer(pairs: Pairs) -> Answer:
        found: dict[str, Any] = {stain: [] for stain in case.stains.reference_ids}
        for stain, person in pairs:
            found[stain].append(person)
        return found

    return Pass(run, answer, detail=lambda pairs: {"pairs": len(pairs)})
