"""Which tests reach which lines, recorded once for each file of tests."""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from tools.proof.rings import Ring
from tools.proof.running import is_over, run_tests

Lines = tuple[int, int]
# A test that takes longer than this comes after all that are quicker.
QUICK = 0.5


@dataclass
class Record:
    """What the tests of one file reach."""

    file: str
    # Seconds of the tests that passed; the others could tell nothing about a mutant.
    tests: dict[str, float]
    failed: list[str]
    # By file and line of Python, the tests in bits, in their order.
    python: dict[str, dict[int, int]] = field(default_factory=dict)
    # By file of C++, the lines that ran, and those of the functions that ran.
    native: dict[str, set[int]] = field(default_factory=dict)
    functions: dict[str, set[int]] = field(default_factory=dict)

    def names(self, bits: int) -> list[str]:
        return [name for i, name in enumerate(self.tests) if bits >> i & 1]


class Records:
    """The records of a ring, and what covers a mutant."""

    def __init__(self, records: Iterable[Record]) -> None:
        self.records = sorted(records, key=lambda record: record.file)
        self.seconds = {n: s for record in self.records for n, s in record.tests.items()}
        self.reach: dict[str, int] = dict.fromkeys(self.seconds, 0)
        for record in self.records:
            for by_line in record.python.values():
                for bits in by_line.values():
                    for name in record.names(bits):
                        self.reach[name] += 1
        self.unreliable: set[str] = set()

    def of_python(self, path: str, lines: Sequence[Lines]) -> list[str]:
        """Return the tests that reach the first of the ranges that any test reaches.

        What no test reaches while it runs may run when a module is imported: then it is the
        tests that reach anything in the file.
        """
        for first, last in [*lines, (1, 1 << 30)]:
            found = [
                name
                for record in self.records
                for name in record.names(_bits(record.python.get(path, {}), first, last))
            ]
            if found:
                return self.ordered(found)
        return []

    def of_native(self, path: str, lines: Sequence[Lines]) -> list[str]:
        """Return the tests of the files that run a line, or else the function around it."""
        for first, last in lines:
            found = [r for r in self.records if _touches(r.native.get(path, ()), first, last)]
            if found:
                return self.ordered(name for record in found for name in record.tests)
        first = lines[0][0]
        found = [r for r in self.records if first in r.functions.get(path, ())]
        return self.ordered(name for record in found for name in record.tests)

    def ordered(self, names: Iterable[str]) -> list[str]:
        """Return tests in the order in which they find most in the least time, file by file."""

        def cost(name: str) -> tuple[bool, float]:
            seconds = self.seconds[name]
            return (True, seconds) if seconds > QUICK else (False, self.reach[name])

        by_file: dict[str, list[str]] = {}
        for name in names:
            if name not in self.unreliable:
                by_file.setdefault(name.partition("::")[0], []).append(name)
        for members in by_file.values():
            members.sort(key=lambda n: (cost(n), n))
        return [
            n for f in sorted(by_file, key=lambda f: (cost(by_file[f][0]), f)) for n in by_file[f]
        ]


def _bits(by_line: Mapping[int, int], first: int, last: int) -> int:
    bits = 0
    for line, some in by_line.items():
        if first <= line <= last:
            bits |= some
    return bits


def _touches(lines: Iterable[int], first: int, last: int) -> bool:
    return any(first <= line <= last for line in lines)


