"""Audit entries arrive once, wherever a crash falls between store and log."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

import pytest

from prum_match.errors import StorageError
from prum_match.exchange import MemoryStore
from prum_match.exchange.audit import Act, Entry, MemoryAudit
from prum_match.exchange.audit.trail import AuditTrail


class Crash(BaseException):
    pass


def entry(number: int) -> Entry:
    return Entry(
        act=Act.ASKED,
        time=datetime(2026, 3, 1, tzinfo=UTC),
        party="DE",
        category="dna",
        number=f"n{number}",
    )


class CrashingAudit(MemoryAudit):
    def __init__(self, *, after: bool) -> None:
        super().__init__()
        self.after = after
        self.crashes = 1

    def append(self, entries: Iterable[Entry]) -> None:
        entries = list(entries)
        if self.crashes and not self.after:
            self.crashes -= 1
            raise Crash
        super().append(entries)
        if self.crashes:
            self.crashes -= 1
            raise Crash


def numbers(audit: MemoryAudit) -> list[str]:
    return [one.number for one in audit.entries()]


@pytest.mark.parametrize("after", [False, True])
def test_a_crash_beside_the_log_neither_loses_nor_repeats(after: bool) -> None:
    store, audit = MemoryStore(), CrashingAudit(after=after)
    trail = AuditTrail(store, audit)
    with store.transaction() as entries:
        for number in (1, 2, 2):  # the same words twice are two entries
            trail.note(entries, entry(number))
    with pytest.raises(Crash):
        trail.flush()
    trail = AuditTrail(store, audit)
    assert numbers(audit) == ["n1", "n2", "n2"]
    with store.transaction() as entries:
        trail.note(entries, entry(3))
    trail.flush()
    trail.flush()
    assert numbers(audit) == ["n1", "n2", "n2", "n3"]
    AuditTrail(store, audit)
    assert len(audit) == 4


def test_entries_keep_their_order_over_a_restart() -> None:
    store, audit = MemoryStore(), MemoryAudit()
    for number in range(12):
        trail = AuditTrail(store, None if number % 5 else audit)
        trail = AuditTrail(store, audit)
        with store.transaction() as entries:
            trail.note(entries, entry(number))
    trail.flush()
    assert numbers(audit) == [f"n{number}" for number in range(12)]


def test_a_transaction_that_fails_leaves_no_entry() -> None:
    store, audit = MemoryStore(), MemoryAudit()
    trail = AuditTrail(store, audit)

    def fail() -> None:
        with store.transaction() as entries:
            trail.note(entries, entry(1))
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    trail.flush()
    assert len(audit) == 0


def test_without_a_log_nothing_waits() -> None:
    store = MemoryStore()
    trail = AuditTrail(store, None)
    with store.transaction() as entries:
        trail.note(entries, entry(1))
        assert entries.keys("audit") == []
    trail.flush()


def test_a_damaged_entry_raises_instead_of_being_left_out() -> None:
    store = MemoryStore()
    with store.transaction() as entries:
        entries.put("audit", "0", b"no entry")
    with pytest.raises(StorageError) as caught:
        AuditTrail(store, MemoryAudit())
    assert caught.value.code == "store_damaged"


def test_two_trails_on_one_store_lose_nothing() -> None:
    store, audit = MemoryStore(), MemoryAudit()
    first, second = AuditTrail(store, audit), AuditTrail(store, audit)
    for number, trail in enumerate([first, second, second, first]):
        with store.transaction() as entries:
            trail.note(entries, entry(number))
    second.flush()
    assert numbers(audit) == ["n1", "n2"]
    first.flush()
    assert numbers(audit) == ["n1", "n2", "n0", "n3"]


def test_a_crash_of_one_process_is_left_to_the_next_start() -> None:
    store, audit = MemoryStore(), CrashingAudit(after=True)
    first, second = AuditTrail(store, audit), AuditTrail(store, audit)
    with store.transaction() as entries:
        first.note(entries, entry(1))
    with pytest.raises(Crash):  # between the two commits
        first.flush()
    # A process that goes on cannot tell that the log has this entry.
    with store.transaction() as entries:
        second.note(entries, entry(2))
    second.flush()
    assert numbers(audit) == ["n1", "n2"]
    AuditTrail(store, audit)
    assert numbers(audit) == ["n1", "n2"]


def test_trails_to_different_logs_do_not_take_entries_from_one_another() -> None:
    store, hits, answers = MemoryStore(), MemoryAudit(), MemoryAudit()
    one, other = AuditTrail(store, hits), AuditTrail(store, answers, kind="answer_audit")
    with store.transaction() as entries:
        one.note(entries, entry(1))
        other.note(entries, entry(2))
    AuditTrail(store, hits)
    other.flush()
    assert (numbers(hits), numbers(answers)) == (["n1"], ["n2"])
