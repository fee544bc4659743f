"""Simulated plates have the stated properties, and rivals agree with the oracle."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from oracles.vehicle.search import Row, distance, exact, fuzzy, pattern, unit_prices
from prum_match import vehicle
from support.benchmarks import only_task, python, stand_ins

pytestmark = pytest.mark.slow

UNIT = unit_prices(vehicle.SYMBOLS)


def told(script: str, *arguments: str) -> Any:
    done = python("-c", script, *arguments)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


DRAWN = """
import json
from benchmarks.vehicle import data
from benchmarks.vehicle.formats import COUNTRIES

def texts(pair):
    return [column.tolist() for column in pair]

countries, plates = data.synthetic_plates(20_000, 5)
reads = {name: getattr(data, name)(plates, 400, 6) for name in ("noisy", "misreads")}
print(json.dumps({
    "plates": texts((countries, plates)),
    "again": texts(data.synthetic_plates(20_000, 5)) == texts((countries, plates)),
    "other": texts(data.synthetic_plates(20_000, 6)) == texts((countries, plates)),
    "fewest": [len(data.synthetic_plates(n, 5)[1]) for n in (0, 1, 50)],
    "fleets": {name: country.fleet for name, country in COUNTRIES.items()},
    "used_up": sorted(texts(data.synthetic_plates(20_000, 5))[1])[:1],
    "reads": {
        name: [(text, str(plates[row])) for text, row in zip(q.texts, q.rows)]
        for name, q in reads.items()
    },
    "same_reads": data.noisy(plates, 400, 6).texts == reads["noisy"].texts,
    "first": len(reads["noisy"].first(7)),
}))
"""


@pytest.fixture(scope="module")
def drawn() -> dict[str, Any]:
    figures = told(DRAWN)
    assert isinstance(figures, dict)
    return figures


def test_plates_are_drawn_again_and_no_country_has_one_twice(drawn: dict[str, Any]) -> None:
    pairs = list(zip(*drawn["plates"], strict=True))
    assert (drawn["again"], drawn["other"]) == (True, False)
    assert drawn["fewest"] == [0, 1, 50]
    assert len(set(pairs)) == len(pairs) == 20_000


def test_plates_fit_the_syntax_of_their_country(drawn: dict[str, Any]) -> None:
    pairs = list(zip(*drawn["plates"], strict=True))
    assert len({country for country, _ in pairs}) == 32
    misfits = [
        (country, plate)
        for country, plate in pairs[:4_000]
        if vehicle.normalise_plate(country, plate).valid is False
    ]
    assert misfits == []


def test_countries_have_plates_as_they_have_vehicles(drawn: dict[str, Any]) -> None:
    countries, fleets = drawn["plates"][0], drawn["fleets"]
    for country in ("DE", "FR", "GB", "PL"):
        share = fleets[country] / sum(fleets.values())
        assert countries.count(country) / len(countries) == pytest.approx(share, rel=0.1)


def test_reads_have_the_errors_that_they_are_said_to_have(drawn: dict[str, Any]) -> None:
    noisy, misread = drawn["reads"]["noisy"], drawn["reads"]["misreads"]
    errors = [distance(plate, text, UNIT) // 1000 for text, plate in noisy]
    assert set(errors) == {0, 1, 2}
    assert drawn["same_reads"]
    assert drawn["first"] == 7
    badly = [distance(plate, text, UNIT) // 1000 for text, plate in misread]
    assert 0.3 < sum(error > 0 for error in badly) / len(badly) < 0.9
    # Symbols of the band stand before the plate.
    assert any(text == letter + plate for text, plate in misread for letter in "EBHI1")


REGISTER = """
import json
import numpy as np
from benchmarks.vehicle.register import OPEN, register, rows_of

whole = register(2_000, 3, vins=True)
table = whole.table
print(json.dumps({
    "table": {name: table[name].to_pylist() for name in ("reference_id", "country", "plate")},
    "vin": sorted({len(vin) for vin in table["vin"].to_pylist()}),
    "rows": rows_of(table["reference_id"].to_pylist()) == list(range(2_000)),
    "nulls": table["valid_to"].null_count,
    "open": int((whole.valid_to == OPEN).sum()),
    "from": whole.valid_from.tolist(),
    "to": np.minimum(whole.valid_to, 1 << 40).tolist(),
    "kept": register(2_000, 3, vins=True) is whole,
    "without": register(60, 3).table.column_names,
}))
"""


def test_plates_of_a_register_are_resold_after_a_day() -> None:
    figures = told(REGISTER)
    columns = figures["table"]
    assert columns["reference_id"][:2] == ["R000000000", "R000000001"]
    assert figures["rows"]
    assert figures["kept"]
    assert figures["vin"] == [17]
    assert figures["nulls"] == figures["open"]
    assert "vin" not in figures["without"]
    held: dict[tuple[str, str], list[tuple[int, int]]] = {}
    keys = zip(columns["country"], columns["plate"], strict=True)
    for key, begin, end in zip(keys, figures["from"], figures["to"], strict=True):
        assert begin < end
        held.setdefault(key, []).append((begin, end))
    resold = [sorted(each) for each in held.values() if len(each) > 1]
    assert 60 < len(resold) < 140
    assert all(second[0] - first[1] == 86_400 for first, second in resold)


# Rivals alone, on a register so small that the oracle looks at all of it.
RIVALS = """
import json
import numpy as np
from benchmarks.task import Options
from benchmarks.vehicle.exact import ExactCase
from benchmarks.vehicle.tasks import VEHICLE_TASKS

