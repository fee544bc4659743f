"""A handful of mutants from end to end: drawn, built, judged, written down, not judged again."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tools.proof import trees

ROOT = Path(__file__).resolve().parents[2]
ROOM = "vehicle"
RESULTS = {"killed", "survived", "same code", "does not compile", "equivalent"}
NEEDS = ("coverage", "Cython", "pybind11", "setuptools")


def paths_of_the_room() -> list[str]:
    """Return the folders and files of tests named for the room, wherever they stand."""
    found = [p for p in (ROOT / "tests" / "unit").rglob(ROOM) if p.is_dir()]
    assert found, f"no tests of {ROOM}"
    return [path.relative_to(ROOT).as_posix() for path in found]


def proof(work: Path, page: Path, *arguments: str) -> str:
    command = [
        sys.executable,
        "-m",
        "tools.proof",
        "--quick",
        "--parts",
        "mutation",
        "--seed",
        "11",
    ]
    command += ["--rooms", ROOM, "--tests", *paths_of_the_room(), "--work", str(work)]
    done = subprocess.run(
        [*command, "--page", str(page), *arguments],
        cwd=ROOT,
        env={k: v for k, v in os.environ.items() if not k.startswith("PYTEST_")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def units(work: Path) -> list[dict[str, str]]:
    lines = map(json.loads, (work / "state.jsonl").read_text("utf-8").splitlines())
    return [line for line in lines if line["kind"] == "unit"]


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.skipif(not trees.is_checkout(ROOT), reason="mutants are drawn from what git tracks")
def test_a_few_mutants_from_end_to_end(tmp_path: Path) -> None:
    for name in NEEDS:
        pytest.importorskip(name)
    if not shutil.which("gcov"):
        pytest.skip("gcov is not here")
    work, page = tmp_path / "work", tmp_path / "page.md"
    before = trees.code_of(ROOT)
    proof(work, page, "--python", "4", "--native", "1")
    assert trees.code_of(ROOT) == before, "the checkout was written to"

    found = units(work)
    assert {unit["result"] for unit in found} <= RESULTS
    for language, wanted in (("python", 4), ("native", 1)):
        short = [u for u in found if u["part"] == f"mutation, {language}, short"]
        decided = [u for u in short if u["result"] in ("killed", "survived")]
        assert len(decided) == wanted
        survivors = {u["unit"] for u in decided if u["result"] == "survived"}
        long = {u["unit"] for u in found if u["part"] == f"mutation, {language}, long"}
        assert long == survivors
    killed = [u for u in found if u["result"] == "killed"]
    assert killed
    assert all("::" in u["detail"] or u["detail"] == "at import" for u in killed)

    text = page.read_text("utf-8")
    assert "**A sample**" in text
    assert re.search(r"mutants, python .* \d killed by `make test`", text)
    # In the trees no mutant is left, and what is finished is not done again.
    for tree in (work / "trees").iterdir():
        for name in trees.files_of(ROOT):
            assert (tree / name).read_bytes() == (ROOT / name).read_bytes(), name
    proof(work, page, "--python", "4", "--native", "1")
    assert units(work) == found
