"""After three years contents are gone from the file, and the chain can still be followed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from prum_match.errors import InvalidInput, StorageError
from prum_match.exchange.audit import Act, Entry, SqliteAudit, erase_before, sqlite
from support.exchange.audits import at, entry, raw, rows


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "exchange.audit"


@pytest.fixture
def log(path: Path) -> Iterator[SqliteAudit]:
    with SqliteAudit(path) as opened:
        yield opened


def numbers(log: SqliteAudit) -> list[str]:
    return [one.number for one in log.entries() if one.act is not Act.ERASED]


def test_contents_go_after_three_years_and_not_before(log: SqliteAudit, path: Path) -> None:
    # Golden vector L01.
    created = entry(1, time=datetime(2030, 1, 1, tzinfo=UTC))
    log.append([created])
    (before,) = rows(path)
    assert log.erase(erase_before(datetime(2032, 12, 31, 23, tzinfo=UTC))) == 0
    assert rows(path) == [before]
    head = log.head()
    assert log.erase(erase_before(datetime(2033, 1, 1, 0, 0, 0, 1, tzinfo=UTC))) == 1
    erased, _ = rows(path)
    assert erased[4:] == before[4:]
    assert not any(b"".join(erased[1:4]))
    everything = path.read_bytes() + path.with_name(path.name + "-journal").read_bytes()
    assert created.number.encode() not in everything
    assert before[1] not in everything
    assert before[2] not in everything
    log.verify(head)


def test_entries_that_monitoring_needs_are_kept(log: SqliteAudit) -> None:
    # Golden vector L02.
    log.append([entry(1), entry(2), entry(3)])
    assert log.erase(at(10), keep=lambda one: one.number == entry(2).number) == 2
    assert numbers(log) == [entry(2).number]
    assert len(log) == 2
    log.verify()
    assert log.erase(at(10)) == 1
    assert numbers(log) == []
    log.verify()


def test_an_erasure_is_itself_an_entry(log: SqliteAudit) -> None:
    log.append([entry(1), entry(2), entry(30)])
    log.erase(at(10))
    kept, record = log.entries()
    assert kept == entry(30)
    assert (record.act, record.time, record.candidates) == (Act.ERASED, at(10), 2)


def test_the_record_of_an_erasure_goes_when_it_is_as_old(log: SqliteAudit) -> None:
    log.append([entry(1), entry(20), entry(40)])
    assert log.erase(at(10)) == 1
    assert log.erase(at(15)) == 0  # the record is left, though older: there was nothing to erase
    assert [one.act for one in log.entries()] == [Act.ANSWERED, Act.ANSWERED, Act.ERASED]
    assert log.erase(at(30)) == 1
    kept, record = log.entries()
    assert (kept, record.time, record.candidates, len(log)) == (entry(40), at(30), 1, 2)
    log.verify()


def test_keep_is_not_asked_of_records_and_may_use_the_log(log: SqliteAudit) -> None:
    log.append([entry(1), entry(2)])
    log.erase(at(1.5))
    asked: list[Entry] = []

    def keep(one: Entry) -> bool:
        asked.append(one)
        return len(log) == 0

    assert log.erase(at(10), keep=keep) == 1
    assert asked == [entry(2)]


def test_a_keep_that_fails_erases_nothing(log: SqliteAudit) -> None:
    log.append([entry(1), entry(2)])
    with pytest.raises(ZeroDivisionError):
        log.erase(at(10), keep=lambda one: one == entry(1) or bool(1 / 0))
    assert numbers(log) == [entry(1).number, entry(2).number]


def test_a_long_blank_beginning_is_folded_away(log: SqliteAudit, path: Path) -> None:
    log.append(entry(n) for n in range(1, 3001))
    old = log.head()
    assert log.erase(at(2000)) == 1999
    log.append([entry(3001)])
    newer = log.head()
    assert len(rows(path)) < 1200
    assert len(log) == 1003
    log.verify(old)
    log.verify(newer)
    before = path.stat().st_size
    log.append(entry(n) for n in range(3002, 4500))
    assert path.stat().st_size <= before * 1.1  # the room of the folded rows is used again
    log.verify(newer)
    newest = log.head()
    log.erase(at(4400))
    log.verify(newest)
    for anchor in (old, newer):
        with pytest.raises(StorageError) as error:
            log.verify(anchor)
        assert error.value.code == "anchor_erased"


def test_a_log_of_which_everything_was_erased_goes_on(log: SqliteAudit) -> None:
    log.append(entry(n) for n in range(500))
    log.erase(at(1000))
    log.append([entry(1001)])
    assert numbers(log) == [entry(1001).number]
    assert log.head().sequence == 502
    log.verify(log.head())


def test_nothing_is_erased_over_an_entry_that_was_changed(log: SqliteAudit, path: Path) -> None:
    # Else erasing would remove the traces of a change.
    log.append([entry(1), entry(2)])
    with raw(path) as connection:
        connection.execute("UPDATE entries SET content = '{}' WHERE sequence = 2")
    before = rows(path)
    with pytest.raises(StorageError) as error:
        log.erase(at(10))
    assert (error.value.code, error.value.index) == ("audit_broken", 2)
    assert rows(path) == before


def test_a_moment_without_a_zone_is_refused(log: SqliteAudit) -> None:
    with pytest.raises(InvalidInput, match="bad_moment"):
        log.erase(at(1).replace(tzinfo=None))


def test_two_that_erase_the_same_count_it_once(
    log: SqliteAudit, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log.append([entry(1), entry(2)])
    with SqliteAudit(path) as other:

        def meanwhile(one: Entry) -> bool:
            if one == entry(2):
                assert other.erase(at(10)) == 2
            return False

        assert log.erase(at(10), keep=meanwhile) == 0
    assert [one.candidates for one in log.entries()] == [2]
    log.verify()


def test_a_proof_that_an_erasure_overtakes_begins_again(
    log: SqliteAudit, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log.append(entry(n) for n in range(2000))
    check, calls = sqlite.check, []

    def erased_meanwhile(*arguments: object) -> None:
        calls.append(arguments)
        if len(calls) == 1:
            with SqliteAudit(path) as other:
                other.erase(at(1500))
        check(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(sqlite, "check", erased_meanwhile)
    log.verify()
    assert len(calls) == 2
