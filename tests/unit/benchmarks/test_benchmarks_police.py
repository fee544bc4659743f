"""Registers of encoded persons are what they say, and links are judged as they should be."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from support.benchmarks import only_task, python, stand_ins

pytestmark = pytest.mark.slow

HEAD = "rec_id,given_name,surname,suburb,state,date_of_birth\n"


def told(script: str, **environment: str) -> Any:
    done = python("-c", script, **environment)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


ENCODED = """
import json
import numpy as np
from benchmarks.police_record import data

data.POOL = 300
made = data.encoded(1_000, 60)
register, probes = made.register, made.probes
pool = register.filters[:300]
bits = np.unpackbits(register.filters, axis=1)
unlike = [int((np.unpackbits(pool, axis=1) ^ row).sum(axis=1).min()) for row in bits[300:330]]
mates = made.references >= 0
true = np.unpackbits(register.filters[made.references[mates]], axis=1)
asked = np.unpackbits(probes.filters[mates.nonzero()[0]], axis=1)
dice = 2 * (true & asked).sum(axis=1) / (true.sum(axis=1) + asked.sum(axis=1))
print(json.dumps({
    "shape": register.filters.shape,
    "names": [len(register), len(probes), len(probes.filters)],
    "kept": data.encoded(1_000, 60) is made,
    "counts": [float(bits[:300].sum(axis=1).mean()), float(bits[300:].sum(axis=1).mean())],
    "unlike": min(unlike),
    "mates": [int(mates.sum()), int(made.references.max())],
    "dice": [float(np.median(dice)), float(dice.min())],
    "same": [register[i + 300].birth_date == register[i].birth_date for i in range(300)],
    "tokens": [
        register[i + 600].pseudonyms[0].tokens == register[i].pseudonyms[0].tokens
        for i in range(300)
    ],
    "nationalities": [register[i + 300].nationalities == register[i].nationalities
                      for i in range(300)],
}))
"""


def test_a_register_is_made_of_persons_and_of_mixtures_of_them() -> None:
    made = told(ENCODED)
    assert made["shape"] == [1_000, 128]
    assert made["names"] == [1_000, 60, 60]
    assert made["kept"]
    persons, mixtures = made["counts"]
    assert mixtures == pytest.approx(persons, rel=0.03)
    # Mixed filters belong to no person of the pool.
    assert made["unlike"] > 50
    assert made["mates"][0] == 30
    assert made["mates"][1] < 300
    assert made["dice"][0] > 0.8
    assert all(made["same"] + made["tokens"] + made["nationalities"])


FEBRL = """
import json
from benchmarks.police_record import febrl
from benchmarks.police_record.pseudonyms import PseudonymCase

one, two = febrl.read(1, 5_000), febrl.read(4, 5_000)
names = [(*p.first_names, *p.family_names) for p in two.persons[0]]
print(json.dumps({
    "missing": febrl.missing(),
    "one": [one.one, one.links.tolist(), febrl.read(1, 2).links.tolist()],
    "two": [two.one, two.links.tolist(), names],
    "dates": [str(p.birth_date) for p in two.persons[1]],
    "places": [(p.birth_place, p.country_of_birth) for p in two.persons[1]],
    "legal": [str(febrl.person(row, place=False).birth_place) for row in two.right],
    "sides": [side.rows.tolist() for side in PseudonymCase(two, False).sides],
}))
"""


def test_the_sets_are_read_with_their_faults(tmp_path: Path) -> None:
    folder = tmp_path / "data" / "police_record" / "febrl"
    folder.mkdir(parents=True)
    rows = ["r1,ann,lee,perth,wa,19800229\n", "r2,ann,leigh,perth,wx,19810229\n", "r3,,,,,\n"]
    (folder / "febrl1.csv").write_text(HEAD + "".join(rows), "utf-8")
    (folder / "febrl1_links.csv").write_text("a,b\nr3,r1\nr1,r2\n", "utf-8")
    (folder / "febrl4a.csv").write_text(HEAD + "".join(rows), "utf-8")
    (folder / "febrl4b.csv").write_text(HEAD + "".join(reversed(rows)), "utf-8")
    (folder / "febrl4_links.csv").write_text("a,b\nr2,r1\nr1,r3\n", "utf-8")
    found = told(FEBRL, PRUM_SHARED=str(tmp_path))
    assert found["missing"] is None
    assert found["one"] == [True, [[0, 1], [0, 2]], [[0, 1]]]
    assert found["two"] == [False, [[0, 0], [1, 2]], [["ann", "lee"], ["ann", "leigh"], []]]
    # There was no 29 February 1981.
    assert found["dates"] == ["None", "1981", "1980-02-29"]
    assert found["places"] == [[None, None], ["perth", None], ["perth", "CY"]]
    assert found["legal"] == ["None"] * 3
    assert found["sides"] == [[0, 1], [1, 2]]


JUDGED = """
import json
import numpy as np
from benchmarks.police_record import febrl
from benchmarks.police_record.linkage import Febrl4, figures, judged
from benchmarks.police_record.pseudonyms import Legal, National, PseudonymCase, best, near
from benchmarks.task import Row

true = febrl.ordered([(0, 0), (1, 1), (2, 2), (3, 3)], one=False)
right = [{"given_name": "a", "surname": "b", "date_of_birth": ""} for _ in range(4)]
two = febrl.Febrl(right, list(right), true)
case = PseudonymCase(two, place=False)
left = np.array([0, 0, 1, 2, 3]), np.array([0, 1, 1, 2, 0]), np.array([.9, .6, .8, .7, .7])

