"""The toy and one drawn category; every category with PRUM_KIT=all, as in `make proof`."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

from support.galleries.drawn_kit import HEAVY_KITS
from support.galleries.kits import Kit


@pytest.fixture(params=HEAVY_KITS, ids=lambda kit: kit.name)
def kit(request: pytest.FixtureRequest) -> Kit:
    found: Kit = request.param
    return found


@pytest.fixture(autouse=True)
def frequent_switches() -> Iterator[None]:
    """Switch threads as often as possible, to provoke races."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)
