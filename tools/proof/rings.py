"""Which tests ``make test`` and ``make test-all`` run, and how, as the Makefile says."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass, field
from pathlib import Path

_SETTING = re.compile(r"[A-Z_]+=[^$]*")
# How many processes share the tests, and how much is printed, decides no outcome.
_WITH_VALUE = ("-n", "--dist", "--numprocesses", "--durations", "--maxprocesses")
_PLAIN = ("-q", "-v", "-x", "-qq")


@dataclass(frozen=True)
class Ring:
    """A target of the Makefile: options of pytest, and what is set around it."""

    name: str
    options: tuple[str, ...] = ()
    environment: dict[str, str] = field(default_factory=dict)


def ring(root: Path, target: str) -> Ring | None:
    """Return how a target runs pytest, or None where it does not."""
    recipe = _recipe((root / "Makefile").read_text("utf-8"), target)
    for line in recipe:
        words = shlex.split(line)
        if "pytest" in words:
            at = words.index("pytest")
            settings = dict(w.split("=", 1) for w in words[:at] if _SETTING.fullmatch(w))
            return Ring(target, tuple(_options(words[at + 1 :])), settings)
    return None


def _recipe(makefile: str, target: str) -> list[str]:
    lines = makefile.replace("\\\n", " ").splitlines()
    out: list[str] = []
    inside = False
    for line in lines:
        if line.startswith("\t"):
            if inside:
                out.append(line.strip().lstrip("@-"))
        elif line.strip() and not line.startswith("#"):
            inside = target in line.partition(":")[0].split() and ":=" not in line
    return out


def _options(words: list[str]) -> list[str]:
    out: list[str] = []
    skip = False
    for word in words:
        if skip:
            skip = False
        elif word in _WITH_VALUE:
            skip = True
        elif word.startswith("-n") or word.partition("=")[0] in _WITH_VALUE or word in _PLAIN:
            continue
        elif "$" not in word:
            out.append(word)
    return out
