"""psycopg: the same rows as Profile objects, then `Gallery.enrol`."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import Any

from benchmarks.dna.data import LOCI
from benchmarks.storage import postgresql
from benchmarks.storage.postgresql import PostgresqlCase, enrolling
from benchmarks.task import Pass
from prum_match import dna

NAME = "psycopg"


def missing() -> str | None:
    return postgresql.missing("psycopg")


def load(case: PostgresqlCase) -> Pass:
    connection = case.room.keep(import_module("psycopg").connect(case.address))
    make = _packed if case.columns == ("profile",) else _alleles

    def enrol(gallery: dna.Gallery, query: str) -> None:
        rows = connection.cursor(binary=True).execute(query).fetchall()
        gallery.enrol([row[0] for row in rows], [make(row) for row in rows])

    return enrolling(case, case.slow, enrol, "by dna.Profile objects")


def _packed(row: Sequence[Any]) -> dna.Profile:
    return dna.Profile.from_packed(row[1])


def _alleles(row: Sequence[Any]) -> dna.Profile:
    pairs = zip(LOCI, row[1::2], row[2::2], strict=True)
    return dna.Profile({name: (a, b) for name, a, b in pairs if a is not None})
