"""A rival that is missing or cannot be loaded is a row with the reason, not a failure."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from support.benchmarks import NOT_INSTALLED, measured, only_task, python, stand_ins

WHYS = """
import json
from benchmarks.loading import unusable

print(json.dumps([unusable("json", "rival"), unusable("rival.part"), unusable("json")]))
"""


@pytest.mark.parametrize(
    ("source", "why"),
    [
        (NOT_INSTALLED, "rival is not installed"),
        ("import no_such_module", "rival cannot be loaded: ModuleNotFoundError: No module named"),
        ("raise ImportError('no symbol')", "rival cannot be loaded: ImportError: no symbol"),
        ("raise OSError('no library')", "rival cannot be loaded: OSError: no library"),
        ("1 / 0", "rival cannot be loaded: ZeroDivisionError: division by zero"),
        ("class Odd(Exception): ...\nraise Odd", "rival cannot be loaded: Odd: "),
    ],
)
def test_errors_of_an_import_are_reported(tmp_path: Path, source: str, why: str) -> None:
    whole, part, sound = measured(WHYS, **stand_ins(tmp_path, ["rival"], source))
    assert whole.startswith(why)
    assert part.startswith(why)
    assert sound is None


def test_warnings_of_a_rival_are_not_printed(tmp_path: Path) -> None:
    source = "import warnings\nwarnings.warn('old')"
    done = python("-c", WHYS, **stand_ins(tmp_path, ["rival"], source))
    assert (done.returncode, done.stderr) == (0, "")


TASK = """
import sys
from benchmarks import __main__
from benchmarks.dna.search import numpy_columns, prum_match

def broken(*given):
    import no_such_module

{contender}.{what} = broken
sys.exit(__main__.main(["search_1m", "--quick", "--size", "500", "--json", {file!r}]))
"""


@pytest.mark.parametrize("what", ["missing", "load"])
def test_an_unloadable_rival_does_not_fail_the_run(tmp_path: Path, what: str) -> None:
    file = tmp_path / "it.json"
    done = python("-c", TASK.format(contender="numpy_columns", what=what, file=str(file)))
    assert (done.returncode, done.stderr) == (0, "")
    assert "NumPy column filter cannot be loaded: ModuleNotFoundError: No module" in done.stdout
    ours, rival, other = only_task(file)["rows"]
    assert [row["status"] for row in (ours, rival, other)] == ["measured", "missing", "measured"]


def test_ours_has_to_be_loaded(tmp_path: Path) -> None:
    file = tmp_path / "it.json"
    done = python("-c", TASK.format(contender="prum_match", what="load", file=str(file)))
    assert done.returncode == 1
    assert only_task(file)["rows"][0]["status"] == "failed"


def test_an_unloadable_rival_of_the_real_tasks(tmp_path: Path) -> None:
    """As anonlink does, which wants a module that setuptools no longer has."""
    file = tmp_path / "it.json"
    arguments = ("police_dice", "--quick", "--size", "200", "--json", str(file))
    broken = stand_ins(tmp_path, ["anonlink"], "import no_such_module")
    done = python("-m", "benchmarks", *arguments, **broken)
    assert (done.returncode, done.stderr) == (0, "")
    assert "not run: anonlink cannot be loaded: ModuleNotFoundError: No module" in done.stdout
    ours, anonlink, _ = only_task(file)["rows"]
    assert (ours["status"], anonlink["status"]) == ("measured", "missing")


CASE = """
import sys
from benchmarks import __main__
from benchmarks.tasks import TASKS
from prum_match.errors import missing_extra

def broken(*given):
    raise {error}

task = next(task for task in TASKS if task.name == "search_1m")
type(task).case = broken
sys.exit(__main__.main(["search_1m", "memory", "--quick", "--size", "500", "--json", {file!r}]))
"""


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        ("missing_extra('cryptography', 'pseudonyms')", "missing", 0),
        ("ImportError('no module')", "missing", 0),
        ("OSError('no disk')", "failed", 1),
    ],
)
def test_a_task_without_data_is_a_row_and_the_run_goes_on(
    tmp_path: Path, error: str, status: str, code: int
) -> None:
    file = tmp_path / "it.json"
    done = python("-c", CASE.format(error=error, file=str(file)))
    assert done.returncode == code
    first, second = json.loads(file.read_text("utf-8"))["tasks"]
    assert [row["status"] for row in first["rows"]] == [status]
    assert second["rows"][0]["status"] == "measured"
    assert "search_1m: not run" in done.stdout
