"""The tables of dactyloscopic matching agree with the scores, and name missing rivals."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from support.benchmarks import PRINTS, measured, python

pytestmark = pytest.mark.slow

RATES = """
import json
import numpy as np
from benchmarks.dactyloscopy.measures import eer, fnmr_at, reduction

mated = np.array([1.0, 4, 5, 6])
nonmated = np.array([0.0, 0, 2, 3, 4, 0, 0, 0, 0, 0])
print(json.dumps({
    "eer": eer(mated, nonmated),
    "apart": eer(mated + 9, nonmated),
    "constant": eer(np.zeros(4), np.zeros(9)),
    "none": fnmr_at(mated, nonmated, 0.0),
    "tenth": fnmr_at(mated, nonmated, 0.1),
    "two tenths": fnmr_at(mated, nonmated, 0.2),
    "all": fnmr_at(mated, nonmated, 1.0),
    "reduction": [reduction(0.1, 0.2), reduction(0.0, 0.0), reduction(0.3, 0.2)],
    "worse than none": reduction(0.1, 0.0) == -np.inf,
}))
"""


def test_rates_are_those_computed_by_hand() -> None:
    of = measured(RATES)
    # At threshold 2: FNMR 1/4, FMR 3/10; at 3: FNMR 1/4, FMR 2/10. They cross between.
    assert of["eer"] == pytest.approx((0.25 + 0.2) / 2)
    assert of["apart"] == 0.0
    assert of["constant"] == 0.5
    assert (of["none"], of["tenth"], of["two tenths"], of["all"]) == (0.5, 0.25, 0.25, 0.0)
    assert of["reduction"] == pytest.approx([0.5, 0.0, -0.5])
    assert of["worse than none"]


PAIRS = (
    PRINTS
    + """
prints = some()
within = measures.pairs(prints, prints, across=False)
across = measures.pairs(prints, prints, across=True)
first, second = prints.where(prints.impression == 1), prints.where(prints.impression == 2)
crossed = measures.pairs(first, second, across=False)
print(json.dumps([
    [int(p.mated.sum()), int(p.nonmated.sum())] for p in (within, across, crossed)
]))
"""
)


def test_every_comparison_counts_once() -> None:
    # 2 databases of 2 fingers of 2 impressions: 28 pairs of 8 prints, 6 within each database.
    assert measured(PAIRS) == [[4, 8], [4, 24], [4, 4]]


BOOTSTRAP = (
    PRINTS
    + """
prints = some(1, 12, 4)
which = measures.pairs(prints, prints, across=False)
random = np.random.default_rng(5)
other = random.normal(size=which.wanted.shape) + 2 * which.mated
rate = lambda g, i: measures.fnmr_at(g, i, 0.05)
alike = which.reduction(rate, np.exp(other), other, 200)
better = which.reduction(rate, other + 0.7 * which.mated, other, 200)
print(json.dumps([[i.estimate, i.low, i.high, i.subjects] for i in (alike, better)]))
"""
)


def test_the_bootstrap_is_paired_and_draws_fingers() -> None:
    alike, better = measured(BOOTSTRAP)
    # The same order of scores makes the same errors in every resample, however many those are.
    assert alike == [0.0, 0.0, 0.0, 12]
    assert 0.0 < better[1] < better[0] < better[2]


FVC = (
    PRINTS
    + """
prints = some(2, 3, 2)
matrix = np.zeros((12, 12))
same = prints.finger[:, None] == prints.finger
matrix[same] = 1
# A non-mated pair among first impressions of one database, above all mated scores there.
first = np.flatnonzero((prints.database == "db1") & (prints.impression == 1))
matrix[first[0], first[1]] = 2
# Second impressions are not among the non-mated pairs of FVC.
second = np.flatnonzero((prints.database == "db0") & (prints.impression == 2))
matrix[second[0], second[1]] = 2
print(json.dumps(measures.fvc_eer(prints, matrix)))
"""
)


def test_the_protocol_of_fvc_takes_first_impressions_of_a_database_for_non_mated_pairs() -> None:
    found = measured(FVC)
    assert found["db0"] == 0.0
    assert 0.0 < found["db1"] <= 0.5


CACHE = (
    PRINTS
    + """
