"""Changes of the file are detected; an anchor detects those that the file cannot show."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from prum_match.errors import ExchangeError, StorageError
from prum_match.exchange.audit import Act, Anchor, SqliteAudit
from prum_match.exchange.audit.chain import START, check, seal
from prum_match.exchange.audit.entries import content_of, time_bytes
from support.exchange.audits import at, entry, raw, rows

BLANK = (
    "UPDATE entries SET time = zeroblob(8), salt = zeroblob(16), "
    "content = zeroblob(length(content)) WHERE sequence = 5"
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A log of nine entries, the first two of which are erased."""
    path = tmp_path / "exchange.audit"
    with SqliteAudit(path) as log:
        log.append(entry(n) for n in range(1, 9))
        log.erase(at(3))
    return path


def broken_at(path: Path, anchor: Anchor | None = None) -> int | None:
    with SqliteAudit(path) as log, pytest.raises(StorageError) as error:
        log.verify(anchor)
    assert error.value.code == "audit_broken"
    assert "canary" not in str(error.value)
    return error.value.index


@pytest.mark.parametrize(
    ("statement", "first"),
    [
        ("UPDATE entries SET content = '{}' WHERE sequence = 5", 5),
        ("UPDATE entries SET content = NULL WHERE sequence = 5", 5),
        ("UPDATE entries SET content = 5 WHERE sequence = 5", 5),
        ("UPDATE entries SET salt = randomblob(16) WHERE sequence = 5", 5),
        ("UPDATE entries SET salt = zeroblob(16) WHERE sequence = 5", 5),
        ("UPDATE entries SET salt = 7 WHERE sequence = 5", 5),
        ("UPDATE entries SET time = zeroblob(8) WHERE sequence = 5", 5),
        ("UPDATE entries SET time = 7 WHERE sequence = 5", 5),
        ("UPDATE entries SET leaf = randomblob(32) WHERE sequence = 5", 5),
        ("UPDATE entries SET leaf = 1.5 WHERE sequence = 5", 5),
        ("UPDATE entries SET link = randomblob(32) WHERE sequence = 5", 5),
        ("UPDATE entries SET content = 'x' WHERE sequence = 2", 2),
        ("UPDATE entries SET time = 7 WHERE sequence = 2", 2),
        ("DELETE FROM entries WHERE sequence = 5", 5),
        ("DELETE FROM entries WHERE sequence = 1", 1),
        ("DELETE FROM entries WHERE sequence BETWEEN 4 AND 7", 4),
        ("UPDATE entries SET sequence = 100 WHERE sequence = 5", 5),
        ("INSERT INTO entries SELECT 0, time, salt, content, leaf, link FROM entries LIMIT 1", 1),
        (BLANK, 9),
        ("UPDATE checkpoint SET erased = 3", 9),
        ("UPDATE checkpoint SET link = randomblob(32)", 1),
    ],
)
def test_a_change_is_found_and_its_first_entry_named(
    path: Path, statement: str, first: int
) -> None:
    with raw(path) as connection:
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute("UPDATE sqlite_schema SET sql = replace(sql, 'NOT NULL', '')")
    with raw(path) as connection:
        connection.execute(statement)
    assert broken_at(path) == first


def test_two_entries_that_changed_places_are_found(path: Path) -> None:
    with raw(path) as connection:
        for old, new in ((4, 100), (6, 4), (100, 6)):
            connection.execute("UPDATE entries SET sequence = ? WHERE sequence = ?", (new, old))
    assert broken_at(path) == 4


def test_contents_that_changed_places_with_their_seals_are_found(path: Path) -> None:
    four, six = rows(path)[3], rows(path)[5]
    with raw(path) as connection:
        for place, row in ((4, six), (6, four)):
            connection.execute(
                "UPDATE entries SET time = ?, salt = ?, content = ?, leaf = ? WHERE sequence = ?",
                (*row[1:5], place),
            )
    assert broken_at(path) == 4


def test_an_entry_that_was_put_in_between_is_found(path: Path) -> None:
    with raw(path) as connection:
        connection.execute("UPDATE entries SET sequence = sequence + 100 WHERE sequence > 4")
        connection.execute("UPDATE entries SET sequence = sequence - 99 WHERE sequence > 100")
        row = (5, *rows(path)[3][1:])
        connection.execute("INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?)", row)
    assert broken_at(path) == 5


