"""A temporary folder on the disk that is measured."""

from __future__ import annotations

import os
from contextlib import ExitStack, closing
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol, TypeVar

VARIABLE = "PRUM_BENCH_DIR"
MOUNTS = Path("/proc/self/mountinfo")


class Closable(Protocol):
    def close(self) -> object: ...


Thing = TypeVar("Thing", bound=Closable)


class Room:
    """A folder that is removed when the task is done, in `VARIABLE` or where such folders go."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        folder = TemporaryDirectory(prefix="prum_match-", dir=os.environ.get(VARIABLE))
        self.path = Path(self._stack.enter_context(folder)).resolve()

    def keep(self, thing: Thing) -> Thing:
        """Close something before the folder is removed."""
        return self._stack.enter_context(closing(thing))

    def another(self) -> TemporaryDirectory[str]:
        """Return a folder in it for one pass."""
        return TemporaryDirectory(dir=self.path)

    @cached_property
    def facts(self) -> dict[str, object]:
        """File system and device, for the JSON file."""
        file_system, device = mounted(self.path, MOUNTS.read_text("utf-8"))
        return {"file_system": file_system, "device": device}

    def close(self) -> None:
        self._stack.close()


def mounted(path: Path, mounts: str) -> tuple[str, str]:
    """Return file system and device of a path, by a text like that of ``mountinfo``."""
    found = ("unknown", "unknown")
    longest = 0
    for line in mounts.splitlines():
        # Optional fields end with a dash.
        left, _, right = line.partition(" - ")
        point = left.split()[4].encode().decode("unicode_escape")
        # A later mount on the same place hides the one before.
        if path.is_relative_to(point) and len(point) >= longest:
            longest = len(point)
            file_system, device = right.split()[:2]
            found = file_system, device
    return found
