"""What two libraries found, held against each other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Answer = Mapping[Any, Any]
"""What a library found, by something that all libraries of a task can name, in plain values."""


def agreement(ours: Answer, theirs: Answer) -> tuple[bool, str]:
    """Return whether a rival found what we found, wherever it looked, and say so in words."""
    if not theirs:
        return False, "no answer to compare"
    different = [key for key in theirs if key not in ours or ours[key] != theirs[key]]
    if different:
        return False, difference(ours, theirs, different)
    return True, f"{len(theirs):,} of {len(theirs):,} answers equal"


def difference(ours: Answer, theirs: Answer, different: list[object]) -> str:
    """Say how many answers differ, and show the first."""
    key = different[0]
    return (
        f"{len(different):,} of {len(theirs):,} answers differ, the first at {key!r}: "
        f"ours {_short(ours.get(key))}, theirs {_short(theirs[key])}"
    )


def recall(ours: Answer, theirs: Answer) -> float:
    """Return the share of our candidates that a rival found, over all answers that it gave."""
    wanted = sum(len(ours[key]) for key in theirs)
    found = sum(len({*ours[key]} & {*theirs[key]}) for key in theirs)
    return found / wanted if wanted else 1.0


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 120 else text[:117] + "..."
