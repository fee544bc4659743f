"""How often matchers are wrong on the same templates, extractor by extractor."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from benchmarks.dactyloscopy.data import BIASED, Prints, kinds
from benchmarks.dactyloscopy.measures import FULL, Extent, pairs
from benchmarks.dactyloscopy.rivals import Rival
from benchmarks.dactyloscopy.scores import Matcher, all_scores
from benchmarks.dactyloscopy.verdict import FNMR, section

QUOTED = {
    "mindtct": (
        ("MCC LSSR (mpi-afis)", 3.23, 6.7, 11.3, 18.3),
        ("bozorth3 in C", 5.03, 7.9, 15.6, 22.6),
        ("SourceAFIS 3.18.1", 5.41, 8.8, 15.0, 21.9),
        ("OpenAFIS", 11.48, 11.7, 20.4, 32.1),
    ),
    "fjfx": (
        ("bozorth3 in C", 5.72, 8.8, 16.9, 26.3),
        ("SourceAFIS 3.18.1", 5.59, 9.3, 13.9, 17.5),
        ("OpenAFIS", 8.70, 11.0, 19.1, 27.3),
    ),
    "sourceafis": (("SourceAFIS 3.18.1", 5.04, 7.6, 11.7, 16.4),),
    "secugen": (
        ("MCC LSSR (mpi-afis)", 3.69, 6.7, 14.1, 25.3),
        ("bozorth3 in C", 7.09, 9.1, 18.8, 28.9),
        ("SourceAFIS 3.18.1", 4.10, 7.2, 12.5, 18.1),
        ("OpenAFIS", 9.90, 13.1, 19.6, 29.5),
    ),
}
"""Peers outside the package index: mean EER of the 2002 databases by FVC's protocol; EER, FNMR at
FMR 1e-2 and 1e-3 of 2002 and 2004 together, in %. Another run, other databases: no verdict."""


def report(
    prints: Prints,
    score_matrix: Matcher | None,
    rivals: list[Rival],
    extent: Extent = FULL,
) -> Iterator[str]:
    """Compare all prints with each other and yield the tables, real and synthetic apart.

    Slow rivals are compared within databases only.
    """
    yield from head(prints)
    scores = all_scores(score_matrix, rivals, prints, prints, extent)
    for kind, mask in kinds(prints):
        these = prints.where(mask)
        found = {name: matrix[np.ix_(mask, mask)] for name, matrix in scores.items()}
        databases = np.unique(these.database)
        yield f"{these.name}, {kind}: {', '.join(databases)}"
        within = pairs(these, these, across=False)
        title = "non-mated pairs within a database"
        yield from section(title, within, found, FNMR, extent.replicates, these)
        if extent.across and len(databases) > 1:
            everything = pairs(these, these, across=True)
            title = "non-mated pairs of all databases"
            yield from section(title, everything, found, FNMR, extent.replicates)
    for name, fvc, *rates in QUOTED.get(prints.name, ()):
        figures = ", ".join(f"{rate:.1f}" for rate in rates)
        yield f"  quoted, another run: {name}: mean EER by FVC's protocol, 2002: {fvc:.2f};"
        yield f"    EER, FNMR@0.01, FNMR@0.001 of 2002 and 2004 together: {figures}"


def head(prints: Prints) -> Iterator[str]:
    """Yield what has to be known of the templates."""
    counts = [len(template) for template in prints.templates]
    yield (
        f"{prints.name}: {len(prints)} prints of {len(np.unique(prints.finger))} fingers, "
        f"{np.mean(counts):.0f} minutiae on average ({min(counts)} to {max(counts)})"
    )
    for note in prints.notes:
        yield f"  {note}"
    if prints.name in BIASED:
        yield f"  biased: {BIASED[prints.name]}"
