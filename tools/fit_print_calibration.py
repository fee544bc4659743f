"""Fit what scores of prints are worth on sample prints, and write what the package ships.

    python tools/fit_print_calibration.py src/prum_match/dactyloscopy/data/calibrations.json
    python tools/fit_print_calibration.py PATH --quick LT/TP LT/LT

Both densities are counted in bins of one unit of score. Above the highest 1/500 of the non-mated
scores an exponential tail takes the place of counts: it falls more slowly than the scores do, and a
tail that turns out heavier stops the run. Bins are pooled until the ratio never falls, and bounded
by what the numbers of comparisons can carry (ELUB).

Runs for some five minutes on two cores; ``--quick`` takes a quarter of the pairs, and kinds that
are named replace theirs. Run it after every change of the codes or of the score. No real print is
used: the ratios are those of the population that `prum_match.samples.prints` draws.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from multiprocessing import Pool
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from prum_match.dactyloscopy import CODES, Template, score_matrix
from prum_match.engine import Calibration
from prum_match.evaluation import elub
from prum_match.samples import prints

Floats = NDArray[np.float64]

SEED = 2027
# How prints are taken, and what reads them; each print draws one of either.
TAKEN = ("fine", "coarse", "keen")
FOUND = (*TAKEN, "examiner")
SOURCES = {
    "TP": (prints.Finger, ("plain", "rolled"), TAKEN),
    "LT": (prints.Finger, ("latent",), FOUND),
    "PP": (prints.Palm, ("palm",), TAKEN),
    "LP": (prints.Palm, ("latent",), FOUND),
}
# Hands of a block, all compared with all, and blocks. Palms take a hundred times as long.
SIZES = {
    "TP/TP": (250, 16),
    "LT/TP": (250, 16),
    "LT/LT": (250, 16),
    "PP/PP": (20, 16),
    "LP/PP": (50, 20),
    "LP/LP": (100, 20),
}
METHOD = "pooled bins, exponential non-mated tail, ELUB"
TAIL_SHARE = 1 / 500
LEAST_TAIL = 100
# The scale of the tail is the upper end of its one-sided 95 % interval.
CAUTION = 1.645
# Standard errors by which the shape of a generalised Pareto tail may lie above 0, exponential.
MOST_ERRORS = 3


@dataclass(frozen=True)
class Tail:
    """Non-mated scores above `start`: a share of them, falling exponentially."""

    start: float
    share: float
    scale: float
    shape: float

    def above(self, scores: Floats) -> Floats:
        """Return the share of non-mated scores above some scores in the tail."""
        return self.share * np.exp(-np.maximum(scores - self.start, 0) / self.scale)


def pair_of(job: tuple[str, int]) -> tuple[Template, Template]:
    """Take two prints of one hand, of the kinds that a stratum names."""
    stratum, number = job
    random = np.random.Generator(np.random.PCG64([SEED, number]))
    sources = [SOURCES[kind] for kind in stratum.split("/")]
    hand = sources[0][0].draw(random)
    first, second = (
        hand.impression(random, *(names[random.integers(len(names))] for names in choices))
        for _, *choices in sources
    )
    return first, second


def scores_of(stratum: str, share: float) -> tuple[Floats, Floats]:
    """Return mated and non-mated scores."""
    size, blocks = SIZES[stratum]
    jobs = [(stratum, number) for number in range(size * max(1, round(share * blocks)))]
    with Pool() as pool:
        pairs = pool.map(pair_of, jobs, chunksize=10)
    mated, nonmated = [], []
    for begin in range(0, len(pairs), size):
        firsts, seconds = zip(*pairs[begin : begin + size], strict=True)
        scores = score_matrix(firsts, seconds)
        mated.append(scores.diagonal())
        nonmated.append(scores[~np.eye(size, dtype=np.bool_)])
    return np.concatenate(mated), np.concatenate(nonmated)


def tail_of(nonmated: Floats) -> Tail:
    """Fit the tail, from a whole score on."""
    highest = np.sort(nonmated)[-max(LEAST_TAIL, round(TAIL_SHARE * nonmated.size)) :]
    start = float(np.floor(highest[0]))
    excess = nonmated[nonmated >= start] - start
    mean = excess.mean()
    shape = (1 - mean**2 / excess.var()) / 2
    scale = mean * (1 + CAUTION / np.sqrt(excess.size))
    return Tail(start, excess.size / nonmated.size, float(scale), float(shape))


def ratios_of(mated: Floats, nonmated: Floats, tail: Tail) -> tuple[Floats, Floats]:
    """Return pooled bins: their middles, and the log-likelihood ratio of each."""
    edges = np.arange(np.floor(max(mated.max(), nonmated.max())) + 2)
    m = np.histogram(mated, edges)[0] / mated.size
    n = np.histogram(nonmated, edges)[0] / nonmated.size
    in_tail = edges[:-1] >= tail.start
    n[in_tail] = -np.diff(tail.above(edges))[in_tail]
    pools: list[tuple[float, float, float, float]] = []
    for low, high, more_m, more_n in zip(edges, edges[1:], m, n, strict=False):
        pool = (low, high, more_m, more_n)
        while pools and pools[-1][2] * pool[3] >= pool[2] * pools[-1][3]:
            before = pools.pop()
            pool = (before[0], high, before[2] + pool[2], before[3] + pool[3])
        pools.append(pool)
    lows, highs, m, n = np.array(pools).T
    with np.errstate(divide="ignore"):
        llrs = np.log(m) - np.log(n)
    return (lows + highs) / 2, np.clip(llrs, -np.log(mated.size + 1), np.log(nonmated.size + 1))


def fit(stratum: str, share: float) -> Calibration:
    """Fit one stratum, and say what came out."""
    mated, nonmated = scores_of(stratum, share)
    tail = tail_of(nonmated)
    knots, llrs = ratios_of(mated, nonmated, tail)
    low, high = elub(
        mated_llrs=np.interp(mated, knots, llrs), nonmated_llrs=np.interp(nonmated, knots, llrs)
    )
    print(
        f"{stratum}: {mated.size} mated, {nonmated.size} non-mated up to {nonmated.max():.1f}; "
        f"tail from {tail.start:.0f}, scale {tail.scale:.2f}, shape {tail.shape:.2f}; "
        f"log10 LR {low / np.log(10):.1f} to {high / np.log(10):.1f}",
        flush=True,
    )
    if tail.shape > MOST_ERRORS / np.sqrt(tail.share * nonmated.size):
        raise SystemExit(f"{stratum}: the non-mated scores have a heavy tail")
    knots = np.concatenate([[0], knots, [max(mated.max(), nonmated.max())]])
    llrs = np.clip(llrs, low, high)
    llrs = np.concatenate([llrs[:1], llrs, llrs[-1:]])
    # A knot between two of its own height says nothing.
    bends = np.concatenate([[True], np.diff(llrs) != 0, [True]])
    kept = bends[:-1] | bends[1:]
    return Calibration(
        category="dactyloscopy",
        model=CODES,
        stratum=stratum,
        method=METHOD,
        scores=tuple(knots[kept].round(2).tolist()),
        llrs=tuple(llrs[kept].round(3).tolist()),
        mated=mated.size,
        nonmated=nonmated.size,
        subjects=mated.size,
    )


def main(path: str, *options: str) -> None:
    """Fit the strata that are named, or all, and write one a line; others stay as they are."""
    share = 0.25 if "--quick" in options else 1.0
    named = [option for option in options if option != "--quick"]
    file = Path(path)
    kept = json.loads(file.read_bytes()) if named and file.exists() else []
    found = {each["stratum"]: json.dumps(each) for each in kept}
    for stratum in named or SIZES:
        found[stratum] = fit(stratum, share).to_json()
    lines = [Calibration.from_json(found[name]).to_json() for name in SIZES if name in found]
    file.write_text("[\n" + ",\n".join(lines) + "\n]\n", encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
