"""Folders that need no waiting for a disk, and small journals.

The toy and one drawn category; every category with PRUM_KIT=all, as in `make proof`.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.galleries.drawn_kit import HEAVY_KITS
from support.galleries.folders import limits
from support.galleries.kits import Kit

_IN_MEMORY = Path("/dev/shm")


@pytest.fixture(params=HEAVY_KITS, ids=lambda kit: kit.name)
def kit(request: pytest.FixtureRequest) -> Kit:
    found: Kit = request.param
    return found


@pytest.fixture
def folder() -> Iterator[Path]:
    """Return a folder in memory if possible: these tests do not need a real disk."""
    where = _IN_MEMORY if _IN_MEMORY.is_dir() else None
    path = Path(tempfile.mkdtemp(prefix="faults-", dir=where))
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture(autouse=True)
def small_journals() -> Iterator[None]:
    with limits():
        yield
