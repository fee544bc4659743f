"""What is finished, one JSON a line: a run that was ended goes on where it stood."""

from __future__ import annotations

import json
import os
import platform
import threading
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Done:
    """One finished unit."""

    part: str
    unit: str
    result: str
    seconds: float
    cases: int = 0
    seeds: int = 0
    detail: str = ""


@dataclass(frozen=True)
class Identity:
    """What a result is true of: units of other code, or of another seed, are not finished."""

    code: str
    seed: int
    commit: str = ""
    # What it was limited to, in words; empty where it was not.
    scope: str = ""

    def owns(self, line: dict[str, Any]) -> bool:
        """Whether a line of the file is of this code, this seed and these limits."""
        told = line["code"], line["seed"], line["scope"]
        return told == (self.code, self.seed, self.scope)


@dataclass
class Journal:
    """The finished units of one state of the code and one seed, in a file of all of them."""

    path: Path
    identity: Identity
    done: dict[tuple[str, str], Done] = field(default_factory=dict)
    planned: dict[str, int] = field(default_factory=dict)
    began: str = ""
    machine: str = ""

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        for line in lines_of(self.path):
            if self.identity.owns(line):
                self._take(line)

    def _take(self, line: dict[str, Any]) -> None:
        if line["kind"] == "run":
            self.began = self.began or line["began"]
            self.machine = line["machine"]
        elif line["kind"] == "plan":
            self.planned[line["part"]] = line["units"]
        else:
            names = Done.__dataclass_fields__
            done = Done(**{name: line[name] for name in names})
            self.done[done.part, done.unit] = done

    def _write(self, kind: str, **told: Any) -> None:
        own = {"code": self.identity.code, "seed": self.identity.seed}
        line = {"kind": kind, **own, "scope": self.identity.scope, **told}
        with self._lock:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            # A process that died in the middle of a line left no end of it.
            text = json.dumps(line) + "\n"
            if self.path.exists() and self.path.stat().st_size:
                with self.path.open("rb") as file:
                    file.seek(-1, os.SEEK_END)
                    text = text if file.read() == b"\n" else "\n" + text
            with self.path.open("a", encoding="utf-8") as file:
                file.write(text)
            self._take(line)

    def begin(self, hours: float) -> None:
        now = datetime.now(UTC).isoformat(timespec="seconds")
        commit = self.identity.commit
        self._write("run", began=now, hours=hours, commit=commit, machine=machine())

    def plan(self, part: str, units: int) -> None:
        if self.planned.get(part) != units:
            self._write("plan", part=part, units=units)

    def finish(self, done: Done) -> None:
        self._write("unit", **asdict(done))

    def has(self, part: str, unit: str) -> bool:
        return (part, unit) in self.done

    def of(self, part: str) -> list[Done]:
        return [done for (name, _), done in self.done.items() if name == part]


def lines_of(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the lines that are whole."""
    if not path.exists():
        return
    for text in path.read_text("utf-8").splitlines():
        try:
            line = json.loads(text)
        except ValueError:
            continue
        yield line


def last_run(path: Path) -> Identity | None:
    """Return the code and the seed of the last run that began."""
    runs = [line for line in lines_of(path) if line["kind"] == "run"]
    if not runs:
        return None
    return Identity(*(runs[-1][name] for name in ("code", "seed", "commit", "scope")))


def last_seed(path: Path, code: str) -> int | None:
    """Return the seed of the last run of this code, which then goes on."""
    runs = [line for line in lines_of(path) if line["kind"] == "run" and line["code"] == code]
    return runs[-1]["seed"] if runs else None


def machine() -> str:
    """Return what the seconds depend on."""
    cpu = next(
        (
            line.partition(":")[2].strip()
            for line in _lines(Path("/proc/cpuinfo"))
            if line.startswith("model name")
        ),
        platform.machine(),
    )
    return f"{cpu}, {os.cpu_count()} cores, Python {platform.python_version()}"


def _lines(path: Path) -> list[str]:
    return path.read_text("utf-8").splitlines() if path.exists() else []
