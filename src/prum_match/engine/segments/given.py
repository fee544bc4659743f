"""Columns as hosts have them: lists, generators, and columns of pandas, NumPy and pyarrow."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from prum_match.errors import InvalidInput
from prum_match.values.checks import several


def listed(values: Iterable[Any], field: str) -> list[Any]:
    """Return the values as a list, with None for what is missing: NaN and NaT."""
    several(values, field)
    for name in ("to_pylist", "tolist"):
        if hasattr(values, name):
            found = getattr(values, name)()
            break
    else:
        try:
            found = list(values)
        except TypeError:
            raise InvalidInput(
                f"{field} is a sequence with one value for each reference",
                code="not_a_sequence",
                field=field,
            ) from None
    # What is not equal to itself is a NaN or a NaT.
    return [v if isinstance(v, str) or v is None or v == v else None for v in found]
