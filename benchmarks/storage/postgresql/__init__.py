"""A table of a PostgreSQL server enrolled into a gallery on disk."""

from __future__ import annotations

import csv
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import ClassVar

from benchmarks.dna.data import LOCI, WILDCARD
from benchmarks.loading import unusable
from benchmarks.machine import Machine
from benchmarks.rows import reference_id
from benchmarks.storage.base import OURS, Done, Stored, timed_within
from benchmarks.storage.postgresql import server
from benchmarks.storage.profiles import ProfilesCase
from benchmarks.task import Must, Options, Pass, Rows
from prum_match import dna

QUERY = "SELECT * FROM people ORDER BY reference_id LIMIT {}"
SLOW = 20_000


def missing(*modules: str) -> str | None:
    """Say what is not installed or cannot be loaded; None: nothing."""
    return unusable(*modules) or server.missing()


@dataclass(frozen=True)
class PostgresqlCase(ProfilesCase):
    """A database as a table: a column an allele, or one column of packed profiles.

    Attributes
    ----------
    slow : int
        Rows that are enough to measure a library which takes them one by one.
    """

    columns: tuple[str, ...]
    slow: int

    @cached_property
    def address(self) -> str:
        """The server, which holds the table."""
        started = self.room.keep(server.Server(self.room.path / "server"))
        file = self.room.path / "server" / "people.csv"
        with file.open("w", newline="") as lines:
            csv.writer(lines).writerows(self._rows())
        kind = "bytea" if self.columns == ("profile",) else "text"
        columns = ", ".join(f'"{name}" {kind}' for name in self.columns)
        psycopg = import_module("psycopg")
        with psycopg.connect(started.address) as connection:
            connection.execute(f"CREATE TABLE people (reference_id text PRIMARY KEY, {columns})")
            connection.execute(f"COPY people FROM '{file}' (FORMAT csv)")
        return started.address

    def _rows(self) -> Iterator[tuple[str, ...]]:
        if self.columns == ("profile",):
            for row, profile in enumerate(dna.ProfileTable(LOCI, self.alleles)):
                yield reference_id(row), f"\\x{profile.packed.hex()}"
        else:
            for row, tenths in enumerate(self.alleles.reshape(len(self), -1).tolist()):
                yield reference_id(row), *map(_text, tenths)


def _text(tenths: int) -> str:
    """Return an allele as people write it; nothing: not typed."""
    if tenths == WILDCARD:
        return "*"
    whole, part = divmod(tenths, 10)
    return f"{whole}.{part}" if part else f"{whole or ''}"


def enrolling(
    case: PostgresqlCase, count: int, enrol: Callable[[dna.Gallery, str], object], how: str
) -> Pass:
    """Return the pass that fills a new gallery on disk from the first so many rows of the table.

    `enrol` gets the gallery and the query.
    """
    query = QUERY.format(count)
    ids = [reference_id(row) for row in case.rows if row < count]

    def run() -> Done:
        with case.room.another() as folder:
            path = Path(folder) / "gallery"
            dna.Gallery().save(path)
            with dna.Gallery.open(path, mode="rw") as gallery:
                start = time.perf_counter()
                enrol(gallery, query)
                seconds = time.perf_counter() - start
                found = {"rows that are missing": count - len(gallery)}
                pairs = {i: dict(gallery[i].pairs) for i in ids}
                return Done(seconds, {**found, **pairs}, case.room.facts)

    if count < len(case):
        how = f"{count:,} rows, scaled to {len(case):,}; {how}"
    return replace(timed_within(run, how), share=count / len(case))


class Postgresql(Stored):
    """From the query to references that are durable; the connection is made before."""

    value_unit = "s"
    rate_unit = "profiles/s"
    size = 200_000
    quick_size = 500
    floor: ClassVar[float]
    columns: ClassVar[tuple[str, ...]]
    what: ClassVar[str]

    def case(self, size: int, options: Options) -> PostgresqlCase:
        made = ProfilesCase.of(size)
        slow = size if options.full else min(size, SLOW)
        return PostgresqlCase(made.database, made.room, self.columns, slow)

    def title(self, case: PostgresqlCase) -> str:
        return (
            f"{len(case):,} profiles from a PostgreSQL server of this machine, {self.what}, into a "
            "gallery on disk that is empty at first: query in the order of ids and enrolment, "
            "durable at the end; connecting, and making and opening the gallery, not timed"
        )

    def value(self, case: PostgresqlCase, seconds: float) -> float:
        return seconds

    def rate(self, case: PostgresqlCase, seconds: float) -> float:
        return len(case) / seconds

    def musts(self, case: PostgresqlCase, rows: Rows, machine: Machine) -> list[Must]:
        text = f">= {self.floor:,.0f} profiles/s"
        return [Must.at_least(text, rows[OURS].rate, self.floor, "profiles/s")]


class Bytea(Postgresql):
    name = "postgresql_bytea"
    floor = 100_000
    columns = ("profile",)
    what = "packed, in one bytea column"


class AlleleColumns(Postgresql):
    name = "postgresql_columns"
    floor = 40_000
    columns = tuple(f"{name}_{allele}" for name in LOCI for allele in (1, 2))
    what = f"a text column for each of {len(columns)} alleles"