told = []
for task in VEHICLE_TASKS:
    if not task.name.startswith(("vehicle_distance", "vehicle_pattern", "vehicle_exact")):
        continue
    case = task.case(300, Options(quick=True))
    whole = case.register
    rows = zip(*(column.tolist() for column in (
        whole.countries, whole.plates, whole.valid_from, whole.valid_to
    )))
    asked = case.probes[:100] if isinstance(case, ExactCase) else case.texts
    found = {}
    for rival in task.contenders[1:]:
        if rival.missing() is None:
            passed = rival.load(case)
            answers = passed.answer(passed.run())
            found[rival.NAME] = [answers[i if isinstance(case, ExactCase) else text]
                                 for i, text in enumerate(asked)]
    told.append({
        "task": task.name,
        "most": getattr(case, "most", None),
        "rows": list(rows),
        "asked": asked,
        "found": found,
    })
print(json.dumps(told))
"""


def test_rivals_agree_with_the_oracle() -> None:
    tasks = told(RIVALS)
    assert len(tasks) == 10
    for task in tasks:
        rows = {
            f"{i:09d}": Row(country, plate, 0, None, begin, end)
            for i, (country, plate, begin, end) in enumerate(task["rows"])
        }
        wanted = [_oracle(task, rows, asked) for asked in task["asked"]]
        assert any(wanted), task["task"]
        for name, found in task["found"].items():
            assert found == wanted, (task["task"], name)


def _oracle(task: dict[str, Any], rows: dict[str, Row], asked: Any) -> list[int]:
    if task["task"].startswith("vehicle_exact"):
        country, plate, at = asked
        found = exact(rows, country=country, keys=[(plate, 0)], at=at, now=at)
    elif task["task"].startswith("vehicle_pattern"):
        found = pattern(rows, asked)
    else:
        found = fuzzy(rows, asked, costs=UNIT, max_cost=int(task["most"] * 1000))
    return sorted(int(name) for _, _, name in found)


JUDGE = """
import json
from benchmarks.task import Row
from benchmarks.vehicle.growth import Growth, VehicleGrowth
from benchmarks.vehicle.search.tasks import Distance1, Distance2Million

def growth(seconds):
    result = Growth(seconds)
    ours = Row("prum_match", "measured", "", detail={"exponent": result.exponent})
    (must,) = VehicleGrowth().musts(None, {"prum_match": ours}, None)
    return [result.exponent, must.met]

def rows(ours, **times):
    values = {name: Row(name, "measured", "", times_ours=x) for name, x in times.items()}
    return {"prum_match": Row("prum_match", "measured", "", value=ours), **values}

print(json.dumps([
    growth({1_000: 1.0, 10_000: 10 ** 0.5, 100_000: 10.0}),
    growth({1_000: 1.0, 100_000: 100.0}),
    growth({1_000: 1.0}),
    [must.met for must in Distance1().musts(None, rows(0.1), None)],
    [must.met for must in Distance1().musts(None, rows(0.11), None)],
    [must.met for must in Distance2Million().musts(
        None, rows(1.0, tantivy=30.0, **{"rapidfuzz cdist": 99.0}), None)],
]))
"""


def test_the_musts_are_those_that_were_asked_for() -> None:
    root, linear, single, fast, slow, million = told(JUDGE)
    assert root == [pytest.approx(0.5), True]
    assert linear == [pytest.approx(1.0), False]
    assert single == [None, None]
    assert (fast, slow, million) == ([True], [False], [True, False])


def test_without_rivals_ours_is_measured_all_the_same(tmp_path: Path) -> None:
    file = tmp_path / "alone.json"
    rivals = ("tantivy", "rapidfuzz", "polyleven", "duckdb")
    arguments = ("vehicle_distance_2_1m", "--quick", "--size", "200", "--json", str(file))
    done = python("-m", "benchmarks", *arguments, **stand_ins(tmp_path, rivals))
    assert done.returncode == 0, done.stderr
    for name in rivals:
        assert f"not run: {name} is not installed" in done.stdout
    ours, *others = only_task(file)["rows"]
    assert ours["status"] == "measured"
    assert {row["status"] for row in others} == {"missing"}


SABOTAGE = """
import sys
from benchmarks import __main__
from benchmarks.vehicle.exact import python_dict

python_dict._valid = lambda found, at: [*found[:1]]
sys.exit(__main__.main(["vehicle_exact_single", "--quick", "--size", "200", "--json", {file!r}]))
"""


def test_a_rival_that_forgets_the_date_is_noticed(tmp_path: Path) -> None:
    done = python("-c", SABOTAGE.format(file=str(tmp_path / "it.json")))
    assert done.returncode == 1, done.stderr
    assert "answers differ, the first at" in done.stdout
