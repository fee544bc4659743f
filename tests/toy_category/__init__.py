"""A category in some sixty lines: whole numbers, searched by distance.

It uses only the public interface of the engine, and passes the gallery suite, which shows that the
engine does not depend on DNA; the how-to page "add a category" walks through it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from prum_match import engine
from prum_match.errors import InvalidInput


@dataclass(frozen=True, kw_only=True)
class Within(engine.Policy):
    """A candidate is at most `distance` away."""

    distance: int = 2


@dataclass(frozen=True)
class Distance:
    probe: int
    reference: int

    def __str__(self) -> str:
        return f"{self.probe} and {self.reference} are {abs(self.probe - self.reference)} apart"


class NumberLayout(engine.Layout[int]):
    columns = (engine.Column("value", filler=-1),)

    def encode(self, items: Sequence[int]) -> engine.Encoded:
        good = [i for i, item in enumerate(items) if isinstance(item, int) and 0 <= item < 1 << 40]
        refused = tuple(
            InvalidInput("not a number", code="bad_number", index=i, field="value", value=items[i])
            for i in sorted(set(range(len(items))) - set(good))
        )
        values = np.array([items[i] for i in good], np.int64)
        return engine.Encoded({"value": values}, np.array(good, np.int64), refused)

    def decode(self, segment: engine.Segment, row: int) -> int:
        return int(segment.columns["value"][row])


class NumberMatching(engine.Matching[int, Within]):
    default_policy = Within(name="within", version="1", source="made up for tests")

    def prepare(self, probes: Sequence[int], policy: Within) -> engine.Matcher:
        def search(
            columns: engine.Columns, begin: int, end: int, probe: int
        ) -> tuple[NDArray[np.uint32], NDArray[np.uint64], NDArray[np.uint64]]:
            distance = np.abs(columns["value"][begin:end] - probes[probe]).astype(np.uint64)
            rows = np.flatnonzero(distance <= policy.distance)
            return (rows + begin).astype(np.uint32), distance[rows], np.zeros(len(rows), np.uint64)

        return engine.PythonMatcher(search, len(probes))

    def explain(self, probe: int, reference: int, policy: Within) -> Distance:
        return Distance(probe, reference)

    def results(
        self, rank: NDArray[np.uint64], detail: NDArray[np.uint64], policy: Within
    ) -> engine.Columns:
        return {"score": -rank.astype(np.float64)}


NUMBERS = engine.register(engine.Category("numbers", NumberLayout(), NumberMatching()))
