"""What a reader of files refused or left out, where a category has no type of its own for that."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class FileProblem:
    """What of a file was refused, repaired, or is not in its items."""

    reference_id: str | None
    field: str | None
    code: str
    message: str
    refused: bool
    # Counted from 1; None where the file has no lines.
    line: int | None = None