class Counting(Rival):
    name = "counting"
    packages = ("numpy",)
    conversion = "none"
    calls = 0

    def prepare(self, template):
        return float(template.x[0])

    def compare(self, probe, reference):
        Counting.calls += 1
        return probe * reference

def calls(prints, across):
    before = Counting.calls
    wanted = measures.pairs(prints, prints, across=across).wanted
    found = scores.of_rival(Counting(), prints, prints, wanted, processes=1)
    assert np.array_equal(np.isnan(found), ~wanted)
    x = np.array([t.x[0] for t in prints.templates])
    assert np.array_equal(found[wanted], np.outer(x, x)[wanted])
    return Counting.calls - before

prints = some()
changed = some(impressions=3)
print(json.dumps([
    calls(prints, False), calls(prints, False), calls(prints, True), calls(changed, False),
]))
"""
)


def test_rivals_only_compare_new_pairs(tmp_path: Path) -> None:
    # 12 pairs within databases, none again, the 16 across; other prints are compared anew.
    assert measured(CACHE, PRUM_BENCH_DIR=str(tmp_path)) == [12, 0, 16, 30]


RECORD = (
    PRINTS
    + """
from benchmarks.dactyloscopy.rivals.nbis import record

template = Template(
    x=[569, 10], y=[1138, 20], angle=[90, np.nan], type=[2, 1], quality=[40, 0],
    width=1138, height=2276, ppi=569,
)
print(json.dumps(list(record(template))))
"""
)


def test_a_record_for_nbis_is_at_500_ppi_and_holds_minutiae_with_a_direction() -> None:
    found = bytes(measured(RECORD))
    assert found[:8] == b"FMR\x00030\x00"
    assert int.from_bytes(found[8:12], "big") == len(found)
    assert int.from_bytes(found[-14:-12], "big") == 1000
    assert found[-9] == 1
    x, y, angle, quality = (
        int.from_bytes(found[-8:-6], "big"),
        int.from_bytes(found[-6:-4], "big"),
        found[-4],
        found[-3],
    )
    assert (x >> 14, x & 0x3FFF, y, angle, quality) == (2, 500, 1000, 64, 40)


FILLED = (
    PRINTS
    + """
from benchmarks.dactyloscopy.rivals.base import filled

def of(count):
    return Template(x=np.arange(count), y=[5] * count, angle=[10] * count, width=99, height=99,
                    ppi=1000)

made = filled(of(12))
gaps = np.diff(made.x)[11:] / 2
print(json.dumps([
    [filled(of(n)) == of(n) for n in (0, 9, 10, 14, 15)], len(made), float(gaps.min()),
    made.x[:12].tolist() == list(range(12)),
]))
"""
)


def test_padding_for_bozorth3_does_not_affect_scores() -> None:
    untouched, count, gap, same = measured(FILLED)
    assert untouched == [True, True, False, False, True]
    assert (count, same) == (15, True)
    assert gap > 125


FOLDER = (
    PRINTS
    + """
from pathlib import Path
from prum_match.dactyloscopy.formats import iso19794_2_2011

folder = Path({folder!r})
(folder / "db").mkdir()
(folder / "a_b_2.fmr").write_bytes(iso19794_2_2011.encode([print_of(10)]))
(folder / "db" / "7_1.fmr").write_bytes(iso19794_2_2011.encode([print_of(20)]) + b"beyond")
(folder / "README").write_bytes(b"")
found = data.read_folder(folder)
(folder / "8_1.fmr").write_bytes(b"no record")
try:
    data.read_folder(folder)
    refused = ""
except data.Refused as error:
    refused = str(error)
