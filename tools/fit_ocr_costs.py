"""Fit what errors of a text reader cost, and write the table that the package ships.

    python tools/fit_ocr_costs.py src/prum_match/vehicle/data/ocr_costs.json READS.csv ...

READS have the columns `truth`, `engine` and `read`. The prices of symbols before the plate are set
for European plates: the plates of the reads have no band, and say nothing about one.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from prum_match.vehicle import Costs, learn_costs

ENGINE = "eng-lstm"
# What a blue band with a ring of stars and a letter or two looks like; the others cost `*`.
BAND = {"*": 0.4, **dict.fromkeys("1BEFHIL", 0.3)}
SOURCE = (
    "tesseract 5.5.0, engine eng-lstm, three crops each of photographs of US and Brazilian plates: "
    "reads with at most 3 errors; symbols before the plate set for the band of European plates"
)


def reads(path: Path) -> list[tuple[str, str]]:
    """Return plates and what the engine read of them, where it read anything."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["engine"] == ENGINE]
    return [(row["truth"], row["read"]) for row in rows if row["read"]]


def fit(paths: Sequence[Path]) -> Costs:
    """Learn costs from all files together and set those before the plate."""
    truth, read = zip(*(pair for path in paths for pair in reads(path)), strict=True)
    learned = learn_costs(truth, read, name="eng-lstm", source=SOURCE)
    return replace(learned, leading=Costs.from_pairs({}, leading=BAND).leading)


def main() -> None:
    out, *paths = map(Path, sys.argv[1:])
    costs = fit(paths)
    out.write_text(costs.to_json(), encoding="utf-8")
    print(dict(costs.counts["reads"]))


if __name__ == "__main__":
    main()
