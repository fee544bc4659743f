"""The Python Record Linkage Toolkit: its blocks, its binary levels, its ECM classifier."""

from __future__ import annotations

import warnings
from typing import Any

from benchmarks.loading import unusable
from benchmarks.police_record import febrl
from benchmarks.police_record.febrl import Febrl
from benchmarks.police_record.linkage import COLUMNS, judged
from benchmarks.task import Pass

NAME = "recordlinkage ECM"
SIMILAR = 0.85


def missing() -> str | None:
    return febrl.missing() or unusable("recordlinkage", "pandas")


def load(case: Febrl) -> Pass:
    frames = case.frames()[: 1 if case.one else 2]
    indexed = [frame.assign(year=frame["date_of_birth"].str[:4]) for frame in frames]
    return Pass(
        lambda: link(indexed),
        lambda found: None,
        how="fit and link, no threshold of its own",
        detail=lambda found: judged(case, *found),
    )


def link(frames: list[Any]) -> tuple[Any, Any]:
    """Fit and link; return the positions of pairs."""
    import recordlinkage as rl

    # It is of the time before pandas 3.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        index = rl.Index()
        for block in (["surname"], ["given_name"], ["date_of_birth"], ["suburb", "year"]):
            index.block(block)
        candidates = index.index(*frames)
        compare = rl.Compare()
        given, surname, born, suburb, state = COLUMNS
        for name in (given, surname, suburb):
            compare.string(name, name, method="jarowinkler", threshold=SIMILAR)
        for name in (born, state):
            compare.exact(name, name)
        vectors = compare.compute(candidates, *frames)
        found = rl.ECMClassifier().fit_predict(vectors)
    return found.get_level_values(0).to_numpy(), found.get_level_values(1).to_numpy()
