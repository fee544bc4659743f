"""Tables of error rates, and what ours have to be beside the best peer's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np

from benchmarks.dactyloscopy.data import Prints
from benchmarks.dactyloscopy.measures import Pairs, Rate, Scores, eer, fnmr_at, fvc_eer
from benchmarks.dactyloscopy.scores import OURS


@dataclass(frozen=True)
class Goal:
    """A rate of ours that has to be below the best peer's by a share."""

    name: str
    rate: Rate
    least: float


EER = Goal("EER", eer, 0.5)
FNMR = tuple(Goal(f"FNMR@{fmr:g}", partial(fnmr_at, fmr=fmr), 0.25) for fmr in (0.01, 0.001))
SHOWN = (EER, *FNMR)


def section(
    title: str,
    which: Pairs,
    scores: Mapping[str, Scores],
    goals: tuple[Goal, ...],
    replicates: int,
    prints: Prints | None = None,
) -> Iterator[str]:
    """Yield the table of one set of comparisons, and our verdicts if we take part.

    With `prints`, those that were compared with each other, EERs by FVC's protocol are shown, too.
    """
    mated, nonmated = int(which.mated.sum()), int(which.nonmated.sum())
    yield f"  {title}: {mated:,} mated, {nonmated:,} non-mated comparisons; rates in %"
    fvc = "  EER by FVC's protocol: mean: each database" if prints is not None else ""
    yield f"    {'matcher':<20}" + "".join(f"{goal.name:>12}" for goal in SHOWN) + fvc
    complete = {name: s for name, s in scores.items() if not np.isnan(s[which.wanted]).any()}
    for name, found in scores.items():
        if name in complete:
            split = which.split(found)
            rates = "".join(f"{goal.rate(*split) * 100:12.2f}" for goal in SHOWN)
            yield f"    {name:<20}{rates}" + (_by_fvc(prints, found) if prints is not None else "")
        else:
            yield f"    {name:<20} not run on all of these: too slow"
    peers = {name: found for name, found in complete.items() if name != OURS}
    if OURS in complete and peers:
        for goal in goals:
            yield _verdict(goal, which, complete[OURS], peers, replicates)


def _by_fvc(prints: Prints, scores: Scores) -> str:
    each = [100 * rate for rate in fvc_eer(prints, scores).values()]
    return f"  {np.mean(each):.2f}: " + " ".join(f"{rate:.2f}" for rate in each)


def _verdict(
    goal: Goal, which: Pairs, ours: Scores, peers: Mapping[str, Scores], replicates: int
) -> str:
    best = min(peers, key=lambda name: goal.rate(*which.split(peers[name])))
    found = which.reduction(goal.rate, ours, peers[best], replicates)
    met = "met" if found.estimate >= goal.least and found.low > 0 else "NOT MET"
    return (
        f"    must: {goal.name} >= {goal.least:.0%} below the best peer's ({best}), interval above "
        f"0: {found.estimate:.1%}, 95 % interval {found.low:.1%} to {found.high:.1%} "
        f"({found.subjects} fingers, {found.replicates} resamples): {met}"
    )
