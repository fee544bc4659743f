"""The content of a folder after a power cut: only flushed data survive."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any


class Medium:
    """The worst allowed state of a folder on disk.

    SQLite flushes by itself, so its files are taken as they are.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._files: dict[int, bytes] = {}
        self._names: dict[int, dict[str, int]] = {}
        for folder, _, names in os.walk(root):
            self._keep(Path(folder))
            self.waited("sync_folder", Path(folder))
            for name in names:
                self._files[self._keep(Path(folder, name))] = Path(folder, name).read_bytes()

    def _keep(self, path: Path) -> int:
        # For good: an inode that is open is given to no other file.
        return os.fstat(os.open(path, os.O_RDONLY | os.O_CLOEXEC)).st_ino

    def waited(self, name: str, *given: Any) -> None:
        """Record a completed flush."""
        if name == "make_folder":
            self._names[self._keep(given[0])] = {}
        elif name == "write":
            os.dup(given[0])
        elif name == "sync":
            found = os.fstat(given[0])
            self._files[found.st_ino] = os.pread(given[0], found.st_size, 0)
        elif name == "sync_folder":
            with os.scandir(given[0]) as entries:
                names = {entry.name: entry.inode() for entry in entries}
            self._names[given[0].stat().st_ino] = names

    def image(self, target: Path) -> None:
        """Write the surviving content to a folder."""
        self._write(self._root.stat().st_ino, target)
        for path in self._root.rglob("catalogue.sqlite*"):
            there = target / path.relative_to(self._root)
            if there.exists() or (path.suffix == ".sqlite-journal" and there.parent.exists()):
                shutil.copyfile(path, there)

    def _write(self, folder: int, target: Path) -> None:
        target.mkdir()
        for name, inode in self._names[folder].items():
            if inode in self._names:
                self._write(inode, target / name)
            else:
                (target / name).write_bytes(self._files.get(inode, b""))
