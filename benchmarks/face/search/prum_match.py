"""Ours: `Gallery.search` or `search_many`, the whole call as a host makes it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from benchmarks.face.data import Vectors
from benchmarks.face.search import Found, SearchCase, Sweep, sweep
from benchmarks.rows import row_of
from benchmarks.task import Pass
from prum_match import face

NAME = "prum_match"


def missing() -> str | None:
    return None


def load(case: SearchCase) -> Pass:
    return searching(case, case.gallery)


def searching(case: SearchCase, gallery: face.Gallery) -> Pass:
    """Return the pass over all probes against a gallery of the case's vectors."""
    limit, threads = case.limit, case.threads
    policy = face.Policy(threshold=case.threshold)

    def one(block: Vectors) -> list[Found]:
        found = gallery.search(block[0], policy=policy, limit=limit, threads=threads)
        return [(found.reference_ids, found.scores)]

    def many(block: Vectors) -> list[Found]:
        lists = gallery.search_many(block, policy=policy, limit=limit, threads=threads)
        return [(found.reference_ids, found.scores) for found in lists]

    def detail(result: Sweep) -> Mapping[str, object]:
        return _detail(case, result)

    search = one if case.block == 1 else many
    return sweep(case, search, row_of=row_of, detail=detail)


def _detail(case: SearchCase, result: Sweep) -> Mapping[str, object]:
    mated = [p for p in range(case.count) if case.probes.mates[p] >= 0]
    rows = [[row_of(identifier) for identifier in ids] for ids, _ in result.found]
    mates = sum(int(case.probes.mates[p]) in rows[p] for p in mated)
    scored = [
        (p, row, score)
        for p, (_, scores) in enumerate(result.found)
        for row, score in zip(rows[p], np.asarray(scores).tolist(), strict=True)
    ]
    correct = sum(case.rounded(p, row) == score for p, row, score in scored)
    comparisons = case.count * len(case.vectors)
    return {
        "probes": case.count,
        "candidates": len(scored),
        "correctly_rounded_scores": correct,
        "mated_probes": len(mated),
        "mates_found": mates,
        "median_ms": float(np.median(result.seconds)) * 1e3,
        "slowest_ms": max(result.seconds) * 1e3,
        "G_multiply_adds_a_second": comparisons * case.vectors.shape[1] / sum(result.seconds) / 1e9,
    }
