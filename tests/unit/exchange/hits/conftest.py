"""Two ends of a hit, in memory and on disk."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from prum_match.exchange import (
    HitKey,
    MemoryStore,
    SqliteStore,
)
from prum_match.testing.clock import VirtualClock
from support.exchange.ends import End


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture(params=["memory", "sqlite"])
def ends(request: Any, clock: VirtualClock, tmp_path: Path) -> Iterator[tuple[End, End]]:
    stores = [
        MemoryStore() if request.param == "memory" else SqliteStore(tmp_path / f"{party}.db")
        for party in ("AT", "DE")
    ]
    yield End("AT", stores[0], clock), End("DE", stores[1], clock)
    for store in stores:
        store.close()


@pytest.fixture
def key(ends: tuple[End, End]) -> HitKey:
    here, there = ends
    assert here.open() == there.open()
    return here.open()
