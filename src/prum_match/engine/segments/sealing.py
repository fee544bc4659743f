"""Sealing: unsealed columns become one segment that can be searched."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from prum_match import _native
from prum_match.engine.protocol import Category
from prum_match.engine.ragged import Columns
from prum_match.engine.segments.rows import duplicate
from prum_match.errors import DuplicateReference


def seal(category: Category[Any, Any], unsealed: Columns) -> _native.Segment:
    """Return a segment of unsealed columns, in the order of the category."""
    own = ("ids.", "subjects.", "labels", "expires")
    order, columns = category.layout.seal(
        {k: v for k, v in unsealed.items() if not k.startswith(own)}
    )
    columns = dict(columns)
    for name in ("ids", "subjects"):
        if f"{name}.offsets" in unsealed:
            columns[f"{name}.offsets"], columns[f"{name}.bytes"] = _native.take_strings(
                unsealed[f"{name}.offsets"], unsealed[f"{name}.bytes"], order
            )
    for name in ("labels", "expires"):
        if name in unsealed:
            columns[name] = unsealed[name][order]
    try:
        return new_segment(columns, len(order))
    except DuplicateReference:
        raise _first_duplicate(unsealed) from None


def new_segment(columns: Columns, n: int) -> _native.Segment:
    """Return a segment of `n` live rows; `columns` lacks the id index and the live bits alone."""
    index = _native.make_id_index(columns["ids.offsets"], columns["ids.bytes"])
    live = _native.allocate((n + 63) // 64 * 8, 255).view(np.uint64)
    if n % 64:
        live[-1] = (1 << (n % 64)) - 1
    counts = _live_counts(n, columns.get("labels"))
    return _native.Segment(n, {**columns, "ids.index": index, "live": live, "live.counts": counts})


def _live_counts(n: int, labels: NDArray[np.uint8] | None) -> NDArray[np.uint64]:
    """Return live rows by label code, live rows in all, and the version of the id index."""
    counts = _native.allocate(258 * 8).view(np.uint64)
    counts[0] = counts[256] = n
    if labels is not None:
        counts[:256] = np.bincount(labels, minlength=256)
    return counts


def _first_duplicate(unsealed: Columns) -> DuplicateReference:
    """Return the error for the first repeated id, in the caller's order."""
    offsets, text = unsealed["ids.offsets"], unsealed["ids.bytes"].tobytes()
    seen: Counter[bytes] = Counter()
    for index in range(len(offsets) - 1):
        reference_id = text[int(offsets[index]) : int(offsets[index + 1])]
        if seen[reference_id]:
            return duplicate(index, reference_id.decode("ascii", "replace"))
        seen[reference_id] += 1
    raise AssertionError("the index found a duplicate that is not there")
