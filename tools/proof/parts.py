"""What runs long, in units that are finished one by one."""

from __future__ import annotations

import random
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tools.proof import trees
from tools.proof.running import environment_of

# Cases of one file of properties; examples of a property in one round of it.
CASES = 100_000
EXAMPLES = 500
ROUNDS = 200
SEEDS = 10_000
POPULATIONS = 20
# Tests of one unit, where a file has many long ones.
BATCH = 5

_PROPERTY = re.compile(r"@given\b|\bRuleBasedStateMachine\b")
_KITS = re.compile(r"\bKITS\b|\bHEAVY_KITS\b|_?kit(_anywhere)?: Kit\b")
# What somebody does who wants to read, forge or break something.
_ATTACK = re.compile(r"attack|tamper|bad_lines|_lies|_told|damag|refusals|forg")
_LONG_ATTACK = re.compile(r"PRUM_ALL_BITS|PRUM_POPULATIONS")


@dataclass(frozen=True)
class Unit:
    """One run of pytest: finished, or not run."""

    part: str
    name: str
    files: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    options: Sequence[str] = ()
    select: Sequence[str] | None = None
    # Cases that this file needs no more of, once it had so many.
    enough: int = 0


PARTS = ("simulation", "attacks", "machines", "mutation", "properties")
"""In the order in which they run; properties take what time is left."""
SHARES = dict(zip(PARTS, (0.1, 0.1, 0.15, 0.4, 0.25), strict=True))


def units(part: str, tree: Path, seed: int, among: Sequence[str]) -> Iterator[Unit]:
    """Yield the units of a part, as the tests of the tree have it now."""
    files = {n: (tree / n).read_text("utf-8") for n in trees.files_of_tests(tree, among)}
    if part == "simulation":
        settings = {"PRUM_SEEDS": str(SEEDS)}
        for name, text in files.items():
            if "PRUM_SEEDS" in text:
                yield from _batches(part, tree, name, settings)
    elif part == "attacks":
        settings = {
            "PRUM_ALL_BITS": "1",
            "PRUM_POPULATIONS": str(POPULATIONS),
            "PRUM_EXAMPLES": str(EXAMPLES),
            "PRUM_KIT": "all",
        }
        for name, text in files.items():
            if _ATTACK.search(Path(name).name):
                options, drawn = _seeded(seed, name)
                if _LONG_ATTACK.search(text):
                    yield from _batches(part, tree, name, settings | drawn, options, size=1)
                else:
                    yield Unit(part, name, [name], settings | drawn, options)
    elif part == "machines":
        for name, text in files.items():
            if _KITS.search(text):
                options, drawn = _seeded(seed, name)
                settings = {"PRUM_KIT": "all", "PRUM_EXAMPLES": "100"}
                yield Unit(part, name, [name], settings | drawn, options)
    elif part == "properties":
        settings = {"PRUM_EXAMPLES": str(EXAMPLES)}
        found = [name for name, text in files.items() if _PROPERTY.search(text)]
        for turn in range(1, ROUNDS + 1):
            for name in found:
                options, drawn = _seeded(seed, f"{name} {turn}")
                label = f"{name}, round {turn}"
                yield Unit(part, label, [name], settings | drawn, options, None, CASES)
    else:
        raise ValueError(f"no part of this name: {part}")


def _seeded(seed: int, name: str) -> tuple[list[str], dict[str, str]]:
    """Return what gives a unit its own seed, to Hypothesis and to the tests that draw alone."""
    own = random.Random(f"{seed} {name}").randrange(1 << 32)
    return [f"--hypothesis-seed={own}"], {"PRUM_SEED": str(own)}


def _batches(
    part: str,
    tree: Path,
    name: str,
    environment: Mapping[str, str],
    options: Sequence[str] = (),
    size: int = BATCH,
) -> Iterator[Unit]:
    """Yield the tests of a file, a few in each unit."""
    told = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "--collect-only", "-p", "no:cacheprovider", name],
        cwd=tree,
        env=environment_of(tree) | dict(environment),
        capture_output=True,
        text=True,
        check=False,
    )
    found = [line for line in told.stdout.splitlines() if line.startswith(f"{name}::")]
    if told.returncode or not found:
        raise RuntimeError(f"{name} cannot be collected:\n{told.stdout[-2000:]}{told.stderr}")
    for start in range(0, len(found), size):
        chosen = found[start : start + size]
        label = f"{name}, tests {start + 1} to {start + len(chosen)}"
        yield Unit(part, label, [name], environment, options, chosen)
