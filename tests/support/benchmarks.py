"""Run the benchmarks, which are outside the package, as users do."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import prum_match

REPOSITORY = Path(__file__).resolve().parents[2]
PACKAGE = Path(prum_match.__file__).resolve().parents[1]


PRINTS = """
import json
import numpy as np
from benchmarks.dactyloscopy import data, measures, scores
from benchmarks.dactyloscopy.rivals.base import Rival
from prum_match.dactyloscopy import Template

def print_of(value, **fields):
    return Template(x=[value], y=[2], angle=[90], width=300, height=300, ppi=500, **fields)

def some(databases=2, fingers=2, impressions=2):
    return data.collect("some", [
        (f"db{d}", str(f), i, print_of(100 * d + 10 * f + i))
        for d in range(databases) for f in range(fingers) for i in range(1, impressions + 1)
    ])
"""
"""A script's functions that make prints up."""


def python(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run Python from the root of the repository, with the package under test."""
    path = os.pathsep.join(filter(None, [str(PACKAGE), os.environ.get("PYTHONPATH")]))
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=REPOSITORY,
        env={**os.environ, "PYTHONPATH": path, **environment},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )


NOT_INSTALLED = 'raise ModuleNotFoundError("no such module", name=__name__)'
"""What a stand-in for a package does that is not installed."""


def stand_ins(folder: Path, modules: Iterable[str], source: str = NOT_INSTALLED) -> dict[str, str]:
    """Put stub packages before all installed ones on the path; return the environment.

    So tests do not depend on installed packages.
    """
    for module in modules:
        (folder / f"{module}.py").write_text(source, "utf-8")
    path = [str(folder), str(PACKAGE), os.environ.get("PYTHONPATH")]
    return {"PYTHONPATH": os.pathsep.join(filter(None, path))}


def only_task(file: Path) -> dict[str, Any]:
    (task,) = json.loads(file.read_text("utf-8"))["tasks"]
    assert isinstance(task, dict)
    return task


def measured(code: str, **environment: str) -> Any:
    """Run a script and return what it prints as JSON."""
    done = python("-c", code, **environment)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
