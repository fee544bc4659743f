"""Which names the persons of a segment go by: rows of variable length."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from prum_match.engine import Columns
from prum_match.engine.segments.rows import parts_of
from prum_match.police_record.columns.vocabulary import Numbers
from prum_match.police_record.texts import offsets_of


def of_lengths(lengths: NDArray[np.int64] | Sequence[int]) -> Columns:
    """Return the column that says where the names of each person begin."""
    return {"entries.offsets": offsets_of(lengths).astype(np.uint32)}


def places(columns: Columns, rows: Numbers) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the places of all names of some persons, and how many each has."""
    held = columns["entries" if "entries" in columns else "entries.key"]
    return parts_of(columns["entries.offsets"], len(held), rows)


def offsets_joined(parts: Sequence[Columns]) -> Columns:
    """Join the columns of several segments that say where names begin."""
    lengths = [np.diff(part["entries.offsets"].astype(np.int64)) for part in parts]
    return of_lengths(np.concatenate(lengths))