filters = np.random.default_rng(1).integers(256, size=(40, 128), dtype=np.uint8)
filters[7] = 0
dice = {(a, b): d for a, b, d in zip(*(each.tolist() for each in near(filters, filters)))}
bits = np.unpackbits(filters, axis=1).astype(int)
wanted = {
    (a, b): 2 * int(bits[a] @ bits[b]) / int(bits[a].sum() + bits[b].sum())
    for a in range(40) for b in range(40) if bits[a].any() or bits[b].any()
}

def row(f1, **more):
    return Row("", "measured", "", detail={"F1": f1} if f1 else {}, **more)

def met(task, rows):
    return [must.met for must in task.musts(case, rows, None)]

splink = "splink DuckDB, names apart"
print(json.dumps({
    "one": figures(true, true[:2]).detail(),
    "none": figures(true, true[:0]).detail(),
    "order": judged(febrl.Febrl(right, right, true), [1, 0], [0, 1]),
    "best": best(case, left),
    "near": dice == {pair: value for pair, value in wanted.items() if value >= .5},
    "pairs": len(dice),
    "febrl4": [
        met(Febrl4(), {"prum_match": row(ours), splink: row(theirs, times_ours=times)})
        for ours, theirs, times in ((.99, .98, 1.5), (.98, .99, .5), (.99, None, None))
    ],
    "national": met(National(), {"prum_match, records": row(.95), "prum_match, names": row(.97)}),
    "legal": met(Legal(), {
        "prum_match, names": row(.9), "CLK": row(.89),
        "CLK, names salted by year of birth": row(.91),
    }),
}))
"""


def test_links_are_judged_as_they_should_be() -> None:
    found = told(JUDGED)
    assert found["one"] == {"F1": pytest.approx(2 / 3), "precision": 1.0, "recall": 0.5}
    assert found["none"] == {"F1": 0.0, "precision": 0.0, "recall": 0.0}
    # A pair within one register is one, whichever comes first; here it is wrong.
    assert found["order"]["precision"] == 0.0
    # From .8 on two are right of two; both of .7, or neither, make four with three right.
    best = {"F1": 0.75, "precision": 0.75, "recall": 0.75, "threshold": 0.7}
    assert found["best"] == best
    assert found["near"]
    assert found["pairs"] > 100
    assert found["febrl4"] == [[True, True, True], [False, False, False], [True, None]]
    assert found["national"] == [True, False]
    assert found["legal"] == [True, False]


ACCURACY = """
import json
import numpy as np
from benchmarks.police_record import accuracy
from prum_match.samples.persons import Probes

probes = Probes((None,) * 5, np.array([4, 7, 2, -1, -1]), (
    (), ("transliteration",), ("typing", "date_year"), (), (),
))
result = accuracy.outcome([[4], [1, 2], [9, 2], [], [3]], probes.references)
print(json.dumps({
    "found": result.found.tolist(),
    "lengths": result.lengths.tolist(),
    "lines": list(accuracy.figures(result, probes, 20)),
    "report": list(accuracy.report(400, 20)),
}))
"""


def test_accuracy_counts_correctly() -> None:
    found = told(ACCURACY)
    assert found["found"] == [True, False, True, False, False]
    assert found["lengths"] == [1, 2, 2, 0, 1]
    figures, right, wrong, both = found["lines"]
    assert figures.split(";")[:2] == ["  FNIR within 20: 0.3333", " FPIR: 0.5000"]
    assert "reply: 1.20, not in the register: 0.50" in figures
    assert "none" in right
    assert "100.00% found" in right
    assert wrong.endswith("0.00% found; must be 95%: NOT MET")
    assert "two of these           1 searched, 100.00% found" in both
    lines = found["report"]
    assert lines[0].startswith("400 persons, ")
    forms = [line.partition(":")[0] for line in lines if "enrolled in" in line]
    assert forms == ["clear", "field-level", "record-level"]


def test_without_rivals_ours_is_measured_all_the_same(tmp_path: Path) -> None:
    file = tmp_path / "alone.json"
    arguments = ("police_dice", "--quick", "--size", "500", "--json", str(file))
    done = python("-m", "benchmarks", *arguments, **stand_ins(tmp_path, ["anonlink"]))
    assert done.returncode == 0, done.stderr
    assert "not run: anonlink is not installed" in done.stdout
    ours, anonlink, _ = only_task(file)["rows"]
    assert (ours["status"], anonlink["status"]) == ("measured", "missing")


SABOTAGE = """
import sys
from benchmarks import __main__
from benchmarks.police_record.dice import numpy_popcount

numpy_popcount.THRESHOLD = 0.5
sys.exit(__main__.main(["police_dice", "--quick", "--size", "500", "--json", {file!r}]))
"""


def test_a_rival_with_another_threshold_is_noticed(tmp_path: Path) -> None:
    done = python("-c", SABOTAGE.format(file=str(tmp_path / "it.json")))
    if "NumPy is older than 2.0" in done.stdout:
        pytest.skip("no bitwise_count")
    assert done.returncode == 1, done.stderr
    assert "answers differ, the first at" in done.stdout


def test_without_the_sets_their_tasks_say_so(tmp_path: Path) -> None:
    file = tmp_path / "none.json"
    done = python(
        *("-m", "benchmarks", "police_febrl1", "--quick", "--json", str(file)), PRUM_SHARED=""
    )
    assert done.returncode == 0, done.stderr
    task = only_task(file)
    assert {row["status"] for row in task["rows"]} == {"missing"}
    assert all("set PRUM_SHARED" in row["how"] for row in task["rows"])
    assert task["musts"] == []
