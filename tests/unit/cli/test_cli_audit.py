"""``audit``: verification and statistics of an audit log."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest

from prum_match.exchange.audit import Act, Entry, SqliteAudit
from prum_match.exchange.store.sqlite import SqliteStore
from support.cli import Run

MARCH = datetime(2026, 3, 1, tzinfo=UTC)
APRIL = datetime(2026, 4, 1, tzinfo=UTC)


def entry(act: Act, time: datetime, number: str, **more: object) -> Entry:
    return Entry(act=act, time=time, party="DE", category="dna", number=number, type="S", **more)  # type: ignore[arg-type]


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Three searches, one of them in April."""
    path = tmp_path / "exchange.audit"
    with SqliteAudit(path) as audit:
        audit.append(
            [
                entry(Act.ASKED, MARCH, "1"),
                entry(Act.RECEIVED, MARCH, "1", result="hit", candidates=3),
                entry(Act.ANSWERED, MARCH, "2", result="no_hit"),
                entry(Act.ASKED, APRIL, "3"),
            ]
        )
    return path


def test_a_log_in_order(run: Run, log: Path) -> None:
    done = run("audit", "verify", log)
    assert (done.code, done.err) == (0, "")
    (found,) = done.records
    with SqliteAudit(log) as audit:
        head = audit.head()
    assert found == {
        **{"type": "verified", "entries": 4, "sequence": 4},
        "digest": head.digest,
    }
    assert run("audit", "verify", log, "--anchor", f"4:{head.digest}").code == 0


def test_a_changed_entry(run: Run, log: Path) -> None:
    with sqlite3.connect(log) as connection:
        connection.execute(
            "UPDATE entries SET content = CAST(replace(content, 'DE', 'FR') AS BLOB)"
            " WHERE sequence = 2"
        )
    connection.close()
    done = run("audit", "verify", log)
    assert (done.code, done.out) == (1, "")
    assert "[audit_broken; item 2" in done.err


def test_entries_that_were_cut_off_are_shown_by_an_anchor(run: Run, log: Path) -> None:
    (found,) = run("audit", "verify", log).records
    with sqlite3.connect(log) as connection:
        connection.execute("DELETE FROM entries WHERE sequence = 4")
    connection.close()
    assert run("audit", "verify", log).code == 0
    done = run("audit", "verify", log, "--anchor", f"{found['sequence']}:{found['digest']}")
    assert (done.code, done.out) == (1, "")
    assert "[audit_broken" in done.err


def test_no_verdict_about_what_is_not_there(run: Run, tmp_path: Path) -> None:
    done = run("audit", "verify", tmp_path / "nothing")
    assert (done.code, done.out) == (3, "")
    assert "no verdict" in done.err
    assert not (tmp_path / "nothing").exists()


def test_what_is_no_log_is_not_made_one(run: Run, tmp_path: Path) -> None:
    empty, other = tmp_path / "empty", tmp_path / "other"
    empty.touch()
    SqliteStore(other).close()
    for path in (empty, other):
        before = path.read_bytes()
        for action in ("verify", "statistics"):
            done = run("audit", action, path)
            assert (done.code, done.out) == (1, "")
            assert "[not_an_audit_log" in done.err
        assert path.read_bytes() == before


def test_statistics(run: Run, log: Path) -> None:
    (counts,) = run("audit", "statistics", log).records
    assert (counts["type"], counts["party"], counts["category"]) == ("statistics", "DE", "dna")
    assert counts["probe_type"] == "S"
    assert (counts["queries_sent"], counts["matches_received"]) == (2, 3)
    assert (counts["queries_received"], counts["hits_given"]) == (1, 0)
    (later,) = run("audit", "statistics", log, "--since", APRIL.isoformat()).records
    assert (later["queries_sent"], later["replies"]) == (1, 0)
    (before,) = run("audit", "statistics", log, "--until", APRIL.isoformat()).records
    assert (before["queries_sent"], before["replies"]) == (1, 1)


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("verify",),
        ("verify", "x", "--anchor", "4"),
        ("verify", "x", "--anchor", f"x:{'0' * 64}"),
        ("statistics", "x", "--since", "2026-01-01T00:00"),
        ("statistics", "x", "--since", "soon"),
    ],
)
def test_words_that_are_off(run: Run, arguments: tuple[str, ...]) -> None:
    assert run("audit", *arguments).code == 2
