"""Real reads of plates whose text is known: ``$PRUM_SHARED/data/vehicle/ocr_reads``."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from prum_match.vehicle import UNIT_COSTS
from prum_match.vehicle.reads.costs import SCALE
from prum_match.vehicle.reads.edit_script import cost

ENGINE = "eng-lstm"
MOST_ERRORS = 3


@dataclass(frozen=True, order=True)
class Read:
    """What was read in an image of a plate; `source` is the set that the image is of."""

    source: str
    image: str
    truth: str
    text: str

    @property
    def errors(self) -> int:
        return cost(UNIT_COSTS, self.text, self.truth) // SCALE


def default_files() -> list[Path]:
    root = os.environ.get("PRUM_SHARED")
    if not root:
        return []
    return sorted(Path(root, "data", "vehicle", "ocr_reads").glob("tesseract_*.csv"))


def read_files(paths: Iterable[Path]) -> list[Read]:
    """Return the reads with few errors, or none, of files with the columns that ours have."""
    found = []
    for path in paths:
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                if row["engine"] == ENGINE and row["read"]:
                    found.append(Read(row["set"], row["image"], row["truth"], row["read"]))
    return [read for read in found if read.errors <= MOST_ERRORS]


def misreads(reads: Iterable[Read]) -> list[Read]:
    """Return the reads that are wrong; one that was read twice in an image counts once."""
    return sorted({read for read in reads if read.errors})
