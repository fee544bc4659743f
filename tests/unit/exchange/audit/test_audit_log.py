"""Appended entries are kept in order, each batch completely or not at all, for every opener."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import prum_match
from prum_match.errors import ExchangeError, InvalidInput, StorageError
from prum_match.exchange.audit import Act, AuditLog, Entry, MemoryAudit, SqliteAudit, tables
from prum_match.exchange.audit.chain import START
from support import children
from support.exchange.audits import at, entry, raw
from support.threads import crew, in_thread, until


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "exchange.audit"


@pytest.fixture
def log(path: Path) -> Iterator[SqliteAudit]:
    with SqliteAudit(path) as opened:
        yield opened


@pytest.fixture(params=["memory", "full", "normal"])
def any_log(request: pytest.FixtureRequest, path: Path) -> Iterator[MemoryAudit | SqliteAudit]:
    if request.param == "memory":
        yield MemoryAudit()
    else:
        with SqliteAudit(path, synchronous=request.param) as opened:
            yield opened


def test_entries_come_back_in_order(any_log: MemoryAudit | SqliteAudit) -> None:
    as_the_exchange_sees_it: AuditLog = any_log
    written = [entry(2), entry(1), entry(3, act=Act.CONFIRMED, actor="official-7")]
    as_the_exchange_sees_it.append(iter(written[:2]))
    as_the_exchange_sees_it.append(written[2:])
    assert list(as_the_exchange_sees_it.entries()) == written
    assert len(as_the_exchange_sees_it) == 3
    assert any_log.head().sequence == 3


def test_a_range_of_time_has_its_first_moment_and_not_its_last(
    any_log: MemoryAudit | SqliteAudit,
) -> None:
    any_log.append(entry(n) for n in (5, 1, 4, 2, 3))
    assert list(any_log.entries(since=at(2), until=at(4))) == [entry(2), entry(3)]
    assert list(any_log.entries(since=at(4))) == [entry(5), entry(4)]
    assert list(any_log.entries(until=at(2))) == [entry(1)]
    with pytest.raises(InvalidInput, match="bad_moment"):
        any_log.entries(since=at(1).replace(tzinfo=None))


def test_an_empty_batch_writes_nothing(any_log: MemoryAudit | SqliteAudit) -> None:
    any_log.append([])
    assert (len(any_log), any_log.head(), list(any_log.entries())) == (0, START, [])


def test_a_batch_that_fails_while_it_is_made_leaves_nothing(
    any_log: MemoryAudit | SqliteAudit,
) -> None:
    def crash() -> Iterator[Entry]:
        yield entry(2)
        raise ZeroDivisionError

    any_log.append([entry(1)])
    with pytest.raises(ZeroDivisionError):
        any_log.append(crash())
    assert list(any_log.entries()) == [entry(1)]


def test_only_the_log_records_erasures(any_log: MemoryAudit | SqliteAudit) -> None:
    with pytest.raises(ExchangeError) as error:
        any_log.append([entry(1), entry(2, act=Act.ERASED)])
    assert (error.value.code, error.value.field) == ("invalid_field", "act")
    assert len(any_log) == 0


def test_two_logs_of_the_same_entries_differ_in_every_digest(any_log: AuditLog) -> None:
    # The salts: else a leaf that outlives its content could be guessed.
    other = MemoryAudit()
    for one in (any_log, other):
        one.append([entry(1)])
    assert any_log.head() != other.head()  # type: ignore[attr-defined]


def test_a_log_survives_its_process_and_only_its_owner_can_read_it(path: Path) -> None:
    with SqliteAudit(path) as log:
        log.append([entry(1)])
        head = log.head()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with SqliteAudit(path) as log:
        log.append([entry(2)])
        log.verify(head)
        assert list(log.entries()) == [entry(1), entry(2)]


def test_entries_of_one_moment_are_read_some_at_a_time(log: SqliteAudit) -> None:
    log.append(entry(n) for n in range(2500))
    reading = log.entries()
    first = next(reading)
    log.append([entry(2500)])
    assert [first, *reading] == [entry(n) for n in range(2500)]


@pytest.mark.parametrize("step", ["seal", "commit"])
def test_a_crash_in_the_middle_of_a_batch_leaves_all_or_nothing(
    log: SqliteAudit, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    log.append([entry(1)])
    head = log.head()
    with monkeypatch.context() as broken:
        if step == "seal":
            seal = tables.seal

            def half(head: object, contents: object) -> Iterator[object]:
                made = iter(list(seal(head, contents)))  # type: ignore[arg-type]
                yield next(made)
                raise sqlite3.OperationalError("disk I/O error")

            broken.setattr(tables, "seal", half)
        else:

            def insert(connection: sqlite3.Connection, contents: object) -> None:
                connection.execute("DELETE FROM entries")
                raise sqlite3.OperationalError("disk I/O error")

            broken.setattr(tables, "insert", insert)
        with pytest.raises(StorageError):
            log.append([entry(2), entry(3)])
    assert log.head() == head
    log.append([entry(4)])
    log.verify(head)
    assert list(log.entries()) == [entry(1), entry(4)]


def test_a_process_that_dies_in_the_middle_of_a_batch_leaves_nothing_of_it(path: Path) -> None:
    with SqliteAudit(path) as log:
        log.append([entry(1)])
        head = log.head()
    seal = tables.seal

    def die(*arguments: object) -> Iterator[object]:
        # So many that SQLite has written some of them into the file.
        for row in seal(*arguments):  # type: ignore[arg-type]
            if row.sequence == 20_000:
                os._exit(7)
            yield row

    def write() -> None:
        tables.seal = die  # type: ignore[assignment]
        SqliteAudit(path).append([entry(2)] * 30_000)

    _, status = os.waitpid(children.fork(write), 0)
    assert os.waitstatus_to_exitcode(status) == 7
    journal = path.with_name(path.name + "-journal")
    assert journal.stat().st_size > 0
    with SqliteAudit(path) as log:
        log.verify(head)
        assert log.head() == head
        assert list(log.entries()) == [entry(1)]


def test_threads_share_commits_and_no_batch_is_torn(log: SqliteAudit) -> None:
    def appending(party: str) -> Callable[[], None]:
        numbers = iter(range(10**6))
        return lambda: log.append([entry(next(numbers), party=party) for _ in range(3)])

    with crew() as threads:
        for party in ("AT", "BE", "DE", "FR"):
            threads.repeat(party, appending(party))
        threads.repeat("verify", log.verify)
        threads.repeat("read", lambda: list(log.entries()))
        until(lambda: len(log) > 300)
    log.verify(log.head())
    written = list(log.entries())
    for party in ("AT", "BE", "DE", "FR"):
        of_one = [(n, one) for n, one in enumerate(written) if one.party == party]
        assert [one for _, one in of_one] == [
            entry(n, party=party) for n in range(3 * threads.rounds[party])
        ]
        for first in range(0, len(of_one), 3):
            place = of_one[first][0]
            assert [n for n, _ in of_one[first : first + 3]] == [place, place + 1, place + 2]


def test_a_failed_shared_commit_raises_in_the_thread_that_made_it(
    log: SqliteAudit, monkeypatch: pytest.MonkeyPatch
) -> None:
    insert, calls = tables.insert, []
    entered, go_on = threading.Event(), threading.Event()

    def failing_second(connection: sqlite3.Connection, contents: object) -> None:
        calls.append(threading.current_thread())
        if len(calls) == 1:
            entered.set()
            go_on.wait(60)
        insert(connection, contents)  # type: ignore[arg-type]
        if len(calls) == 2:
            raise sqlite3.OperationalError("disk I/O error")

    monkeypatch.setattr(tables, "insert", failing_second)
    failed = []

    def append(number: int) -> None:
        try:
            log.append([entry(number)])
        except StorageError:
            failed.append(number)

    threads = [in_thread(lambda: append(0))]
    entered.wait(60)
    threads += [in_thread(lambda n=n: append(n)) for n in (1, 2, 3)]  # type: ignore[misc]
    assert until(lambda: len(log._waiting) == 3)
    go_on.set()
    for thread in threads:
        thread.join(60)
    # The first; three in one commit, which failed; the other two in one more.
    assert len(calls) == 3
    assert len(failed) == 1
    kept = sorted(one.number for one in log.entries())
    assert kept == [entry(n).number for n in range(4) if n not in failed]
    log.verify()


READ = """
import sys
from prum_match.exchange.audit import Anchor, SqliteAudit
with SqliteAudit(sys.argv[1]) as log:
    log.verify(Anchor(int(sys.argv[2]), sys.argv[3]))
    print(len(log), *(entry.number for entry in log.entries()))
