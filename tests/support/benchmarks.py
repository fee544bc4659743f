"""Running the benchmarks, which are no part of the package, as their users do."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import prum_match

REPOSITORY = Path(__file__).resolve().parents[2]
PACKAGE = Path(prum_match.__file__).resolve().parents[1]


def python(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run Python from the root of the repository, with the package that is tested here."""
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


def only_task(file: Path) -> dict[str, Any]:
    (task,) = json.loads(file.read_text("utf-8"))["tasks"]
    assert isinstance(task, dict)
    return task
