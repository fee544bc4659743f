"""The log verifies after any appends and erasures, and every change of it is detected."""

from __future__ import annotations

import re
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from prum_match.errors import StorageError
from prum_match.exchange.audit import Act, Anchor, Entry, SqliteAudit
from prum_match.exchange.audit.chain import NO_SALT, START, Row, check, seal
from prum_match.exchange.audit.entries import content_of, time_bytes
from support.examples import examples
from support.exchange.audits import at, entry, rows

MARK = re.compile(rb"canary-\d{6}-end")
HOURS = st.integers(0, 40)


class Log(RuleBasedStateMachine):
    """A log, and a list of its expected entries; times come in any order."""

    @initialize()
    def make(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name) / "exchange.audit"
        self.log = SqliteAudit(self.path, synchronous="normal")
        self.held: list[Entry] = []
        self.gone: list[bytes] = []
        self.anchors: list[Anchor] = [START]
        self.made = 0

    @rule(hours=st.lists(HOURS, max_size=5), again=st.sampled_from([1, 1, 60]))
    def append(self, hours: list[int], again: int) -> None:
        new = []
        for hour in hours * again:
            self.made += 1
            new.append(entry(self.made, hours=hour))
        self.log.append(new)
        self.held += new

    @rule(before=HOURS, parts=st.sampled_from([1, 2, 7]))
    def erase(self, before: int, parts: int) -> None:
        def keep(one: Entry) -> bool:
            return _stays(one, parts)

        salts = {row[2] for row in rows(self.path)}
        old = [one for one in self.held if one.time < at(before) and not keep(one)]
        assert self.log.erase(at(before), keep=keep) == len(old)
        self.held = [one for one in self.held if one not in old]
        self.gone += [text for one in old for text in (one.number.encode(), _reference(one))]
        self.gone += salts - {row[2] for row in rows(self.path)} - {NO_SALT}

    @rule()
    def take_an_anchor(self) -> None:
        self.anchors.append(self.log.head())

    @rule()
    def open_again(self) -> None:
        self.log.close()
        self.log = SqliteAudit(self.path, synchronous="normal")

    @invariant()
    def it_holds_and_proves_what_it_should(self) -> None:
        if not hasattr(self, "log"):
            return
        entries = list(self.log.entries())
        assert len(self.log) == len(entries)
        assert [one for one in entries if one.act is not Act.ERASED] == self.held
        first = rows(self.path)[0][0] if self.log.head().sequence else 1
        for anchor in self.anchors:
            if anchor.sequence >= first - 1:
                self.log.verify(anchor)
            else:
                with pytest.raises(StorageError, match="anchor_erased"):
                    self.log.verify(anchor)
        data = self.path.read_bytes()
        assert not [text for text in self.gone if text in data]

    def teardown(self) -> None:
        if hasattr(self, "log"):
            self.log.close()
            self.folder.cleanup()


def _reference(one: Entry) -> bytes:
    assert one.reference is not None
    return one.reference.encode()


TestAnyLog = Log.TestCase
TestAnyLog.settings = settings(max_examples=examples(30), stateful_step_count=25, deadline=None)


def sealed(count: int) -> list[Row]:
    made = [entry(n) for n in range(1, count + 1)]
    return list(seal(START, [(time_bytes(one.time), content_of(one)) for one in made]))


def test_every_flipped_bit_of_a_row_is_detected() -> None:
    chain = sealed(3)
    anchor = Anchor(3, chain[-1].link.hex())
    check(chain, START, 0, anchor)
    for place, row in enumerate(chain):
        for column, value in list(enumerate(row))[1:]:
            for bit in range(8 * len(value)):
                changed = bytearray(value)
                changed[bit // 8] ^= 1 << bit % 8
                other = Row._make((*row[:column], bytes(changed), *row[column + 1 :]))
                with pytest.raises(StorageError) as error:
                    check([*chain[:place], other, *chain[place + 1 :]], START, 0, anchor)
                assert error.value.index == place + 1


@given(st.data())
def test_rearranged_rows_are_detected(data: st.DataObject) -> None:
    chain = sealed(5)
    anchor = Anchor(5, chain[-1].link.hex())
    other = data.draw(st.lists(st.sampled_from(chain), max_size=7))
    renumbered = [row._replace(sequence=n) for n, row in enumerate(other, 1)]
    for arranged in (other, renumbered):
        if arranged == chain:
            check(arranged, START, 0, anchor)
        else:
            with pytest.raises(StorageError, match="audit_broken"):
                check(arranged, START, 0, anchor)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, bytes, Anchor, list[Entry]]:
    """Return a file of a few pages with kept, erased and folded rows, and its entries."""
    path = tmp_path_factory.mktemp("audit") / "exchange.audit"
    with SqliteAudit(path, synchronous="normal") as log:
        log.append(entry(n) for n in range(100))
        log.erase(at(80), keep=lambda one: one == entry(75))
        log.append([entry(100)])
        return path, path.read_bytes(), log.head(), list(log.entries())


@given(place=st.floats(0, 1, exclude_max=True), bits=st.integers(1, 255))
@settings(max_examples=examples(400), deadline=None)
def test_a_changed_byte_of_the_file_is_detected_or_harmless(
    whole: tuple[Path, bytes, Anchor, list[Entry]], place: float, bits: int
) -> None:
    path, data, anchor, entries = whole
    changed = bytearray(data)
    changed[int(place * len(data))] ^= bits
    path.write_bytes(changed)
    try:
        with SqliteAudit(path, synchronous="normal") as log:
            log.verify(anchor)
            assert list(log.entries()) == entries
            assert log.head() == anchor
    except StorageError:
        pass
    finally:
        path.with_name(path.name + "-journal").unlink(missing_ok=True)


@given(length=st.floats(0, 1, exclude_max=True))
@settings(max_examples=examples(60), deadline=None)
def test_a_truncated_file_is_detected(
    whole: tuple[Path, bytes, Anchor, list[Entry]], length: float
) -> None:
    path, data, anchor, _ = whole
    path.write_bytes(data[: int(length * len(data))])
    with pytest.raises(StorageError), SqliteAudit(path, synchronous="normal") as log:
        log.verify(anchor)


def test_rows_are_never_moved_within_the_file(tmp_path: Path) -> None:
    # SQLite leaves copies where rows were that it moves, and no erasure would find those.
    path = tmp_path / "exchange.audit"
    known: dict[bytes, int] = {}
    erased = 0
    with SqliteAudit(path, synchronous="normal") as log:
        for first in range(0, 5000, 1000):
            log.append(_of_any_length(n) for n in range(first, first + 1000))
            for factor in (3, 2, 1):
                before = at(first + 1000 - 400 * factor)
                erased += log.erase(before, keep=lambda one, f=factor: _stays(one, f))  # type: ignore[misc]
                found = [(m[0], m.start()) for m in MARK.finditer(path.read_bytes())]
                held = [one.number.encode() for one in log.entries() if one.act is not Act.ERASED]
                assert sorted(number for number, _ in found) == sorted(held)
                assert all(known.setdefault(number, place) == place for number, place in found)
        log.verify()
    assert erased > 3000
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def _of_any_length(number: int) -> Entry:
    words = ("r" * (number % 61 + 1), "c" * (number % 53 + 1))
    return entry(number, result=words[0], code=words[1], actor="a" * 64)


def _stays(one: Entry, factor: int) -> bool:
    return int(one.number[7:13]) % factor != 0
