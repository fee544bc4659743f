"""The comparison rules over whole arrays, for galleries that the plain oracle is too slow for.

It uses only NumPy, without the library, an index or pruning: every reference is compared in full.
`test_search_in_large_galleries.py` first checks that it equals the plain oracle.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from oracles.dna.policies import Readings, Stringency

# Codes beside lengths in bases.
ABSENT = 0
WILD = -1


@dataclass(frozen=True)
class Rows:
    """Profiles as arrays.

    `pairs` has the shape (n, loci, 2): exchange view, absent or a pair with the wildcard last.
    `sets` has the shape (n, loci, 3): original view, distinct lengths, then absent.
    """

    pairs: NDArray[np.int32]
    sets: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.pairs)


@dataclass(frozen=True)
class Found:
    """Candidates of one probe, best first, by row."""

    row: NDArray[np.int64]
    grade: NDArray[np.int64]
    compared: NDArray[np.int64]
    exact: NDArray[np.int64]
    second: NDArray[np.int64]
    third: NDArray[np.int64]
    mismatch_loci: NDArray[np.int64]
    mismatch_alleles: NDArray[np.int64]


def search(rows: Rows, ids: NDArray[np.bytes_], probe: int, policy: Readings | Stringency) -> Found:
    """Compare one row, as the probe, with all rows."""
    if isinstance(policy, Stringency):
        return _search_sets(rows, ids, probe, policy)
    mine, theirs = rows.pairs[probe], rows.pairs
    both = (mine[None, :, 0] != ABSENT) & (theirs[:, :, 0] != ABSENT)
    # Differing alleles first, then mismatches, then wildcards: one number orders the two ways.
    straight, crossed = (_cost(mine, theirs[:, :, order]) for order in ((0, 1), (1, 0)))
    best = np.where(both, np.minimum(straight, crossed), 0)
    differing, mismatches, wilds = best // 100, best // 10 % 10, best % 10
    micros = differing - mismatches
    worst = np.where(mismatches > 0, 4, np.where(micros > 0, 3, np.where(wilds > 0, 2, 1)))
    worst = np.where(both, worst, 0)
    loci = [np.count_nonzero(worst == value, axis=1) for value in range(5)]
    spent, wild = differing.sum(axis=1), wilds.sum(axis=1)
    hit = np.zeros(len(rows), bool)
    for reading in policy.accepting:
        counted = loci[1] + reading.counts_wildcard * loci[2] + reading.counts_micro * loci[3]
        within = spent + reading.wildcard_cost * wild <= reading.budget
        hit |= (counted >= reading.min_loci) & within
    return _sorted(hit, worst, loci, mismatches.sum(axis=1), ids)


def _cost(mine: NDArray[np.int32], theirs: NDArray[np.int32]) -> NDArray[np.int32]:
    wild = (mine[None] == WILD) | (theirs == WILD)
    distance = np.abs(mine[None] - theirs)
    differs = ~wild & (distance != 0)
    mismatch = ~wild & (distance > 1)
    cost: NDArray[np.int32] = (100 * differs + 10 * mismatch + wild).sum(axis=2, dtype=np.int32)
    return cost


def _search_sets(rows: Rows, ids: NDArray[np.bytes_], probe: int, policy: Stringency) -> Found:
    mine, theirs = rows.sets[probe], rows.sets
    size_mine = np.count_nonzero(mine, axis=1)[None]
    size_theirs = np.count_nonzero(theirs, axis=2)
    shared = np.zeros(size_theirs.shape, np.int64)
    for i in range(3):
        for j in range(3):
            shared += (mine[None, :, i] != ABSENT) & (mine[None, :, i] == theirs[:, :, j])
    both = (size_mine > 0) & (size_theirs > 0)
    level = np.where(
        (shared == size_mine) & (shared == size_theirs),
        1,
        np.where(shared == np.minimum(size_mine, size_theirs), 2, np.where(shared > 0, 3, 4)),
    )
    level = np.where(both, level, 0)
    loci = [np.count_nonzero(level == value, axis=1) for value in range(5)]
    wanted = {"high": 1, "moderate": 2, "low": 3}[policy.name]
    good = sum(loci[value] for value in range(1, wanted + 1))
    short = loci[1] + loci[2] + loci[3] + loci[4] - good
    hit = (good >= policy.min_loci) & (short <= policy.max_mismatched_loci)
    return _sorted(hit, level, loci, np.zeros(len(rows), np.int64), ids)


def _sorted(
    hit: NDArray[np.bool_],
    worst: NDArray[np.integer],
    loci: list[NDArray[np.int64]],
    mismatch_alleles: NDArray[np.integer],
    ids: NDArray[np.bytes_],
) -> Found:
    row = np.flatnonzero(hit)
    # A locus set without any comparison is graded like one of equal loci.
    grade = np.maximum(worst.max(axis=1), 1)[row]
    compared = (loci[1] + loci[2] + loci[3] + loci[4])[row]
    exact = loci[1][row]
    order = np.lexsort((ids[row], -compared, -exact, grade))
    row = row[order]
    return Found(
        row=row,
        grade=grade[order].astype(np.int64),
        compared=compared[order],
        exact=exact[order],
        second=loci[2][row],
        third=loci[3][row],
        mismatch_loci=loci[4][row],
        mismatch_alleles=mismatch_alleles[row].astype(np.int64),
    )
