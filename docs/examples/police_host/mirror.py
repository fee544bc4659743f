"""The galleries, kept in step with the register.

A pass compares all rows of a table with all references of its gallery, so it makes up for whatever
an earlier pass missed: rows after an interruption, rows that were refused, changes made while no
pass was running.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from police_host.register import CLASSES, KEYS, Register, Row
from prum_match import dactyloscopy, dna, engine, police_record, vehicle


@dataclass(frozen=True)
class Source:
    """A table, the gallery that follows it, and how a row becomes an item."""

    table: str
    new: Callable[[], engine.Gallery[Any]]
    open: Callable[[Path, str], engine.Gallery[Any]]
    item: Callable[[Row], Mapping[str, Any]]


def _profile(row: Row) -> Mapping[str, Any]:
    return {"loci": json.loads(row["alleles"]), "kind": row["kind"]}


def _print(row: Row) -> Mapping[str, Any]:
    return {"record": row["record"]}


def _registration(row: Row) -> Mapping[str, Any]:
    holder = {"name": row["holder_name"], "first_name": row["holder_first_name"]}
    return {
        "country": row["country"],
        "plate": row["plate"],
        "vin": row["vin"],
        "make": row["make"],
        "valid_from": row["since"] and date.fromisoformat(row["since"]),
        "holders": [holder],
    }


def _person(row: Row) -> Mapping[str, Any]:
    names = ("first_names", "family_names", "birth_date", "nationalities", "gender")
    return {name: row[name] for name in names if row[name] is not None}


# An item is a mapping of its constructor's arguments: the gallery makes it, so that a row of which
# none can be made is reported like any other bad row. Labels are a closed list, and a profile that
# no other state may search is refused here and not found missing later.
SOURCES: Mapping[str, Source] = {
    "dna": Source(
        "dna_profile",
        lambda: dna.Gallery(labels=CLASSES, exchangeable_only=True),
        dna.Gallery.open,
        _profile,
    ),
    "dactyloscopy": Source(
        "print",
        lambda: dactyloscopy.Gallery(labels=CLASSES),
        dactyloscopy.Gallery.open,
        _print,
    ),
    "vehicle": Source("registration", vehicle.Gallery, vehicle.Gallery.open, _registration),
    "police_record": Source(
        "person",
        lambda: police_record.Gallery(labels=CLASSES),
        police_record.Gallery.open,
        _person,
    ),
}


@dataclass
class Pass:
    """Changes of one pass, by number, and the rows that the gallery refused."""

    enrolled: list[str] = field(default_factory=list)
    replaced: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    erased: list[str] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)

    def take(self, asked: Iterable[str], report: engine.EnrolmentReport) -> list[str]:
        """Note the refused rows of a call, and return the numbers of the others."""
        numbers = list(asked)
        for error in report.refused:
            assert error.index is not None
            self.refused[numbers[error.index]] = error.code
        return [number for number in numbers if number not in self.refused]


class Mirror:
    """The gallery of one table."""

    def __init__(self, register: Register, source: Source, folder: Path) -> None:
        self._register = register
        self._source = source
        if not folder.exists():
            source.new().save(folder)
        self.gallery = source.open(folder, "rw")

    def reconcile(self) -> Pass:
        """Make the gallery what the register is."""
        done, table = Pass(), self._source.table
        rows = self._register.rows(table)
        digests = {number: _digest(row) for number, row in rows.items()}
        had = self._register.mirrored(table)
        known = {record.reference_id: record for record in self.gallery.records()}

        done.erased = sorted(known.keys() - rows.keys())
        new = [number for number in rows if number not in known]
        other = [n for n in rows if n in known and had.get(n) != digests[n]]
        moved = [
            number
            for number, row in rows.items()
            if number in known and number not in set(other) and _keys(row) != _kept(known[number])
        ]
        self.gallery.erase(done.erased)
        before = {number: self.gallery[number] for number in other}
        for numbers, change, made in (
            (other, self.gallery.replace, done.replaced),
            (new, self.gallery.enrol, done.enrolled),
        ):
            items = [self._source.item(rows[number]) for number in numbers]
            report = change(numbers, items, **_columns(rows, numbers), on_error="report")
            made += done.take(numbers, report)
        # Of the replaced, those that are others now: a partner is told of these alone.
        done.replaced = [n for n in done.replaced if self.gallery[n] != before[n]]
        report = self.gallery.update(moved, **_columns(rows, moved), on_error="report")
        done.updated = done.take(moved, report)

        # Last: after a crash before it, the next pass replaces once more what is there already.
        # A refused row keeps its old digest, so that every pass says it again.
        now = {number: digests[number] for number in rows if number not in done.refused}
        kept = {number: had[number] for number in done.refused if number in had}
        self._register.note_mirrored(table, now | kept)
        return done

    def close(self) -> None:
        """Close the gallery."""
        self.gallery.close()


def _digest(row: Row) -> bytes:
    content = [row[name] for name in row.keys() if name not in KEYS]  # noqa: SIM118
    return hashlib.sha256(repr(content).encode()).digest()


def _keys(row: Row) -> tuple[str | None, str | None, datetime | None]:
    return row["person"], row["class"], _end_of(row["delete_after"])


def _kept(record: engine.Record) -> tuple[str | None, str | None, datetime | None]:
    return record.subject_id, record.label, record.expires


def _end_of(day: str | None) -> datetime | None:
    if day is None:
        return None
    return datetime.fromisoformat(day).replace(tzinfo=UTC) + timedelta(days=1)


def _columns(rows: Mapping[str, Row], numbers: Iterable[str]) -> dict[str, Any]:
    keys = [_keys(rows[number]) for number in numbers]
    return {
        "subject_ids": [person for person, _, _ in keys],
        "labels": [label for _, label, _ in keys],
        "expires": [expires for _, _, expires in keys],
    }