@dataclass(frozen=True)
class Recorder:
    """Runs files of tests on trees whose native parts count their lines."""

    trees: Sequence[Path]
    folder: Path
    ring: Ring
    environment: Mapping[str, str]
    seed: int
    skip: Sequence[str] = ()
    until: float = float("inf")

    def run(self, files: Sequence[str]) -> Iterator[Record]:
        """Yield the records of all files: read where they are there, or else made.

        It stops early, with fewer records than files, where the time is over.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        free: SimpleQueue[Path] = SimpleQueue()
        for tree in self.trees:
            free.put(tree)

        def one(file: str) -> Record | None:
            place = self.folder / (file.replace("/", "-") + ".json")
            if not place.exists() and is_over(self.until):
                return None
            if not place.exists():
                tree = free.get()
                try:
                    made = self._record(tree, file)
                finally:
                    free.put(tree)
                if made is None:
                    return None
                fresh = place.with_suffix(".new")
                fresh.write_text(json.dumps(made))
                fresh.replace(place)
            return _read(json.loads(place.read_text("utf-8")))

        with ThreadPoolExecutor(len(self.trees)) as pool:
            for record in pool.map(one, files):
                if record is not None:
                    yield record

    def _record(self, tree: Path, file: str) -> dict[str, Any] | None:
        with tempfile.TemporaryDirectory(prefix="proof-") as folder:
            cover, counts, skip = Path(folder, "cover"), Path(folder, "gcov"), Path(folder, "skip")
            skip.write_text(json.dumps(list(self.skip)))
            ran = run_tests(
                tree,
                [file],
                options=[
                    *self.ring.options,
                    *("--proof-cover", str(cover), "--proof-skip", str(skip)),
                    *("--timeout=1800", f"--hypothesis-seed={self.seed}"),
                ],
                environment={**self.environment, **counting(self.trees[0], counts)},
                until=self.until,
            )
            if ran.stopped:
                return None
            passed = {n: s for n, (outcome, s) in ran.tests.items() if outcome == "passed"}
            bit = {name: 1 << i for i, name in enumerate(passed)}
            lines = json.loads(cover.read_text("utf-8")) if cover.exists() else {}
            python = {
                path: {
                    line: hex(sum(bit.get(name, 0) for name in names))
                    for line, names in by_line.items()
                    if any(name in bit for name in names)
                }
                for path, by_line in lines.items()
            }
            native, functions = _counted(tree, counts) if passed else ({}, {})
            failed = ran.failed + (
                [f"{file} (code {ran.code})"] if ran.code not in (0, 1, 5) else []
            )
            return {
                "file": file,
                "tests": passed,
                "failed": failed,
                "output": ran.output if failed else "",
                "python": {path: by_line for path, by_line in python.items() if by_line},
                "native": native,
                "functions": functions,
            }


def counting(built_in: Path, folder: Path) -> dict[str, str]:
    """Return what has a counting build write its counts below a folder."""
    strip = len(built_in.resolve().parts) - 1
    return {"GCOV_PREFIX": str(folder), "GCOV_PREFIX_STRIP": str(strip)}


def _counted(tree: Path, folder: Path) -> tuple[dict[str, list[int]], dict[str, list[int]]]:
    """Return by file of C++ the lines that ran, and the lines of functions that ran."""
    counts = sorted(folder.rglob("*.gcda"))
    for file in counts:
        notes = tree / file.relative_to(folder).with_suffix(".gcno")
        file.with_suffix(".gcno").symlink_to(notes.resolve())
    if not counts:
        return {}, {}
    told = subprocess.run(
        ["gcov", "--relative-only", "--json-format", "--stdout", *map(str, counts)],
        cwd=tree,
        capture_output=True,
        text=True,
        check=True,
        start_new_session=True,
    )
    lines: dict[str, set[int]] = {}
    functions: dict[str, set[int]] = {}
    for text in told.stdout.splitlines():
        if not text.startswith("{"):
            continue
        for file in json.loads(text)["files"]:
            name = _normal(file["file"])
            if not name.startswith("csrc/"):
                continue
            ran = lines.setdefault(name, set())
            ran.update(line["line_number"] for line in file["lines"] if line["count"])
            inside = functions.setdefault(name, set())
            for function in file["functions"]:
                if function["execution_count"]:
                    inside.update(range(function["start_line"], function["end_line"] + 1))
    return (
        {name: sorted(found) for name, found in lines.items() if found},
        {name: sorted(found) for name, found in functions.items() if found},
    )


def _normal(name: str) -> str:
    parts: list[str] = []
    for part in name.split("/"):
        if part == ".." and parts:
            parts.pop()
        elif part != ".":
            parts.append(part)
    return "/".join(parts)


def _read(told: dict[str, Any]) -> Record:
    return Record(
        file=told["file"],
        tests=told["tests"],
        failed=told["failed"],
        python={
            path: {int(line): int(bits, 16) for line, bits in by_line.items()}
            for path, by_line in told["python"].items()
        },
        native={path: set(lines) for path, lines in told["native"].items()},
        functions={path: set(lines) for path, lines in told["functions"].items()},
    )
