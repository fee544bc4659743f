"""Tasks that count bytes of a gallery in memory instead of seconds."""

from __future__ import annotations

from typing import Any

from benchmarks.task import Task
from prum_match.engine import Gallery

Groups = dict[str, float]


def bytes_by_group(gallery: Gallery[Any]) -> Groups:
    """Return the bytes a reference of the columns of all segments, by the group in their name."""
    groups: Groups = {}
    for segment in gallery._core.segments():
        for name, column in segment.columns.items():
            group = name.partition(".")[0]
            groups[group] = groups.get(group, 0) + column.nbytes / len(gallery)
    return groups


class Counted(Task):
    """A task without a rival and without timing; its value is bytes per reference."""

    rate_unit = "-"
    size = 1_000_000
    timed = False

    def value(self, case: Any, seconds: float) -> float:
        return seconds

    def rate(self, case: Any, seconds: float) -> None:
        return None
