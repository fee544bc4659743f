"""Ours: `Gallery.search`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from benchmarks.police_record.data import enrolled
from benchmarks.police_record.dice import THRESHOLD
from benchmarks.police_record.probe import ProbeCase, shares
from benchmarks.rows import reference_id
from benchmarks.task import Pass
from prum_match import police_record

NAME = "prum_match"


def missing() -> str | None:
    return None


def load(case: ProbeCase) -> Pass:
    gallery, data = enrolled(case.data), case.data
    policy = police_record.DicePolicy(threshold=THRESHOLD, by_tokens=case.by_tokens)
    probes = data.probes[: case.count]

    def run() -> list[Any]:
        return [gallery.search(probe, policy=policy, threads=1) for probe in probes]

    def true_matches(found: Any) -> set[int]:
        references = data.references.tolist()
        return {
            i
            for i, each in enumerate(found)
            if references[i] >= 0 and reference_id(references[i]) in each.reference_ids
        }

    def detail(found: list[Any]) -> Mapping[str, object]:
        figures = {"candidates_a_probe": sum(map(len, found)) / len(found)}
        if not case.by_tokens:
            return figures
        exhaustive = police_record.DicePolicy(threshold=THRESHOLD)
        everything = gallery.search_many(data.probes, policy=exhaustive, threads=1)
        return {**figures, **shares(true_matches(everything), true_matches(found))}

    return Pass(run, lambda found: {}, detail=detail)
