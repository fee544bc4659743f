"""All processes of a run draw the same, and different runs draw differently."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from support.galleries.kits import KITS

TESTS = Path(__file__).resolve().parents[1]
SCRIPT = """
import json, subprocess, sys
from support.galleries.drawn_kit import HEAVY_KITS
from support.examples import SEED, chance, examples, some

kits = [kit.name for kit in HEAVY_KITS]
drawn = [kits, SEED, some(range(100), "a"), some(range(100), "b"), chance("c").random()]
if len(sys.argv) > 1:
    print(json.dumps(drawn))
else:
    command = [sys.executable, __file__, "child"]
    child = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    counts = [examples(40), examples(8), examples(2), examples(4, least=1)]
    print(json.dumps({"drawn": drawn, "child": child, "counts": counts}))
"""


def run(folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    script = folder / "drawn.py"
    script.write_text(SCRIPT, "utf-8")
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("PRUM_")}
    path = os.pathsep.join([str(TESTS), *filter(None, sys.path)])
    return subprocess.run(
        [sys.executable, script],
        env={**inherited, "PYTHONPATH": path, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def told(folder: Path, **environment: str) -> dict[str, Any]:
    done = run(folder, **environment)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_a_short_run_draws_anew_and_its_processes_agree(tmp_path: Path) -> None:
    one, other = (told(tmp_path, PRUM_EXAMPLES="25") for _ in range(2))
    for found in (one, other):
        assert found["child"] == found["drawn"]
        kits, _, some, others, _ = found["drawn"]
        assert len(kits) == 2
        assert kits[0] == KITS[0].name
        assert len(some) == len(set(some)) == len(others) == 25
        assert some != others
        assert found["counts"] == [10, 5, 2, 1]
    assert one["drawn"][1:] != other["drawn"][1:]


def test_a_full_run_leaves_no_case_out(tmp_path: Path) -> None:
    found = told(tmp_path, PRUM_EXAMPLES="100", PRUM_KIT="all")
    kits, _, some, *_ = found["drawn"]
    assert kits == [kit.name for kit in KITS]
    assert some == list(range(100))
    assert found["counts"] == [40, 8, 2, 4]


def test_a_run_can_be_repeated(tmp_path: Path) -> None:
    what = {"PRUM_EXAMPLES": "25", "PRUM_KIT": "police_record by field", "PRUM_SEED": "7"}
    one, other = (told(tmp_path, **what) for _ in range(2))
    assert one == other
    assert one["drawn"][:2] == [[KITS[0].name, "police_record by field"], 7]


def test_an_unknown_kit_is_refused(tmp_path: Path) -> None:
    done = run(tmp_path, PRUM_KIT="fingers")
    assert done.returncode != 0
    assert "PRUM_KIT=fingers: expected all or one of numbers, dna" in done.stderr
