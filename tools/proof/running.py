"""Pytest in a process of its own, watched from outside."""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

STOP = threading.Event()
"""Set where the whole run is to end: every run of pytest then ends, and none begins."""

# A fault that asks for all the memory there is ends itself and not the machine.
MOST_KILOBYTES = 12 << 20


@dataclass
class Ran:
    """What a run of pytest came to."""

    # Pytest's own; negative where a signal ended it.
    code: int
    seconds: float
    # Outcome and seconds by test.
    tests: dict[str, tuple[str, float]] = field(default_factory=dict)
    cases: int = 0
    seeds: int = 0
    # The test that had begun and not ended.
    open_test: str = ""
    silent: bool = False
    stopped: bool = False
    output: str = ""

    @property
    def failed(self) -> list[str]:
        return [name for name, (outcome, _) in self.tests.items() if outcome == "failed"]


def run_tests(
    tree: Path,
    files: Sequence[str],
    *,
    options: Sequence[str] = (),
    environment: Mapping[str, str] | None = None,
    select: Sequence[str] | None = None,
    silence: float = 3600,
    until: float = float("inf"),
) -> Ran:
    """Run tests of a tree, as they are there and not as they are installed.

    A run in which no test begins or ends for ``silence`` seconds is ended; so is one that goes on
    at ``until``, in seconds of the monotonic clock.
    """
    with tempfile.TemporaryDirectory(prefix="proof-") as folder:
        report, output = Path(folder, "report.jsonl"), Path(folder, "output")
        report.touch()
        arguments = ["-m", "pytest", "-q", "-p", "tools.proof.plugin", "-p", "no:cacheprovider"]
        arguments += ["--proof-report", str(report), *options]
        if select is not None:
            chosen = Path(folder, "select.json")
            chosen.write_text(json.dumps(list(select)))
            arguments += ["--proof-select", str(chosen)]
        command = shlex.join([sys.executable, *arguments, *files])
        started = time.monotonic()
        with output.open("wb") as out:
            process = subprocess.Popen(
                ["sh", "-c", f"ulimit -v {MOST_KILOBYTES}; exec {command}"],
                cwd=tree,
                env=environment_of(tree) | dict(environment or {}),
                stdout=out,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )
            ran = _watch(process, report, silence, until)
        ran.seconds = time.monotonic() - started
        _read(report, ran)
        ran.output = output.read_bytes()[-20000:].decode("utf-8", "replace")
        return ran


def is_over(until: float) -> bool:
    """Whether nothing more is to begin."""
    return time.monotonic() > until or STOP.is_set()


def environment_of(tree: Path) -> dict[str, str]:
    """Return the environment of a run: the tree comes first on the path."""
    path = [str(tree / "src"), *filter(None, [os.environ.get("PYTHONPATH")])]
    out = {k: v for k, v in os.environ.items() if not k.startswith("PYTEST_")}
    out["PYTHONPATH"] = os.pathsep.join(path)
    return out


def _watch(process: subprocess.Popen[bytes], report: Path, silence: float, until: float) -> Ran:
    ran = Ran(0, 0.0)
    size, heard = 0, time.monotonic()
    try:
        while process.poll() is None:
            now = time.monotonic()
            if report.stat().st_size != size:
                size, heard = report.stat().st_size, now
            ran.silent = now - heard > silence
            ran.stopped = is_over(until)
            if ran.silent or ran.stopped:
                break
            time.sleep(0.05)
    finally:
        if process.poll() is None:
            # The group is of this run alone; children of tests are in it.
            os.killpg(process.pid, signal.SIGKILL)
        ran.code = process.wait()
    return ran


def _read(report: Path, ran: Ran) -> None:
    for line in report.read_text("utf-8").splitlines():
        try:
            told: dict[str, Any] = json.loads(line)
        except ValueError:
            # The last line of a process that was ended.
            continue
        if "outcome" not in told:
            ran.open_test = told["test"]
            continue
        ran.open_test = ""
        ran.tests[told["test"]] = told["outcome"], told["seconds"]
        ran.cases += told["cases"]
        ran.seeds += told["seeds"]
