"""Searches with latents: how often the mate is missed, by rank and by penetration.

Two kinds of latents: patches of real prints whose other impressions are in the gallery among
generated prints, and generated latents. The mates of a probe taken away, its search is a non-mated
one; so every probe is both.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np

from benchmarks.dactyloscopy import generated
from benchmarks.dactyloscopy.data import Prints, join, kinds, middle
from benchmarks.dactyloscopy.measures import SEED, Mask, Scores, reduction
from benchmarks.dactyloscopy.patches import WHAT, patches
from benchmarks.dactyloscopy.rivals import Rival
from benchmarks.dactyloscopy.scores import OURS, Matcher, of_rival, seconds_for
from prum_match.evaluation import Trials, bootstrap_interval

RANK = 10
RANKS = (1, 10, 100)
PENETRATIONS = (0.001, 0.01, 0.1)
FPIR = 0.05
LEAST = 0.25
PEER = "nbis"


@dataclass(frozen=True)
class Extent:
    """Sizes of galleries, how many generated latents, what a rival may take, resamples."""

    sizes: tuple[int, ...] = (1_000, 10_000)
    only_ours: int = 100_000
    latents: int = 200
    seconds: float = 600.0
    replicates: int = 1000
    processes: int = 2


FULL = Extent()
QUICK = Extent((1_000,), 0, 50, 60.0, 200)


@dataclass(frozen=True)
class Searches:
    """Scores of probes with a gallery, the mates' and the others' told apart.

    Attributes
    ----------
    best_mate : numpy.ndarray of float64
        The best score of a mate, for each probe.
    best_other : numpy.ndarray of float64
        The best score of all others: that of a non-mated search.
    rank : numpy.ndarray of float64
        1 and the references of others that score more than the best mate, and half of those that
        score as much: the mean over all orders of equal scores.
    """

    best_mate: Scores
    best_other: Scores
    rank: Scores
    gallery: int

    @classmethod
    def of(cls, scores: Scores, mates: Mask) -> Searches:
        best = np.where(mates, scores, -np.inf).max(axis=1)
        others = np.where(mates, -np.inf, scores)
        more = (others > best[:, None]).sum(axis=1)
        equal = (others == best[:, None]).sum(axis=1)
        return cls(best, others.max(axis=1), 1 + more + equal / 2, scores.shape[1])

    def fnir(self, rank: float) -> float:
        """Return how often no mate is among so many best."""
        return float(np.mean(self.rank > rank))

    def fnir_at(self, fpir: float) -> float:
        """Return how often no mate reaches the threshold that so many non-mated searches reach."""
        allowed = int(fpir * len(self.best_other) + 1e-9)
        threshold = np.sort(self.best_other)[::-1][allowed]
        return float(np.mean(self.best_mate <= threshold))


def report(
    prints: Prints | None, score_matrix: Matcher | None, rivals: list[Rival], extent: Extent
) -> Iterator[str]:
    """Yield the tables of both kinds of latents; `prints`: the real ones, where there are any."""
    if prints is not None:
        real = prints.where(dict(kinds(prints))["real"])
        half = middle(real)
        probes, left_out = patches(real.where(real.impression <= half), SEED)
        references = real.where(real.impression > half)
        yield (
            f"patches of {real.name}, impressions to {half}: {WHAT}; {left_out} prints have too "
            f"few; {len(references)} prints of the same fingers in the gallery, all else generated"
        )
        yield from _tables(probes, references, score_matrix, rivals, extent)
    plain, latents = generated.fingers(
        extent.latents, ("plain", "latent"), ("coarse", "examiner"), processes=extent.processes
    )
    yield "generated latents, as an examiner reads them; one plain print of each in the gallery"
    yield from _tables(latents, plain, score_matrix, rivals, extent)


def _tables(
    probes: Prints,
    references: Prints,
    score_matrix: Matcher | None,
    rivals: list[Rival],
    extent: Extent,
) -> Iterator[str]:
    minutiae = np.mean([len(template) for template in probes.templates])
    yield f"  {len(probes)} probes, {minutiae:.0f} minutiae on average"
    largest = max(extent.sizes)
    if score_matrix is not None:
        largest = max(largest, extent.only_ours)
    (others,) = generated.fingers(
        largest - len(references), start=generated.OTHERS, processes=extent.processes
    )
    gallery = join(f"{references.name}-{max(extent.sizes)}", references, others)
    compared = gallery.first(max(extent.sizes))
    ours = None if score_matrix is None else score_matrix(probes.templates, gallery.templates)
    for size in sorted({*extent.sizes, largest}):
        found: dict[str, Searches] = {}
        mates = probes.finger[:, None] == gallery.finger[:size]
        if ours is not None:
            found[OURS] = Searches.of(ours[:, :size], mates)
        said = []
        for rival in rivals if size <= len(compared) else []:
            seconds = seconds_for(rival, probes, compared, size) / extent.processes
            if seconds > extent.seconds:
                said.append(f"    {rival.name:<20} not run: about {seconds:,.0f} s")
                continue
            wanted = np.zeros((len(probes), len(compared)), np.bool_)
            wanted[:, :size] = True
            scores = of_rival(rival, probes, compared, wanted, extent.processes)
            found[rival.name] = Searches.of(scores[:, :size], mates)
        if size > len(compared):
            said.append("    rivals: not asked at this size")
        yield f"  gallery of {size:,}; rates in %"
        yield from _table(found)
        yield from said
        if OURS in found and PEER in found:
            yield _verdict(probes, found, extent.replicates)


def _table(found: Mapping[str, Searches]) -> Iterator[str]:
    columns = [f"rank {rank}" for rank in RANKS]
    columns += [f"{share:.1%} of it" for share in PENETRATIONS] + [f"FPIR {FPIR:.0%}"]
    yield f"    {'FNIR at':<20}" + "".join(f"{name:>12}" for name in columns)
    for name, searches in found.items():
        rates = [searches.fnir(rank) for rank in RANKS]
        rates += [searches.fnir(max(1, share * searches.gallery)) for share in PENETRATIONS]
        rates.append(searches.fnir_at(FPIR))
        yield f"    {name:<20}" + "".join(f"{rate * 100:12.1f}" for rate in rates)
    for name, searches in found.items():
        quantiles = (0.5, 0.9, 0.99)
        mates, others = (
            " ".join(f"{value:.4g}" for value in np.quantile(scores, quantiles))
            for scores in (searches.best_mate, searches.best_other)
        )
        yield f"    {name}: best scores, quantiles 50 90 99 %: mated {mates}; non-mated {others}"


def missed_more(first: Scores, second: Scores, rank: float) -> float:
    """Return by which share the first's FNIR at a rank is below the second's."""
    return reduction(float(np.mean(first > rank)), float(np.mean(second > rank)))


def _verdict(probes: Prints, found: Mapping[str, Searches], replicates: int) -> str:
    trials = Trials(found[OURS].rank, found[PEER].rank, subjects=probes.finger)
    interval = bootstrap_interval(
        partial(missed_more, rank=RANK), trials, seed=SEED, replicates=replicates
    )
    met = "met" if interval.estimate >= LEAST else "NOT MET"
    return (
        f"    must: FNIR at rank {RANK} >= {LEAST:.0%} below Bozorth3's ({PEER}): "
        f"{interval.estimate:.1%}, 95 % interval {interval.low:.1%} to {interval.high:.1%} "
        f"({interval.subjects} fingers): {met}"
    )