"""

WRITE = """
import sys
sys.path.insert(0, sys.argv[2])
from prum_match.exchange.audit import SqliteAudit
from support.exchange.audits import entry
with SqliteAudit(sys.argv[1], synchronous="normal") as log:
    print("ready", flush=True)
    sys.stdin.readline()
    for number in range(60):
        log.append([entry(number, party="FR")])
"""

ENVIRONMENT = {
    **os.environ,
    "PYTHONPATH": os.pathsep.join([str(Path(prum_match.__file__).parents[1])]),
}


def test_another_process_reads_and_proves_a_log_that_is_open(log: SqliteAudit, path: Path) -> None:
    log.append([entry(1), entry(2)])
    head = log.head()
    arguments = [sys.executable, "-c", READ, path, str(head.sequence), head.digest]
    done = subprocess.run(
        arguments, env=ENVIRONMENT, capture_output=True, text=True, timeout=120, check=True
    )
    assert done.stdout.split() == ["2", entry(1).number, entry(2).number]


def test_two_processes_write_one_chain(log: SqliteAudit, path: Path) -> None:
    tests = str(Path(__file__).parents[3])
    with subprocess.Popen(
        [sys.executable, "-c", WRITE, path, tests],
        env=ENVIRONMENT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "ready\n"
        assert other.stdin is not None
        other.stdin.write("\n")
        other.stdin.flush()
        for number in range(60):
            log.append([entry(number)])
        assert other.wait(120) == 0
    log.verify(log.head())
    written = list(log.entries())
    for party in ("DE", "FR"):
        of_one = [one for one in written if one.party == party]
        assert of_one == [entry(n, party=party) for n in range(60)]


def test_a_log_goes_on_in_forked_processes(
    log: SqliteAudit, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    log.append([entry(0)])

    def use() -> None:
        os.chdir("/")
        log.append([entry(1)])
        log.verify()
        assert len(log) >= 2

    # In the middle of writing: the child neither waits for that thread nor repeats what it writes.
    forked = [children.fork(use)]
    writing, go_on = threading.Event(), threading.Event()
    insert = tables.insert

    def slow(connection: Any, contents: Any) -> None:
        writing.set()
        go_on.wait(60)
        insert(connection, contents)

    monkeypatch.setattr(tables, "insert", slow)
    thread = threading.Thread(target=lambda: log.append([entry(2)]))
    thread.start()
    assert writing.wait(60)
    threading.Timer(0.05, go_on.set).start()
    forked.append(children.fork(use))
    thread.join(60)
    assert [children.ending(child) for child in forked] == ["exit 0", "exit 0"]
    log.verify()
    assert sorted(one.number for one in log.entries()) == sorted(
        entry(number).number for number in (0, 1, 1, 2)
    )
    log.close()
    with pytest.raises(StorageError, match="closed"):
        log.head()


def test_calls_on_a_closed_log_are_refused(log: SqliteAudit) -> None:
    log.append([entry(1)])
    reading = log.entries()
    log.close()
    log.close()
    calls = (log.head, log.verify, lambda: log.append([entry(2)]), lambda: next(reading))
    for call in calls:
        with pytest.raises(StorageError, match="closed"):
            call()


def test_a_file_of_another_kind_is_unchanged(path: Path) -> None:
    path.write_text("case file of Erika Mustermann " * 400)
    before = path.read_bytes()
    with pytest.raises(StorageError) as error:
        SqliteAudit(path)
    assert error.value.code == "not_an_audit_log"
    assert "Erika" not in str(error.value)
    assert path.read_bytes() == before


def test_another_database_is_unchanged(path: Path) -> None:
    with raw(path) as connection:
        connection.execute("CREATE TABLE persons (name)")
    before = path.read_bytes()
    with pytest.raises(StorageError, match="not_an_audit_log"):
        SqliteAudit(path)
    assert path.read_bytes() == before


def test_a_later_format_is_refused(path: Path) -> None:
    SqliteAudit(path).close()
    with raw(path) as connection:
        connection.execute("PRAGMA user_version = 2")
    with pytest.raises(StorageError, match="newer_format"):
        SqliteAudit(path)


def test_a_missing_folder_is_reported(tmp_path: Path) -> None:
    with pytest.raises(StorageError) as error:
        SqliteAudit(tmp_path / "nowhere" / "exchange.audit")
    assert error.value.code == "file_missing"


def test_synchronous_is_one_of_two(path: Path) -> None:
    with pytest.raises(InvalidInput, match="bad_option"):
        SqliteAudit(path, synchronous="off")  # type: ignore[arg-type]
    assert not path.exists()