print(json.dumps([
    found.finger.tolist(), found.impression.tolist(), [t.x[0] for t in found.templates],
    found.notes, refused,
]))
"""
)


def test_a_folder_is_read_by_the_names_of_its_files(tmp_path: Path) -> None:
    *found, notes, refused = measured(FOLDER.replace("{folder!r}", repr(str(tmp_path))))
    assert found == [["./a_b", "db/7"], [2, 1], [10, 20]]
    assert "7_1.fmr: record: bytes after the last view; dropped" in notes
    assert refused.startswith("8_1.fmr: ")


@pytest.fixture
def packed(tmp_path: Path) -> Path:
    """Two databases of 4 fingers of 8 impressions, one minutia each, its x the finger."""
    for database in ("fvc2002_db1b", "fvc2002_db4b"):
        n = 32
        arrays = {
            "x": np.repeat(np.arange(4), 8) * 10 + 5,
            "y": np.tile(np.arange(8), 4) + 1,
            "theta": np.zeros(n, np.float32),
            "type": np.ones(n, np.uint8),
            "quality": np.zeros(n, np.uint8),
            "offset": np.arange(n + 1),
            "finger": np.repeat(np.arange(101, 105), 8),
            "impression": np.tile(np.arange(1, 9), 4),
            "width": np.full(n, 300),
            "height": np.full(n, 300),
            "dpi": np.full(n, 500),
        }
        named = {f"{e}/{k}": v for e in ("mindtct", "fjfx") for k, v in arrays.items()}
        np.savez(tmp_path / f"{database}.npz", **named)
    return tmp_path


RUN = """
import sys
import types
import numpy as np
from benchmarks.dactyloscopy import rivals, __main__
from benchmarks.dactyloscopy.rivals.base import Rival

class Blind(Rival):
    name = "blind"
    packages = ("numpy",)
    conversion = "it looks at y"
    def prepare(self, template):
        return float(template.y[0])
    def compare(self, probe, reference):
        return -abs(probe - reference)

class Absent(Blind):
    name = "absent"
    packages = ("no-such-distribution", "nor-this")

def perfect(probes, references):
    x, y = (np.array([t.x[0] for t in side]) for side in (probes, references))
    return -np.abs(x[:, None] - y)

rivals.RIVALS = (Blind(), Absent())
sys.modules["matchers"] = types.ModuleType("matchers")
sys.modules["matchers"].perfect = perfect
sys.exit(__main__.main(sys.argv[1:]))
"""


def run(packed: Path, *arguments: str) -> list[str]:
    done = python(
        "-c",
        RUN,
        *arguments,
        "--folder",
        str(packed),
        "--ours",
        "matchers:perfect",
        "--quick",
        "--processes",
        "1",
        PRUM_BENCH_DIR=str(packed / "cache"),
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_accuracy_compares_with_the_best_peer_and_names_missing_ones(packed: Path) -> None:
    lines = run(packed, "accuracy", "--extractors", "mindtct")
    assert "absent: not run: no-such-distribution or nor-this is not installed" in lines
    assert sum("mindtct, real: fvc2002_db1b" in line for line in lines) == 1
    assert sum("mindtct, synthetic: fvc2002_db4b" in line for line in lines) == 1
    ours = next(line for line in lines if line.startswith("    prum_match"))
    assert ours.split()[1:] == ["0.00", "0.00", "0.00", "0.00:", "0.00"]
    # Mated pairs never have one y, and all impressions of a number do.
    verdicts = [line for line in lines if "must: FNMR@0.01" in line]
    assert len(verdicts) == 2
    assert all("(blind)" in line and line.endswith(": met") for line in verdicts)
    assert any("quoted, another run: SourceAFIS" in line for line in lines)


def test_cross_compares_impressions_of_two_extractors(packed: Path) -> None:
    lines = run(packed, "cross", "--pairs", "mindtct:fjfx")
    assert "mindtct with fjfx, real: fvc2002_db1b" in lines
    # 4 fingers of 4 x 4 impressions; 12 pairs of fingers.
    assert any("64 mated, 192 non-mated" in line for line in lines)
    assert any("must: EER" in line and line.endswith(": met") for line in lines)


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["accuracy", "--rivals", "nobody"], "no such rival: nobody"),
        (["accuracy"], "no templates: name a folder, or set PRUM_SHARED"),
    ],
)
def test_a_wrong_command_is_refused(arguments: list[str], why: str) -> None:
    done = python("-m", "benchmarks.dactyloscopy", *arguments, PRUM_SHARED="")
    assert done.returncode == 2
    assert why in done.stderr
