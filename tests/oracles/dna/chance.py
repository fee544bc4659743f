"""Chance hits, slow and plain: every pair of people, compared by the oracle of the rules.

The library is not imported; a reading is any object with the fields of one.
"""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from oracles.dna import rules as dna_rules


def normal(pairs: Mapping[str, tuple[Any, ...]]) -> dna_rules.Normal:
    two = {name: (low, high) for name, (low, high) in pairs.items()}
    return dna_rules.Normal("reference", two, {}, set(), False)


def holds(counts: dna_rules.Counts, reading: Any) -> bool:
    counted = counts.exact
    counted += counts.wild if reading.counts_wildcard else 0
    counted += counts.micro if reading.counts_micro else 0
    cost = counts.micro_alleles + counts.mismatch_alleles
    cost += reading.wildcard_cost * counts.wild_alleles
    return bool(counted >= reading.min_loci and cost <= reading.budget)


def four_alleles(p: Mapping[int, float], drawn: tuple[int, ...], theta: float) -> float:
    """The Dirichlet-multinomial probability of alleles in this order, by gamma functions."""
    if theta == 0.0:
        return math.prod(p[allele] for allele in drawn)
    scale = (1 - theta) / theta
    log = math.lgamma(scale) - math.lgamma(scale + len(drawn))
    for allele, share in p.items():
        log += math.lgamma(scale * share + drawn.count(allele)) - math.lgamma(scale * share)
    return math.exp(log)


def enumerated_locus(
    p: Mapping[int, float], theta: float, wild_a: bool, wild_b: bool
) -> dict[tuple[int, ...], float]:
    """Return all genotypes of two people at a locus, by the oracle, with their probabilities."""
    found: dict[tuple[int, ...], float] = {}
    hidden_a = ((0, 1), (1, 0)) if wild_a else ((None, None),)
    hidden_b = ((0, 1), (1, 0)) if wild_b else ((None, None),)
    for drawn in itertools.product(p, repeat=4):
        share = four_alleles(p, drawn, theta) / (len(hidden_a) * len(hidden_b))
        for (kept_a, _), (kept_b, _) in itertools.product(hidden_a, hidden_b):
            a = drawn[:2] if kept_a is None else (drawn[:2][kept_a], "*")
            b = drawn[2:] if kept_b is None else (drawn[2:][kept_b], "*")
            counts = dna_rules.compare(normal({"FGA": a}), normal({"FGA": b}))
            key = tuple(vars(counts).values())
            found[key] = found.get(key, 0.0) + share
    return found


def enumerated_chance(
    tables: Iterable[Mapping[tuple[int, ...], float]], readings: Sequence[Any]
) -> float:
    total = 0.0
    for row in itertools.product(*(table.items() for table in tables)):
        columns = zip(*(key for key, _ in row), strict=True)
        counts = dna_rules.Counts(*map(sum, columns))
        if any(holds(counts, reading) for reading in readings):
            total += math.prod(probability for _, probability in row)
    return total


def draw_alleles(generator: random.Random, p: Mapping[int, float], theta: float) -> tuple[int, ...]:
    """Draw four alleles of two people: a copy of an earlier one, or one from the population."""
    drawn: list[int] = []
    for place in range(4):
        if drawn and generator.random() < place * theta / (1 + (place - 1) * theta):
            drawn.append(generator.choice(drawn))
        else:
            drawn.append(generator.choices(list(p), list(p.values()))[0])
    return tuple(drawn)
