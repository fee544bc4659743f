"""NumPy at its best: a filter over columns of genotype codes, then the exact rule on the rest.

One byte a locus and profile, column by column: a code of the unordered pair of alleles, 0 where
the locus is not typed or has a wildcard. Unequal codes other than 0 prove a deviating allele, and
two such loci are one too many. The columns that all kits share come first. Over the first of them
all profiles are compared and the mismatches counted, with the threshold of each profile (one, and
one more for each of these columns where its code is 0) made beforehand; few profiles are left for
the further columns, which are gathered. Where the probe lacks one of the leading columns, the
codes 0 are excluded by a second comparison instead.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.dna.data import LOCI
from benchmarks.dna.exact_rule import BUDGET, WILD, Genotypes, hits
from benchmarks.dna.search import SearchCase, ranking, sweep
from benchmarks.task import Pass

NAME = "NumPy column filter"
# Compared in full before anything is gathered; six, and this block, were fastest at 1M and 10M.
LEADING = 6
BLOCK = 1 << 20
# Few enough rows for the exact rule: less work than one more column.
FEW = 200
SAMPLE = 200_000

Codes = NDArray[np.uint8]
Step = tuple[Codes, int]
Found = tuple[NDArray[np.intp], Codes]


@dataclass(frozen=True)
class Columns:
    """Codes of references and probes, both (loci, n), in the order that filters best."""

    references: Codes
    probes: Codes
    allowed: Codes  # mismatches over the leading columns that still leave a profile possible


def missing() -> str | None:
    return None


def load(case: SearchCase) -> Pass:
    references = Genotypes.of(case.database.alleles)
    probes = Genotypes.of(case.probes.alleles)
    columns = encode(references, probes)
    ids = case.reference_ids

    def search_one(p: int) -> list[str]:
        rows = survivors(columns, p)
        rows = rows[hits(probes[p : p + 1], references[rows])]
        return [ids[row] for row in rows]

    return sweep(case, search_one, ranking(probes, references))


def encode(references: Genotypes, probes: Genotypes) -> Columns:
    """Number the genotypes of each locus and order the loci."""
    codes = np.empty((len(LOCI), len(references)), np.uint8)
    probe_codes = np.empty((len(LOCI), len(probes)), np.uint8)
    for locus in range(len(LOCI)):
        known, numbers = np.unique(_pairs(references, locus), return_inverse=True)
        codes[locus] = np.where(known == 0, 0, np.arange(len(known)) % 255 + 1)[numbers]
        pairs = _pairs(probes, locus)
        place = np.minimum(np.searchsorted(known, pairs), len(known) - 1)
        # A genotype that nobody has: any code does, the exact rule has the last word.
        probe_codes[locus] = np.where(pairs == 0, 0, place % 255 + 1)
    mismatch = [_mismatch_chance(column[:SAMPLE]) for column in codes]
    order = np.argsort(mismatch)[::-1]
    codes, probe_codes = codes[order], probe_codes[order]
    allowed = np.full(len(references), BUDGET, np.uint8)
    for column in codes[:LEADING]:
        allowed += column == 0
    return Columns(codes, probe_codes, allowed)


def _pairs(genotypes: Genotypes, locus: int) -> NDArray[np.int32]:
    """Return a number for each genotype; 0 where it filters nothing."""
    low = genotypes.low[:, locus].astype(np.int32)
    high = genotypes.high[:, locus].astype(np.int32)
    return np.where((low == 0) | (high == WILD), 0, low << 16 | high)


def _mismatch_chance(codes: Codes) -> float:
    shares = np.bincount(codes, minlength=256) / len(codes)
    typed = 1 - float(shares[0])
    return typed * typed - float((shares[1:] ** 2).sum())


def survivors(columns: Columns, probe: int) -> NDArray[np.intp]:
    """Return the rows that the codes do not exclude, or few enough for the exact rule."""
    codes = columns.probes[:, probe]
    steps = [
        (column, int(code))
        for column, code in zip(columns.references, codes, strict=True)
        if code != 0
    ]
    complete = bool(codes[:LEADING].all())
    leading = _leading_complete if complete else _leading_partial
    rows, mismatches = leading(columns, steps)
    for column, code in steps[LEADING:]:
        if len(rows) <= FEW:
            break
        here = column[rows]
        mismatches += (here != code) & (here != 0)
        kept = mismatches <= BUDGET
        rows, mismatches = rows[kept], mismatches[kept]
    return rows


def _leading_complete(columns: Columns, steps: list[Step]) -> Found:
    n = len(columns.allowed)
    rows, mismatches = [], []
    differs, count = np.empty(BLOCK, np.bool_), np.empty(BLOCK, np.uint8)
    for begin in range(0, n, BLOCK):
        block = slice(begin, min(n, begin + BLOCK))
        here, sums = differs[: block.stop - begin], count[: block.stop - begin]
        allowed = columns.allowed[block]
        np.not_equal(steps[0][0][block], steps[0][1], out=sums.view(np.bool_))
        for column, code in steps[1:LEADING]:
            np.not_equal(column[block], code, out=here)
            np.add(sums, here.view(np.uint8), out=sums)
        np.less_equal(sums, allowed, out=here)
        found = np.flatnonzero(here)
        rows.append(found + begin)
        mismatches.append(sums[found] + BUDGET - allowed[found])
    return np.concatenate(rows), np.concatenate(mismatches)


def _leading_partial(columns: Columns, steps: list[Step]) -> Found:
    n = len(columns.allowed)
    rows, mismatches = [], []
    differs, known = np.empty(BLOCK, np.bool_), np.empty(BLOCK, np.bool_)
    count = np.empty(BLOCK, np.uint8)
    for begin in range(0, n, BLOCK):
        block = slice(begin, min(n, begin + BLOCK))
        here, typed = differs[: block.stop - begin], known[: block.stop - begin]
        sums = count[: block.stop - begin]
        sums[:] = 0
        for column, code in steps[:LEADING]:
            np.not_equal(column[block], code, out=here)
            np.not_equal(column[block], 0, out=typed)
            np.logical_and(here, typed, out=here)
            np.add(sums, here.view(np.uint8), out=sums)
        np.less_equal(sums, BUDGET, out=here)
        found = np.flatnonzero(here)
        rows.append(found + begin)
        mismatches.append(sums[found])
    return np.concatenate(rows), np.concatenate(mismatches)
