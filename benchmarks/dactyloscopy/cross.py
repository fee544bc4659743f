"""Probes of one extractor against references of another: each state has its own."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from benchmarks.dactyloscopy.accuracy import head
from benchmarks.dactyloscopy.data import Prints, kinds, middle
from benchmarks.dactyloscopy.measures import FULL, Extent, pairs
from benchmarks.dactyloscopy.rivals import Rival
from benchmarks.dactyloscopy.scores import Matcher, all_scores
from benchmarks.dactyloscopy.verdict import EER, section

PAIRS = "mindtct:fjfx,fjfx:mindtct,mindtct:sourceafis"

QUOTED = {
    ("mindtct", "fjfx"): (
        ("OpenAFIS", 13.8, 40.6),
        ("bozorth3 in C, angles in degrees", 14.1, 47.3),
        ("SourceAFIS 3.18.1", 19.8, 48.7),
    )
}
"""EER and FNMR at FMR 1e-3 of 2002 and 2004 together, in %; another run, other databases."""


def report(
    first: Prints,
    second: Prints,
    score_matrix: Matcher | None,
    rivals: list[Rival],
    extent: Extent = FULL,
) -> Iterator[str]:
    """Compare the first half of the impressions of one set with the others of another.

    No image is compared with itself.
    """
    half = middle(first)
    probes = first.where(first.impression <= half)
    references = second.where(second.impression > half)
    yield f"probes {first.name}, impressions to {half}; references {second.name}, the others"
    yield from head(probes)
    yield from head(references)
    scores = all_scores(score_matrix, rivals, probes, references, extent)
    of_references = dict(kinds(references))
    for kind, rows in kinds(probes):
        columns = of_references[kind]
        here = probes.where(rows), references.where(columns)
        found = {name: matrix[np.ix_(rows, columns)] for name, matrix in scores.items()}
        yield f"{first.name} with {second.name}, {kind}: {', '.join(np.unique(here[0].database))}"
        within = pairs(*here, across=False)
        yield from section(
            "non-mated pairs within a database", within, found, (EER,), extent.replicates
        )
        if extent.across and len(np.unique(here[0].database)) > 1:
            everything = pairs(*here, across=True)
            yield from section(
                "non-mated pairs of all databases", everything, found, (EER,), extent.replicates
            )
    for name, *rates in QUOTED.get((first.name, second.name), ()):
        yield f"  quoted, another run: {name}: EER {rates[0]}, FNMR@0.001 {rates[1]}"
