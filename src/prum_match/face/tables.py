"""Embeddings in tables of other libraries."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from prum_match.engine import Table
from prum_match.errors import InvalidInput, PrumError
from prum_match.face.embedding import Admitted, admit_rows, bad_dimension
from prum_match.face.model import Model

COLUMNS = ("embedding", "captured_at", "quality")


def admit_table(model: Model, table: Table) -> Admitted:
    """Check the rows of a table; errors carry the index of their row."""
    given, others = table.vectors("embedding", model.dimension)
    vectors, found = admit_rows(model, given, keep=False)
    refused: dict[int, PrumError] = {int(e.index or 0): e for e in found}
    for row in np.flatnonzero(others).tolist():
        refused[row] = bad_dimension(model).at(row)
    captured_at, impossible = _captured_at(table)
    for row in impossible.tolist():
        error = InvalidInput(
            "a moment lies in the years 1 to 9999", code="bad_moment", field="captured_at"
        )
        refused.setdefault(row, error.at(row))
    quality, infinite = _quality(table)
    for row in infinite.tolist():
        error = InvalidInput("a quality is a finite number", code="bad_quality", field="quality")
        refused.setdefault(row, error.at(row))
    return Admitted.of(
        model, vectors, [refused[row] for row in sorted(refused)], captured_at, quality
    )


def _captured_at(table: Table) -> tuple[NDArray[np.float64] | None, NDArray[np.int64]]:
    """Return the capture times, NaN for unknown, and the rows with impossible ones."""
    if "captured_at" not in table:
        return None, np.empty(0, np.int64)
    moments = table.moments("captured_at")
    seconds = np.where(moments.null, np.nan, moments.micros / 1e6)
    return _unless_all_unknown(seconds), np.flatnonzero(moments.impossible)


def _quality(table: Table) -> tuple[NDArray[np.float64] | None, NDArray[np.int64]]:
    """Return the qualities, NaN for unknown, and the rows with infinite ones."""
    if "quality" not in table:
        return None, np.empty(0, np.int64)
    quality, null = table.floats("quality")
    return _unless_all_unknown(quality), np.flatnonzero(~null & ~np.isfinite(quality))


def _unless_all_unknown(values: NDArray[np.float64]) -> NDArray[np.float64] | None:
    return None if np.isnan(values).all() else values
