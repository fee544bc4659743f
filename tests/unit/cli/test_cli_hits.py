"""``hits``: what a supervisor sees of the store of an exchange."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from prum_match.exchange.audit import SqliteAudit
from prum_match.exchange.category_rules import Side
from prum_match.exchange.hits.hit import Hit, Step
from prum_match.exchange.hits.hit_book import HitBook
from prum_match.exchange.messages.follow_up import HitKey
from prum_match.exchange.store.sqlite import SqliteStore
from support.cli import Run

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def hit(number: int, category: str = "dna", requested: str = "DE") -> Hit:
    key = HitKey(
        category=category,
        requesting="AT",
        requested=requested,
        request=f"{number:04}",
        reference="DE-9",
    )
    return Hit(key=key, side=Side.REQUESTING, probe_reference="AT-1", since=NOON)


def write(path: Path, *hits: Hit) -> None:
    book = HitBook(timedelta(days=30))
    with SqliteStore(path) as store, store.transaction() as entries:
        for one in hits:
            book.write(entries, one)


@pytest.fixture
def store(tmp_path: Path) -> Path:
    path = tmp_path / "exchange.db"
    confirmed = hit(2).after(Step.CONFIRM, Side.REQUESTING, NOON + timedelta(hours=1))
    write(path, hit(1), confirmed, hit(3, "face"), hit(4, requested="FR"))
    return path


def test_all_hits(run: Run, store: Path) -> None:
    done = run("hits", store)
    assert (done.code, done.err) == (0, "")
    found = done.of("hit")
    assert [one["request"] for one in found] == ["0001", "0002", "0004", "0003"]
    assert found[1] == {
        **{"type": "hit", "category": "dna", "requesting": "AT", "requested": "DE"},
        **{"request": "0002", "reference": "DE-9", "side": "requesting", "state": "confirmed"},
        **{"probe_reference": "AT-1", "probe_type": None, "reference_type": None},
        **{"confirmed_by": "requesting", "refuted_by": None},
        **{"since": "2026-03-01T12:00:00+00:00", "confirmed_at": "2026-03-01T13:00:00+00:00"},
        **{"facts_at": None, "due": None, "delayed_at": None, "ended_at": None},
    }
    assert done.of("total") == [
        {"type": "total", "hits": 4, "states": {"candidate": 3, "confirmed": 1}}
    ]


@pytest.mark.parametrize(
    ("arguments", "numbers"),
    [
        (("--state", "candidate"), ["0001", "0004", "0003"]),
        (("--state", "confirmed", "--state", "overdue"), ["0002"]),
        (("--party", "FR"), ["0004"]),
        (("--category", "face"), ["0003"]),
        (("--category", "dna", "--state", "candidate", "--party", "DE"), ["0001"]),
    ],
)
def test_some_hits(run: Run, store: Path, arguments: tuple[str, ...], numbers: list[str]) -> None:
    found = run("hits", store, *arguments).of("hit")
    assert [one["request"] for one in found] == numbers


def test_another_state_is_an_error(run: Run, store: Path) -> None:
    done = run("hits", store, "--state", "nonsense")
    assert (done.code, done.out) == (2, "")
    assert "candidate, confirmed" in done.err


def test_more_hits_than_a_page(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "exchange.db"
    write(path, *(hit(number) for number in range(2001)))
    found = run("hits", path).of("hit")
    assert [one["request"] for one in found] == [f"{number:04}" for number in range(2001)]


def test_the_store_is_only_read(run: Run, store: Path) -> None:
    before = store.read_bytes()
    # A process that reads the store at the same time is no hindrance.
    with SqliteStore(store) as other:
        assert run("hits", store).code == 0
        with other.transaction() as entries:
            assert entries.keys("hit")
    assert store.read_bytes() == before


def test_what_is_no_store_is_left_alone(run: Run, tmp_path: Path) -> None:
    missing, text, log = tmp_path / "nothing", tmp_path / "text", tmp_path / "log"
    text.write_text("no database, but long enough to look like one" * 9)
    SqliteAudit(log).close()
    before = log.read_bytes()
    for path in (missing, text, log):
        done = run("hits", path)
        assert (done.code, done.out) == (1, "")
        assert "[store_unusable; field path]" in done.err
    assert not missing.exists()
    assert log.read_bytes() == before


def test_a_damaged_hit_is_told(run: Run, store: Path) -> None:
    with sqlite3.connect(store) as connection:
        connection.execute("UPDATE entries SET value = x'7b' WHERE kind = 'hit'")
    connection.close()
    done = run("hits", store)
    assert (done.code, done.out) == (1, "")
    assert "[store_damaged; field hit]" in done.err
