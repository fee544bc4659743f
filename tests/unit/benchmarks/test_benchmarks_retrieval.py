"""The benchmark of misreads counts correctly, for any search."""

from __future__ import annotations

import json

import pytest

from support.benchmarks import python

pytestmark = pytest.mark.slow

CODE = """
import json
from benchmarks.vehicle import retrieval
from benchmarks.vehicle.reads import Read, misreads
from benchmarks.vehicle.retrieval import _figures
from prum_match.vehicle.reads.edit_script import cost

plates = ["AB120", "XY983", "KL554", "MN207", "PR661"]
reads = [
    Read(source, f"{source}{i}.jpg", plate, text)
    for source in ("one", "two")
    for i, plate in enumerate(plates)
    for text in (plate, plate.replace("0", "O"), "E" + plate)
]

def search(texts, costs, most):
    priced = [[(p, cost(costs, text, p) / 1000) for p in [*plates, "ABO2"]] for text in texts]
    return [[pair for pair in pairs if pair[1] <= most] for pairs in priced]

fold = retrieval.folds(reads)
print(json.dumps({
    "misreads": len(misreads(reads)),
    "folds": sorted(set(fold.values())),
    "images": len(fold),
    "figures": [
        _figures("T", [("T", 0.3), ("a", 0.4), ("b", 0.4)]),
        _figures("T", [("T", 0.3), ("a", 0.3)]),
        _figures("T", [("a", 0.2), ("b", 0.4)]),
        _figures("T", []),
        _figures("T", [("T", 0.3), *(("a", 0.1),) * 10]),
    ],
    "lines": list(retrieval.report(reads, search, 50)),
    "again": list(retrieval.report(reads[::-1], search, 50)),
}))
"""


def test_shares_are_counted_correctly() -> None:
    done = python("-c", CODE)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert (found["misreads"], found["images"], found["folds"]) == (14, 10, [0, 1, 2, 3, 4])
    # Found, alone first, in 10, list; false any, false alone.
    assert found["figures"] == [
        [True, True, True, 3, True, False],
        [True, False, True, 2, True, True],
        [False, False, False, 2, True, True],
        [False, False, False, 0, False, False],
        [True, False, False, 11, True, False],
    ]
    lines = found["lines"]
    assert lines == found["again"]
    assert lines[0].startswith("14 misreads with 1 to 3 errors in 10 images")
    unit = next(line for line in lines if line.split()[:2] == ["unit", "1"])
    assert unit.split()[2] == "1"
    assert sum("learned, other country" in line for line in lines) == 6


def test_missing_files_are_reported() -> None:
    done = python("-m", "benchmarks.vehicle", "retrieval", PRUM_SHARED="")
    assert done.returncode == 2
    assert "no reads: name files, or set PRUM_SHARED" in done.stderr
