"""Entries appended to the audit log, a thousand a call, each call durable when it returns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Self

from benchmarks.machine import Machine
from benchmarks.storage.base import OURS, Stored
from benchmarks.storage.room import Room
from benchmarks.task import Answer, Must, Options, Rows
from prum_match.exchange.audit import Act, Entry

BATCH = 1_000
FLOOR = 50.0
SAMPLE = 100
ENTRIES = "entries"
CATEGORIES = ("dna", "dactyloscopy", "face", "vehicle", "police_record")
PARTIES = ("AT", "BE", "DE", "FR", "NL")
START = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class AuditCase:
    """Entries as objects, and the folder for the logs."""

    entries: Sequence[Entry]
    room: Room

    @classmethod
    def of(cls, size: int) -> Self:
        return cls([_entry(number) for number in range(size)], Room())

    def batches(self) -> Iterator[Sequence[Entry]]:
        for first in range(0, len(self.entries), BATCH):
            yield self.entries[first : first + BATCH]

    def answer(self, numbers: Sequence[str]) -> Answer:
        """Return how many entries a log holds, and which some of them are."""
        step = max(1, len(self.entries) // SAMPLE)
        return {ENTRIES: len(numbers), **dict(enumerate(numbers[::step]))}


def _entry(number: int) -> Entry:
    """Return what a responder writes of one answer."""
    hit = number % 10 == 0
    return Entry(
        act=Act.ANSWERED,
        time=START + timedelta(seconds=number),
        party=PARTIES[number % len(PARTIES)],
        category=CATEGORIES[number % len(CATEGORIES)],
        number=f"3f1c2a9e-5b7d-4c11-9d3a-{number:012d}",
        result="hit" if hit else "no_hit",
        type="S",
        candidates=int(hit),
    )


class Audit(Stored):
    name = "exchange_audit"
    value_unit = "us an entry"
    rate_unit = "k entries/s"
    size = 200_000
    quick_size = 5_000

    def case(self, size: int, options: Options) -> AuditCase:
        return AuditCase.of(size)

    def title(self, case: AuditCase) -> str:
        return (
            f"{len(case.entries):,} entries, made before, appended to an audit log, {BATCH:,} a "
            "call, each call durable when it returns"
        )

    def value(self, case: AuditCase, seconds: float) -> float:
        return seconds / len(case.entries) * 1e6

    def rate(self, case: AuditCase, seconds: float) -> float:
        return len(case.entries) / seconds / 1e3

    def musts(self, case: AuditCase, rows: Rows, machine: Machine) -> list[Must]:
        text = f">= {FLOOR:g} k entries/s"
        return [Must.at_least(text, rows[OURS].rate, FLOOR, self.rate_unit)]
