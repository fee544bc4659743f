"""Some of the items of a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from prum_match.cli.reading.problems import FileProblem
from prum_match.dna.formats import ImportProblem


@dataclass(frozen=True)
class Batch:
    """Items with their ids, and what the file says of them besides.

    `first` is the position of the first one among the items that were read; `keys` is empty, or
    has a row for each item.
    """

    first: int
    ids: Sequence[str]
    items: Any
    problems: tuple[ImportProblem | FileProblem, ...] = ()
    keys: Sequence[Mapping[str, Any]] = ()
