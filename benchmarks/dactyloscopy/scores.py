"""Score matrices: ours at once, those of rivals pair by pair and kept by what was compared."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from hashlib import sha256
from importlib import import_module
from multiprocessing import get_context
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from benchmarks.dactyloscopy.data import Prints
from benchmarks.dactyloscopy.measures import Extent, Mask, Scores, pairs
from benchmarks.dactyloscopy.rivals import Rival
from prum_match.dactyloscopy import Template

Matcher: TypeAlias = Callable[[Sequence[Template], Sequence[Template]], Scores]

OURS = "prum_match"
CHUNK = 200
TIMED = 20


def folder() -> Path:
    """Return where to keep what takes long: ``$PRUM_BENCH_DIR``, or among temporary files."""
    named = os.environ.get("PRUM_BENCH_DIR")
    found = Path(named) if named else Path(tempfile.gettempdir(), "prum-match-bench")
    found.mkdir(parents=True, exist_ok=True)
    return found


def matcher(named: str) -> Matcher | None:
    """Return the callable ``module:name``; None for an empty name."""
    if not named:
        return None
    module, _, name = named.partition(":")
    found: Matcher = getattr(import_module(module), name)
    return found


def all_scores(
    score_matrix: Matcher | None,
    rivals: Sequence[Rival],
    probes: Prints,
    references: Prints,
    extent: Extent,
) -> dict[str, Scores]:
    """Return the scores of all matchers, ours first; NaN where one was not asked to compare.

    Prints of different databases are compared where `extent` says so, but not by slow rivals.
    """
    within = pairs(probes, references, across=False).wanted
    wanted = pairs(probes, references, across=extent.across).wanted
    scores = {}
    if score_matrix is not None:
        scores[OURS] = ours(score_matrix, probes, references, wanted)
    for rival in rivals:
        mask = within if rival.slow else wanted
        scores[rival.name] = of_rival(rival, probes, references, mask, extent.processes)
    return scores


def ours(score_matrix: Matcher, probes: Prints, references: Prints, wanted: Mask) -> Scores:
    """Return our scores where wanted, else NaN."""
    found = np.asarray(score_matrix(probes.templates, references.templates), dtype=np.float64)
    return np.where(wanted, found, np.nan)


def of_rival(
    rival: Rival, probes: Prints, references: Prints, wanted: Mask, processes: int = 2
) -> Scores:
    """Return a rival's scores where wanted, else NaN; only what was never compared is."""
    scores = _kept(rival, probes, references)
    todo = wanted & np.isnan(scores)
    if probes is references:
        todo |= todo.T
        todo = np.triu(todo)
    rows, columns = np.nonzero(todo)
    if len(rows):
        start = time.perf_counter()
        scores[rows, columns] = _compare(rival, probes, references, rows, columns, processes)
        if probes is references:
            scores[columns, rows] = scores[rows, columns]
        _save(_file(rival, probes, references), scores)
        _say(rival, probes, references, len(rows), time.perf_counter() - start)
    return np.where(wanted, scores, np.nan)


def seconds_for(rival: Rival, probes: Prints, references: Prints, size: int) -> float:
    """Return what a rival takes to compare all probes with so many references, by a sample."""
    if not np.isnan(_kept(rival, probes, references)[:, :size]).any():
        return 0.0
    random = np.random.default_rng(0)
    rows = random.integers(len(probes), size=TIMED)
    columns = random.integers(size, size=TIMED)
    pairs_of = [
        (rival.prepare(probes.templates[i]), rival.prepare(references.templates[j]))
        for i, j in zip(rows, columns, strict=True)
    ]
    rival.compare(*pairs_of[0])  # what is compiled at first use is no part of it
    start = time.perf_counter()
    for probe, reference in pairs_of:
        rival.compare(probe, reference)
    return (time.perf_counter() - start) / TIMED * len(probes) * size


def _kept(rival: Rival, probes: Prints, references: Prints) -> Scores:
    """Return the scores of earlier runs, NaN where there are none."""
    file = _file(rival, probes, references)
    return np.load(file) if file.exists() else np.full((len(probes), len(references)), np.nan)


def _file(rival: Rival, probes: Prints, references: Prints) -> Path:
    key = "|".join((rival.name, rival.release, rival.conversion, probes.digest, references.digest))
    digest = sha256(key.encode()).hexdigest()[:16]
    return folder() / f"{rival.name}-{probes.name}-{references.name}-{digest}.npy"


def _save(file: Path, scores: Scores) -> None:
    part = file.with_suffix(f".{os.getpid()}.part")
    with part.open("wb") as stream:
        np.save(stream, scores)
    part.replace(file)


def _say(rival: Rival, probes: Prints, references: Prints, pairs: int, seconds: float) -> None:
    print(
        f"  {rival.name}: {pairs:,} comparisons of {probes.name} with {references.name} in "
        f"{seconds:,.0f} s",
        file=sys.stderr,
        flush=True,
    )


_prepared: tuple[Rival, list[Any], list[Any]]


def _compare(
    rival: Rival,
    probes: Prints,
    references: Prints,
    rows: NDArray[np.intp],
    columns: NDArray[np.intp],
    processes: int,
) -> Scores:
    load = (rival, probes.templates, references.templates, probes is references)
    parts = [(rows[at : at + CHUNK], columns[at : at + CHUNK]) for at in range(0, len(rows), CHUNK)]
    if processes == 1 or len(parts) == 1:
        _load(*load)
        return np.concatenate([_part(part) for part in parts])
    # Spawned: libraries with threads of their own do not survive a fork.
    spawn = get_context("spawn")
    with ProcessPoolExecutor(processes, spawn, initializer=_load, initargs=load) as pool:
        return np.concatenate(list(pool.map(_part, parts)))


def _load(
    rival: Rival, probes: Sequence[Template], references: Sequence[Template], same: bool
) -> None:
    global _prepared
    first = [rival.prepare(template) for template in probes]
    second = first if same else [rival.prepare(template) for template in references]
    _prepared = rival, first, second


def _part(part: tuple[NDArray[np.intp], NDArray[np.intp]]) -> Scores:
    rival, probes, references = _prepared
    return np.array([rival.compare(probes[i], references[j]) for i, j in zip(*part, strict=True)])
