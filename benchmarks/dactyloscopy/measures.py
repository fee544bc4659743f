"""Error rates of mated and non-mated scores, and how they differ between two matchers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from benchmarks.dactyloscopy.data import Prints
from prum_match.evaluation import Interval, Trials, bootstrap_interval

Scores: TypeAlias = NDArray[np.float64]
Mask: TypeAlias = NDArray[np.bool_]
Rate: TypeAlias = Callable[[Scores, Scores], float]
"""An error rate of mated and non-mated scores."""

SEED = 1


@dataclass(frozen=True)
class Extent:
    """How much is compared: non-mated pairs across databases or not, and how many resamples."""

    across: bool = True
    replicates: int = 1000
    processes: int = 2


FULL = Extent()


def eer(mated: Scores, nonmated: Scores) -> float:
    """Return the equal error rate as FVC does: the middle of the interval where the rates cross."""
    at = np.unique(np.concatenate([mated, nonmated, [np.inf]]))
    fnmr = np.searchsorted(np.sort(mated), at) / len(mated)
    fmr = 1 - np.searchsorted(np.sort(nonmated), at) / len(nonmated)
    after = int(np.argmax(fnmr >= fmr))
    before = max(after - 1, 0) if fnmr[after] > fmr[after] else after
    best = before if fnmr[before] + fmr[before] <= fnmr[after] + fmr[after] else after
    return float((fnmr[best] + fmr[best]) / 2)


def fnmr_at(mated: Scores, nonmated: Scores, fmr: float) -> float:
    """Return the FNMR at the lowest threshold whose FMR is at most `fmr`.

    A score equal to the threshold matches. The threshold lies just above the first non-mated score
    that must not match.
    """
    allowed = int(fmr * len(nonmated) + 1e-9)
    if allowed >= len(nonmated):
        return 0.0
    kept_out = np.partition(nonmated, len(nonmated) - 1 - allowed)[len(nonmated) - 1 - allowed]
    return float(np.mean(mated <= kept_out))


def reduction(rate: float, other: float) -> float:
    """Return by which share a rate is below another."""
    if rate == other:
        return 0.0
    return 1 - rate / other if other else -np.inf


@dataclass(frozen=True)
class Pairs:
    """Which comparisons count, as masks over a matrix of scores, and whose prints they are of."""

    mated: Mask
    nonmated: Mask
    probe_fingers: NDArray[np.str_]
    reference_fingers: NDArray[np.str_]

    @property
    def wanted(self) -> Mask:
        return self.mated | self.nonmated

    def split(self, scores: Scores) -> tuple[Scores, Scores]:
        """Return mated and non-mated scores."""
        return scores[self.mated], scores[self.nonmated]

    def reduction(self, rate: Rate, scores: Scores, other: Scores, replicates: int) -> Interval:
        """Return by which share a rate of `scores` is below that of `other`, with its interval.

        Fingers are resampled, each resample once for both matchers, with all comparisons that are
        of the fingers drawn.
        """
        samples = [
            Trials(scores[mask], other[mask], subjects=self._fingers(mask))
            for mask in (self.mated, self.nonmated)
        ]
        return bootstrap_interval(
            lambda a, b, c, d: reduction(rate(a, c), rate(b, d)),
            samples,
            seed=SEED,
            replicates=replicates,
        )

    def _fingers(self, mask: Mask) -> NDArray[np.str_]:
        rows, columns = np.nonzero(mask)
        return np.column_stack([self.probe_fingers[rows], self.reference_fingers[columns]])


def pairs(probes: Prints, references: Prints, *, across: bool) -> Pairs:
    """Return every comparison once: mated ones, and non-mated ones within or across databases."""
    same_finger = probes.finger[:, None] == references.finger
    same_database = probes.database[:, None] == references.database
    once = np.ones(same_finger.shape, np.bool_)
    if probes is references:
        once = np.triu(once, 1)
    different = ~same_finger & once
    return Pairs(
        same_finger & once,
        different if across else different & same_database,
        probes.finger,
        references.finger,
    )


def fvc_eer(prints: Prints, scores: Scores) -> dict[str, float]:
    """Return the EER of each database by FVC's protocol.

    All impressions of a finger with each other, the first ones of all fingers with each other.
    """
    found = {}
    for name in np.unique(prints.database):
        here = prints.database == name
        within = prints.where(here)
        these = scores[np.ix_(here, here)]
        first = within.impression == within.impression.min()
        all_pairs = pairs(within, within, across=False)
        nonmated = all_pairs.nonmated & first & first[:, None]
        found[str(name)] = eer(these[all_pairs.mated], these[nonmated])
    return found
