"""Both stores of an exchange's state against a plain model, and the specifics of each."""

from __future__ import annotations

import os
import sqlite3
import stat
import tempfile
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prum_match.errors import InvalidInput, StorageError
from prum_match.exchange import MemoryStore, SqliteStore, Store
from prum_match.exchange.audit import SqliteAudit
from prum_match.exchange.hits.listing import hits_in
from support.examples import examples

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture(params=["memory", "sqlite"])
def store(request: Any, tmp_path: Path) -> Iterator[Store]:
    made: Store = MemoryStore() if request.param == "memory" else SqliteStore(tmp_path / "a.db")
    yield made
    made.close()


def test_a_transaction_that_fails_leaves_nothing(store: Store) -> None:
    with store.transaction() as entries:
        entries.put("hit", "old", b"1", due=NOON)
        entries.put("hit", "gone", b"2")

    def fail() -> None:
        with store.transaction() as entries:
            entries.put("hit", "old", b"3", due=NOON + timedelta(days=1))
            entries.put("hit", "new", b"4", due=NOON)
            entries.delete("hit", "gone")
            entries.delete("hit", "never")
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    with store.transaction() as entries:
        assert entries.keys("hit") == ["gone", "old"]
        assert [entries.get("hit", key) for key in ("old", "new", "gone")] == [b"1", None, b"2"]
        assert entries.due_keys("hit", NOON, 9) == ["old"]


def test_due_keys_are_sorted_and_bounded(store: Store) -> None:
    with store.transaction() as entries:
        for day, key in ((3, "c"), (1, "b"), (1, "a"), (2, "d")):
            entries.put("hit", key, b"", due=NOON + timedelta(days=day))
        entries.put("hit", "never", b"")
        entries.put("other", "x", b"", due=NOON)
        assert entries.due_keys("hit", NOON, 9) == []
        assert entries.due_keys("hit", NOON + timedelta(days=2), 9) == ["a", "b", "d"]
        assert entries.due_keys("hit", NOON + timedelta(days=9), 2) == ["a", "b"]
        entries.put("hit", "a", b"")
        entries.delete("hit", "b")
        assert entries.due_keys("hit", NOON + timedelta(days=9), 9) == ["d", "c"]