def test_an_entry_that_reads_differently_is_not_read(path: Path) -> None:
    with raw(path) as connection:
        connection.execute("UPDATE entries SET content = '{}' WHERE sequence = 5")
    with SqliteAudit(path) as log, pytest.raises(StorageError) as error:
        list(log.entries())
    assert (error.value.code, error.value.index) == ("audit_broken", 5)


def test_a_blank_row_in_a_log_without_erasures_is_found(tmp_path: Path) -> None:
    path = tmp_path / "other.audit"
    with SqliteAudit(path) as log:
        log.append(entry(n) for n in range(9))
    with raw(path) as connection:
        connection.execute(BLANK)
        connection.execute("UPDATE checkpoint SET erased = 1")
    assert broken_at(path) == 1


def test_rows_that_were_folded_without_an_erasure_are_found(path: Path) -> None:
    with raw(path) as connection:
        connection.execute(
            "UPDATE checkpoint SET erased = 6, (sequence, link) = "
            "(SELECT sequence, link FROM entries WHERE sequence = 6)"
        )
        connection.execute("DELETE FROM entries WHERE sequence <= 6")
    assert broken_at(path) == 9


def head(path: Path) -> Anchor:
    with SqliteAudit(path) as log:
        return log.head()


def cut(path: Path) -> None:
    with raw(path) as connection:
        connection.execute("DELETE FROM entries WHERE sequence > 7")
        connection.execute("UPDATE checkpoint SET erased = 2")


def restore(path: Path) -> None:
    with raw(path) as connection:
        connection.execute("DELETE FROM entries")
        connection.execute("UPDATE checkpoint SET sequence = 0, link = zeroblob(32), erased = 0")


def rewrite(path: Path) -> None:
    """Make the whole chain anew, with another entry in the place of the fifth."""
    restore(path)
    with SqliteAudit(path) as log:
        log.append(entry(5 if n != 5 else 50, hours=n) for n in range(1, 10))


@pytest.mark.parametrize(
    ("change", "first"), [(restore, 1), (rewrite, 9)], ids=["emptied", "rewritten"]
)
def test_only_an_anchor_finds_a_log_that_was_written_anew(
    path: Path, change: Callable[[Path], None], first: int
) -> None:
    anchor = head(path)
    change(path)
    with SqliteAudit(path) as log:
        log.verify()
    assert broken_at(path, anchor) == first


def test_only_an_anchor_finds_a_cut_tail(tmp_path: Path) -> None:
    path = tmp_path / "other.audit"
    with SqliteAudit(path) as log:
        log.append(entry(n) for n in range(1, 9))
        early, late = Anchor(5, rows(path)[4][5].hex()), log.head()
    cut(path)
    with raw(path) as connection:
        connection.execute("UPDATE checkpoint SET erased = 0")
    with SqliteAudit(path) as log:
        log.verify()
        log.verify(early)
    assert broken_at(path, late) == 8


def test_the_record_of_an_erasure_cannot_be_cut_off(path: Path) -> None:
    cut(path)
    assert broken_at(path) == 1


def test_an_anchor_of_another_log_does_not_fit(path: Path, tmp_path: Path) -> None:
    with SqliteAudit(tmp_path / "other.audit") as other:
        other.append([entry(n) for n in range(4)])
        assert broken_at(path, other.head()) == 4
        other.verify(START)


@pytest.mark.parametrize(
    ("sequence", "digest"), [(-1, "0" * 64), (1, "0" * 63), (1, "A" * 64), (1, "")]
)
def test_an_anchor_has_a_form(sequence: int, digest: str) -> None:
    with pytest.raises(ExchangeError, match="invalid_field"):
        Anchor(sequence, digest)


def test_a_forged_record_of_an_erasure_stands_in_the_log(path: Path) -> None:
    # Who can write the file can also erase by the rules; it does not stay unseen.
    with SqliteAudit(path) as log:
        before = [one for one in log.entries() if one.act is Act.ERASED]
        log.erase(at(6))
        after = [one for one in log.entries() if one.act is Act.ERASED]
    assert (len(before), [one.candidates for one in after]) == (1, [3])


def test_a_record_that_counts_other_rows_is_found() -> None:
    forged = entry(1, act=Act.ERASED, number="0" * 64)
    sealed = seal(START, [(time_bytes(forged.time), content_of(forged))])
    with pytest.raises(StorageError, match="audit_broken"):
        check(sealed, START, 0)
