"""When a store is scrubbed, and what that can do to others."""

from __future__ import annotations

import sqlite3
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from prum_match.errors import StorageError
from prum_match.exchange import Conversation, FollowUp, MemoryStore, Sample, SqliteStore
from prum_match.exchange.store.scrubbing import scrub_daily

DAY = timedelta(days=1)


class Watched(MemoryStore):
    """Counts scrubs, and lets none pass while it is busy."""

    scrubs = 0
    busy = False

    def scrub(self) -> None:
        if self.busy:
            raise StorageError("busy", code="store_unusable", field="path")
        self.scrubs += 1


def test_the_store_is_scrubbed_once_a_day(clock: Any) -> None:
    store = Watched()
    follow_up = FollowUp("AT", store, clock=clock)
    conversation = Conversation("AT", "face", clock, follow_up=follow_up)
    for scrubs in (1, 2, 3):
        for _ in range(12):
            conversation.forget(conversation.submit(Sample(b"an image"), parties=["DE"]))
            conversation.tick()
            FollowUp("AT", store, clock=clock).tick()  # as after a restart
            assert store.scrubs == scrubs
            clock.sleep(2 * 3600)


def test_a_failed_scrub_is_due_again(clock: Any) -> None:
    store = Watched()
    store.busy = True
    with pytest.raises(StorageError):
        scrub_daily(store, clock())
    store.busy = False
    scrub_daily(store, clock())
    assert store.scrubs == 1


def test_replaced_values_are_gone(tmp_path: Path, clock: Any) -> None:
    path = tmp_path / "exchange.db"
    with SqliteStore(path) as store:
        scrub_daily(store, clock())
        with store.transaction() as entries:
            for i in range(1000):
                entries.put("probe", str(i), b"CANARY" + b"x" * (i * 7919 % 1000))
        with store.transaction() as entries:
            for i in range(1000):
                key = str(i * 389 % 1000)
                entries.put("probe", key, b"n" * (i * 6007 % 1000))
        scrub_daily(store, clock() + DAY)
    assert b"CANARY" not in path.read_bytes()


def test_beside_another_process_it_waits_and_then_fails(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    with SqliteStore(path, patience=0.05) as store:
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StorageError) as caught:
            store.scrub()
        assert caught.value.code == "store_unusable"
        other.execute("ROLLBACK")
        other.close()
        store.scrub()