@settings(max_examples=examples(60))
@given(
    data=st.data(),
    steps=st.lists(st.sampled_from(["put", "due", "delete", "read"]), min_size=1, max_size=40),
)
def test_both_are_a_mapping(data: st.DataObject, steps: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder, SqliteStore(Path(folder) / "a.db") as on_disk:
        _compare([MemoryStore(), on_disk], data, steps)


def _compare(stores: list[Store], data: st.DataObject, steps: list[str]) -> None:
    model: dict[str, tuple[bytes, int | None]] = {}
    keys = st.sampled_from(["", "a", "a/b", "a/c", "aé", "b%", "b_", "z\x1f1", "a/\U0010ffff"])
    for step in steps:
        key, value = data.draw(keys), data.draw(st.binary(max_size=4))
        hours = data.draw(st.integers(0, 3)) if step == "due" else None
        due = None if hours is None else NOON + timedelta(hours=hours)
        for store in stores:
            with store.transaction() as entries:
                if step in {"put", "due"}:
                    entries.put("k", key, value, due=due)
                elif step == "delete":
                    assert entries.delete("k", key) == (key in model)
                else:
                    assert entries.get("k", key) == model.get(key, (None, None))[0]
                    for prefix in ("", "a", "a/", "b%", "b_", "z\x1f"):
                        wanted = sorted(one for one in model if one.startswith(prefix))
                        assert entries.keys("k", prefix) == wanted
                    for late in range(4):
                        ordered = sorted(
                            (hour, one) for one, (_, hour) in model.items() if hour is not None
                        )
                        wanted = [one for hour, one in ordered if hour <= late]
                        found = entries.due_keys("k", NOON + timedelta(hours=late), 99)
                        assert found == wanted
        if step in {"put", "due"}:
            model[key] = (value, hours)
        elif step == "delete":
            model.pop(key, None)


def test_transactions_of_several_threads_do_not_mix(store: Store) -> None:
    def add() -> None:
        for _ in range(50):
            with store.transaction() as entries:
                number = int(entries.get("n", "n") or b"0")
                entries.put("n", "n", b"%d" % (number + 1))

    threads = [threading.Thread(target=add) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with store.transaction() as entries:
        assert entries.get("n", "n") == b"200"


def test_nested_transactions_raise(store: Store) -> None:
    told: list[str] = []

    def nest() -> None:
        try:
            with store.transaction() as entries:
                entries.put("hit", "1", b"1")
                with store.transaction():
                    pass
        except StorageError as error:
            told.append(error.code)

    thread = threading.Thread(target=nest, daemon=True)
    thread.start()
    thread.join(60)
    assert told == ["nested_transaction"]
    with store.transaction() as entries:
        assert entries.keys("hit") == []


def test_a_file_is_its_owners_and_outlives_the_process(tmp_path: Path) -> None:
    path = tmp_path / "exchange.db"
    with SqliteStore(path) as store, store.transaction() as entries:
        entries.put("hit", "1", b"kept")
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    with SqliteStore(path) as store, store.transaction() as entries:
        assert entries.get("hit", "1") == b"kept"


def test_deleted_values_are_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "exchange.db"
    with SqliteStore(path) as store:
        with store.transaction() as entries:
            for i in range(500):
                entries.put("hit", str(i), b"CANARY%d" % i + b"x" * 50)
            entries.put("hit", "kept", b"kept")
        assert b"CANARY" in path.read_bytes()
        with store.transaction() as entries:
            for i in range(500):
                entries.delete("hit", str(i))
        store.scrub()
        sizes = {name.name: name.stat().st_size for name in tmp_path.iterdir()}
        assert sizes.pop("exchange.db") > 0
        assert sizes in ({}, {"exchange.db-journal": 0})
        assert b"CANARY" not in path.read_bytes()


def test_a_file_that_is_not_a_store_is_refused(tmp_path: Path) -> None:
    broken = tmp_path / "broken.db"
    broken.write_bytes(b"no database, but long enough to be looked at" * 99)
    for path in (broken, tmp_path / "no" / "folder.db", tmp_path):
        with pytest.raises(StorageError) as caught:
            SqliteStore(path)
        assert caught.value.code == "store_unusable"


@pytest.mark.parametrize("path", ["a\0b", b"bytes", None, 7])
def test_a_value_that_is_not_a_path_is_refused(path: Any) -> None:
    for opened in (SqliteStore, SqliteAudit, lambda given: list(hits_in(given))):
        with pytest.raises(InvalidInput) as caught:
            opened(path)
        assert (caught.value.code, caught.value.field) == ("bad_path", "path")


def test_a_store_that_was_closed(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "a.db")
    store.close()
    store.close()
    with pytest.raises(StorageError) as caught, store.transaction():
        pass
    assert caught.value.code == "store_unusable"


def test_another_process_that_writes_is_waited_for_and_then_named(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    with SqliteStore(path, patience=0.05) as store:
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StorageError), store.transaction():
            pass
        other.execute("ROLLBACK")
        other.close()
        with store.transaction() as entries:
            entries.put("hit", "1", b"1")


def test_keys_of_a_prefix_are_found_without_reading_the_others(tmp_path: Path) -> None:
    def steps_of(prefix: str) -> int:
        steps: list[None] = []
        store._connection.set_progress_handler(lambda: steps.append(None), 1)
        with store.transaction() as entries:
            assert len(entries.keys("hit", prefix)) == 2
        store._connection.set_progress_handler(None, 0)
        return len(steps)

    with SqliteStore(tmp_path / "a.db") as store:
        with store.transaction() as entries:
            for i in range(2000):
                entries.put("hit", f"AT-{i:04}/a", b"")
                entries.put("hit", f"AT-{i:04}/b", b"")
        # SQLite's own steps, whatever the machine: 4,000 keys take some 20,000.
        assert steps_of("AT-0000/") < 200
        assert steps_of("AT-1000/") < 200
