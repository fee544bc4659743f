"""Paths of the reference data that the tests compare with."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[3]


@pytest.fixture
def shared() -> Callable[[str], Path]:
    """Return a path below the folder of data that may not be part of the repository."""

    def path(name: str) -> Path:
        folder = Path(os.environ.get("PRUM_SHARED") or REPOSITORY.parent / "shared")
        if not (folder / name).exists():
            pytest.skip(f"{name}: not public domain, kept beside the repository; set PRUM_SHARED")
        return folder / name

    return path
