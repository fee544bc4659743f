"""Which of a million vectors are most like a probe, or like enough: open-set 1:N search."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.face.data import Kind, Probes, Vectors
from benchmarks.face.rivals import faiss
from benchmarks.rows import reference_id
from benchmarks.task import Answer, Pass
from prum_match import face

MODEL = face.Model(name="simulated", version="1", dimension=512)

Found = tuple[Sequence[Any], Any]
"""Candidates of one probe, as ids or rows, and their scores."""


@dataclass(frozen=True)
class SearchCase:
    """Vectors, and probes that come `block` at a time.

    Attributes
    ----------
    many : Probes
        At least 1,000, for those who are faster with more at once; the task's own come first.
    slow : int
        Probes that libraries which gain nothing from a block search with.
    """

    kind: Kind
    vectors: Vectors
    many: Probes
    count: int
    slow: int
    block: int
    threshold: float | None
    limit: int | None
    threads: int

    @property
    def probes(self) -> Probes:
        return self.many.first(self.count)

    @cached_property
    def gallery(self) -> face.Gallery:
        """The vectors, enrolled in one call; the array itself serves as the originals."""
        gallery = face.Gallery(MODEL)
        ids = [reference_id(row) for row in range(len(self.vectors))]
        gallery.enrol(ids, face.Embeddings(self.vectors, keep="view"))
        return gallery

    @cached_property
    def flat(self) -> Any:
        """The vectors in an index of FAISS, made once for all that need it: another 2 GB."""
        index = faiss(self.threads).IndexFlatIP(self.vectors.shape[1])
        index.add(self.vectors)
        return index

    @property
    def scanned(self) -> int:
        """Bytes of the columns that a search reads in full."""
        segments = self.gallery._core.segments()
        return sum(s.columns[name].nbytes for s in segments for name in ("high", "coarse"))

    def scores(self, probe: int, rows: Sequence[int]) -> NDArray[np.float64]:
        """Return exact products, summed in float64."""
        chosen = self.vectors[list(rows)].astype(np.float64)
        products: NDArray[np.float64] = chosen @ self.many.vectors[probe].astype(np.float64)
        return products

    def rounded(self, probe: int, row: int) -> float:
        """Return a score as it has to be: the exact one, rounded once."""
        a, b = self.many.vectors[probe].astype(np.float64), self.vectors[row].astype(np.float64)
        return math.fsum((a * b).tolist())


@dataclass(frozen=True)
class Sweep:
    """What was found for every probe, and the seconds of every block, in one pass."""

    found: list[Found]
    seconds: list[float]


Search = Callable[[Vectors], Sequence[Found]]
RowOf = Callable[[Any], int]


def sweep(
    case: SearchCase,
    search: Search,
    *,
    row_of: RowOf = int,
    block: int | None = None,
    count: int | None = None,
    exact: bool = True,
    detail: Callable[[Sweep], Mapping[str, object]] | None = None,
) -> Pass:
    """Return the pass over all probes of a case, a block at a time.

    Parameters
    ----------
    case : SearchCase
        What is searched.
    search : callable
        Gives the candidates of each probe of a block.
    row_of : callable
        Row of the set that a candidate is.
    block, count : int, optional
        Where a library works with other probes than the case has: its time is scaled.
    exact : bool
        Whether the library promises what it finds.
    detail : callable, optional
        Figures besides the slowest block and its like.
    """
    size, total = block or case.block, count or case.count
    probes = case.many.vectors[:total]

    def run() -> Sweep:
        result = Sweep([], [])
        for begin in range(0, total, size):
            start = time.perf_counter()
            result.found.extend(search(probes[begin : begin + size]))
            result.seconds.append(time.perf_counter() - start)
        return result

    def answer(result: Sweep) -> Answer:
        return {p: _ranked(*result.found[p], row_of) for p in range(min(total, case.count))}

    how = "in full"
    if (size, total) != (case.block, case.count):
        how = f"{total:,} probes, {size:,} at once, scaled to {case.count:,}"
    return Pass(run, answer, total / case.count, how, detail=detail, exact=exact)


def _ranked(candidates: Sequence[Any], scores: Any, row_of: RowOf) -> tuple[int, ...]:
    order = np.argsort(-np.asarray(scores), kind="stable")
    return tuple(row_of(candidates[i]) for i in order)
