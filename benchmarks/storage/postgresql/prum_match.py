"""Ours: `Gallery.enrol_table` with what the ADBC driver of PostgreSQL reads."""

from __future__ import annotations

from importlib import import_module

from benchmarks.storage import postgresql
from benchmarks.storage.base import OURS
from benchmarks.storage.postgresql import PostgresqlCase, enrolling
from benchmarks.task import Pass
from prum_match import dna

NAME = OURS


def missing() -> str | None:
    return postgresql.missing("adbc_driver_postgresql", "nanoarrow", "psycopg")


def load(case: PostgresqlCase) -> Pass:
    driver = import_module("adbc_driver_postgresql.dbapi")
    connection = case.room.keep(driver.connect(case.address))

    def enrol(gallery: dna.Gallery, query: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute(query)
            gallery.enrol_table(cursor.fetch_arrow())

    return enrolling(case, len(case), enrol, "in full, by ADBC")
