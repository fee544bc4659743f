"""Who is found in a register of drawn persons, and who is found who is not there.

Searches are those between states: two elements or more, no place of birth, a reply of bounded
length. Half of the searched persons are not in the register; of the others some errors are known.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.police_record.data import encoder
from benchmarks.rows import reference_id, row_of
from prum_match import engine, police_record
from prum_match.police_record.pseudonyms.parameters import (
    FIELD_PARAMETERS,
    LEGAL_PARAMETERS,
    Parameters,
)
from prum_match.samples import persons

POPULATION, PROBES = 91, 92
BATCH = 50_000
# Persons found whose name is written in another way must be this many.
TRANSLITERATION, LEAST = "transliteration", 0.95


@dataclass(frozen=True)
class Form:
    """How persons are held, and what makes one a candidate."""

    name: str
    parameters: Parameters | None
    policy: engine.Policy


FORMS = (
    Form("clear", None, police_record.PRUM_2024),
    Form("field-level", FIELD_PARAMETERS, police_record.PRUM_2024),
    Form("record-level", LEGAL_PARAMETERS, police_record.PRUM_2024_DICE),
)


@dataclass(frozen=True)
class Outcome:
    """What became of each probe.

    Attributes
    ----------
    found : numpy.ndarray of bool
        Whether the person is in the reply.
    lengths : numpy.ndarray of int64
        How many candidates the reply has.
    """

    found: NDArray[np.bool_]
    lengths: NDArray[np.int64]


def outcome(answers: Sequence[Sequence[int]], references: NDArray[np.int64]) -> Outcome:
    """Hold replies, as rows, against the true rows."""
    found = [true in rows for rows, true in zip(answers, references.tolist(), strict=True)]
    return Outcome(np.array(found, bool), np.array([len(rows) for rows in answers], np.int64))


def report(size: int, n_probes: int, forms: Sequence[Form] = FORMS) -> Iterator[str]:
    """Yield the lines of the report."""
    register = persons.population(size, seed=POPULATION)
    probes = persons.probes(register, n_probes, seed=PROBES)
    yield f"{size:,} persons, {len(register.aliases):,} aliases; {probes!r}"
    for form in forms:
        made = None if form.parameters is None else encoder(form.parameters)
        gallery, enrolling = _enrolled(made, register)
        start = time.perf_counter()
        asked = probes.persons if made is None else made.encode(probes.persons)
        answers = gallery.search_many(asked, policy=form.policy)
        searching = time.perf_counter() - start
        rows = [[row_of(name) for name in each.reference_ids] for each in answers]
        yield f"{form.name}: enrolled in {enrolling:.0f} s, searched in {searching:.0f} s"
        yield from figures(outcome(rows, probes.references), probes, form.policy.max_candidates)


def figures(result: Outcome, probes: persons.Probes, most: int | None) -> Iterator[str]:
    """Yield the figures over all probes, then those by kind of error."""
    mated = probes.references >= 0
    yield (
        f"  FNIR within {most}: {1 - _mean(result.found[mated]):.4f}; "
        f"FPIR: {_mean(result.lengths[~mated] > 0):.4f}; "
        f"candidates a reply: {_mean(result.lengths):.2f}, "
        f"not in the register: {_mean(result.lengths[~mated]):.2f}"
    )
    for kind in persons.ERRORS:
        had = [kinds == (() if kind == "none" else (kind,)) for kinds in probes.kinds]
        chosen = mated & np.array(had, bool)
        if chosen.any():
            yield _line(kind, result.found[chosen]) + _must(kind, _mean(result.found[chosen]))
    twice = mated & np.array([len(kinds) > 1 for kinds in probes.kinds], bool)
    if twice.any():
        yield _line("two of these", result.found[twice])


def _line(kind: str, found: NDArray[np.bool_]) -> str:
    return f"  {kind:<17} {len(found):>6,} searched, {_mean(found):7.2%} found"


def _must(kind: str, share: float) -> str:
    if kind != TRANSLITERATION:
        return ""
    return f"; must be {LEAST:.0%}: {'met' if share >= LEAST else 'NOT MET'}"


def _mean(values: NDArray[np.generic]) -> float:
    return float(values.mean()) if len(values) else float("nan")


def _enrolled(
    made: police_record.Encoder | None, register: persons.Population
) -> tuple[police_record.Gallery, float]:
    start = time.perf_counter()
    gallery = police_record.Gallery(made)
    for first in range(0, len(register), BATCH):
        part = register[first : first + BATCH]
        ids = [reference_id(first + i) for i in range(len(part))]
        gallery.enrol(ids, part if made is None else made.encode(part))
    return gallery, time.perf_counter() - start
