"""A register in a real PostgreSQL server: enrolled as it is, and followed without a loss."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import prum_match
from prum_match import dna, face
from prum_match.errors import InvalidInput
from support.exchange.postgresql import programs, server

pytestmark = pytest.mark.slow


for package in ("nanoarrow", "pyarrow", "adbc_driver_postgresql"):
    pytest.importorskip(package)

EXAMPLES = Path(__file__).resolve().parents[2] / "docs" / "examples"
SEVEN = {
    "VWA": ("16", "17"),
    "TH01": ("6", "9.3"),
    "D21S11": ("29", "30.2"),
    "FGA": ("21", "24"),
    "D8S1179": ("13", "14"),
    "D3S1358": ("15", "17"),
    "D18S51": ("12", "16"),
}
# How each type of embeddings is sent, and how a list of Python looks to PostgreSQL.
SENT = {"bytea": "bytea", "real[]": "text::real[]"}
BRACES = str.maketrans("[]", "{}")


@pytest.fixture(scope="module")
def uri() -> Iterator[str]:
    with server() as address:
        yield address


@pytest.fixture(scope="module")
def example() -> Any:
    programs()
    sys.path.insert(0, str(EXAMPLES))
    try:
        import postgresql
    finally:
        sys.path.remove(str(EXAMPLES))
    return postgresql


class Office:
    """A connection of those who write to the register."""

    def __init__(self, uri: str, example: Any) -> None:
        self.connection = example.postgresql.connect(uri)
        self.run("SET search_path TO prum_example")
        self.connection.commit()

    def run(self, statement: str, *values: Any) -> None:
        with self.connection.cursor() as cursor:
            cursor.execute(statement, values or None)

    def put(self, name: str, fga: int, label: str | None = None) -> None:
        packed = profile(fga).packed
        self.run(
            "INSERT INTO profile (reference_id, label, packed) VALUES ($1, $2, $3) "
            "ON CONFLICT (reference_id) DO UPDATE SET label = $2, packed = $3",
            *(name, label, packed),
        )

    def remove(self, name: str) -> None:
        self.run("DELETE FROM profile WHERE reference_id = $1", name)

    def commit(self) -> None:
        self.connection.commit()


def profile(fga: int) -> dna.Profile:
    return dna.Profile({**SEVEN, "FGA": (21, fga)})


def held(gallery: dna.Gallery) -> dict[str, int]:
    """Return the content of the gallery: names, and the second allele of FGA."""
    return {name: gallery[name].pairs["FGA"][1] // 4 for name in gallery}


@pytest.fixture
def offices(uri: str, example: Any) -> Iterator[list[Office]]:
    with example.postgresql.connect(uri, autocommit=True) as connection:
        with connection.cursor() as cursor:
            cursor.execute("DROP SCHEMA IF EXISTS prum_example CASCADE")
            cursor.executescript(example.SCHEMA)
        made = [Office(uri, example) for _ in range(3)]
        yield made
        for office in made:
            office.connection.close()


def test_a_gallery_follows_its_register(example: Any, offices: list[Office]) -> None:
    office, _, reader = offices
    for name, fga in (("A", 24), ("B", 25), ("C", 26)):
        office.put(name, fga, "suspect")
    office.commit()
    gallery = dna.Gallery()
    since = example.load(gallery, reader.connection)
    assert held(gallery) == {"A": 24, "B": 25, "C": 26}

    office.put("A", 27, "convicted")
    office.put("D", 28)
    office.remove("B")
    office.run("UPDATE profile SET reference_id = 'E' WHERE reference_id = 'C'")
    office.put("F", 29)
    office.remove("F")
    assert example.keep_in_step(gallery, reader.connection, since) == since
    assert held(gallery) == {"A": 24, "B": 25, "C": 26}
    office.commit()
    before = since
    since = example.keep_in_step(gallery, reader.connection, before)
    assert since > before
    assert held(gallery) == {"A": 27, "D": 28, "E": 26}
    assert gallery.search(profile(27))[0].label == "convicted"
    # Again, from where it began: nothing is lost, nothing comes twice.
    assert example.keep_in_step(gallery, reader.connection, before) >= since
    assert held(gallery) == {"A": 27, "D": 28, "E": 26}
    generation = gallery.generation
    example.keep_in_step(gallery, reader.connection, since)
    assert gallery.generation == generation


def test_late_commits_are_not_lost(example: Any, offices: list[Office]) -> None:
    slow, quick, reader = offices
    slow.put("early", 24)
    quick.put("late", 25)
    quick.commit()
    gallery = dna.Gallery()
    since = example.load(gallery, reader.connection)
    assert held(gallery) == {"late": 25}
    quick.put("later", 26)
    quick.commit()
    since = example.keep_in_step(gallery, reader.connection, since)
    # The slow transaction is older than both, and commits after both were read.
    slow.commit()
    since = example.keep_in_step(gallery, reader.connection, since)
    assert held(gallery) == {"early": 24, "late": 25, "later": 26}


def test_a_run_reads_one_state_of_the_register(example: Any, offices: list[Office]) -> None:
    office, other, reader = offices
    office.put("A", 24)
    office.put("B", 25)
    office.commit()

    class Busy(dna.Gallery):
        """The register is changed while the gallery follows it."""

        def erase(self, reference_ids: Any) -> None:
            super().erase(reference_ids)
            other.put("A", 28)
            other.commit()

    gallery = Busy()
    since = example.load(gallery, reader.connection)
    office.remove("B")
    office.put("A", 26)
    office.commit()
    since = example.keep_in_step(gallery, reader.connection, since)
    assert held(gallery) == {"A": 26}
    example.keep_in_step(gallery, reader.connection, since)
    assert held(gallery) == {"A": 28}


def test_a_run_that_breaks_off_is_run_again(example: Any, offices: list[Office]) -> None:
    office, _, reader = offices
    office.put("A", 24)
    office.commit()
    gallery = dna.Gallery()
    since = example.load(gallery, reader.connection)
    office.put("A", 25)
    office.run("INSERT INTO profile VALUES ('B', NULL, NULL, NULL, '\\x00')")
    office.commit()
    with pytest.raises(InvalidInput) as caught:
        example.keep_in_step(gallery, reader.connection, since)
    assert caught.value.code == "bad_packed"
    assert held(gallery) == {"A": 24}
    office.remove("B")
    office.commit()
    example.keep_in_step(gallery, reader.connection, since)
    assert held(gallery) == {"A": 25}


def test_expiry(example: Any, offices: list[Office]) -> None:
    office, _, reader = offices
    office.put("A", 24)
    office.run("UPDATE profile SET expires = timestamptz '2026-07-01 12:00+02'")
    office.commit()
    gallery = dna.Gallery()
    example.load(gallery, reader.connection)
    assert gallery.purge(now=datetime(2026, 7, 1, 9, 59, 59, tzinfo=UTC)).reference_ids == ()
    assert gallery.purge(now=datetime(2026, 7, 1, 10, tzinfo=UTC)).reference_ids == ("A",)
    office.run("UPDATE profile SET expires = 'infinity'")
    office.commit()
    with pytest.raises(InvalidInput) as caught:
        example.load(gallery, reader.connection)
    assert (caught.value.code, caught.value.index) == ("bad_moment", 0)


def test_a_column_an_allele(offices: list[Office]) -> None:
    office = offices[0]
    # Without quotes PostgreSQL folds names to lower case.
    columns = [f"{name}_{k}" for name in SEVEN for k in (1, 2)]
    office.run(
        f"CREATE TABLE typing (reference_id text, {', '.join(f'{c} text' for c in columns)})"
    )
    alleles = [allele for pair in SEVEN.values() for allele in pair]
    for name, first in (("A", "16"), ("B", None), ("C", "OL")):
        places = ", ".join(f"${i + 1}" for i in range(15))
        office.run(f"INSERT INTO typing VALUES ({places})", name, first, *alleles[1:])
    gallery = dna.Gallery()
    with office.connection.cursor() as cursor:
        cursor.execute("SELECT * FROM typing")
        report = gallery.enrol_table(cursor.fetch_record_batch())
    assert report.notes == {"N2": 1, "N7b": 1}
    for name, first in (("A", "16"), ("B", None), ("C", "OL")):
        assert gallery[name] == dna.Profile({**SEVEN, "VWA": (first, "17")})


@pytest.mark.parametrize("type_", ["bytea", "real[]"])
def test_faces(offices: list[Office], type_: str) -> None:
    office = offices[0]
    model = face.Model("made up", "1", 4, normalise="apply")
    vectors = np.array([[1, 2, 0, 0], [1, 2, 1, 0], [-3, 1, 0, 1]], "<f4")
    office.run(f"CREATE TABLE face (reference_id text, embedding {type_}, quality real)")
    for i, vector in enumerate(vectors):
        given = vector.tobytes() if type_ == "bytea" else str(vector.tolist()).translate(BRACES)
        office.run(f"INSERT INTO face VALUES ($1, $2::{SENT[type_]}, $3)", f"P{i}", given, 10.5 * i)
    gallery = face.Gallery(model)
    with office.connection.cursor() as cursor:
        cursor.execute("SELECT * FROM face ORDER BY reference_id")
        assert gallery.enrol_table(cursor.fetch_arrow()).enrolled == 3
        cursor.execute("SELECT embedding FROM face ORDER BY reference_id")
        answers = gallery.search_many(cursor.fetch_arrow(), limit=1)
    assert [answer.reference_ids for answer in answers] == [["P0"], ["P1"], ["P2"]]
    assert gallery["P2"] == face.Embedding(vectors[2], model, quality=21)


def test_a_query_that_fails_on_the_way(offices: list[Office]) -> None:
    office = offices[0]
    gallery = dna.Gallery()
    with office.connection.cursor() as cursor:
        cursor.execute(
            "SELECT i::text AS reference_id, (1 / (9999 - i))::text AS th01_1, '7' AS th01_2 "
            "FROM generate_series(1, 10000) i"
        )
        with pytest.raises(InvalidInput) as caught:
            gallery.enrol_table(cursor.fetch_arrow())
    assert caught.value.code == "bad_stream"
    assert len(gallery) == 0


def test_the_example(uri: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, EXAMPLES / "postgresql.py", uri],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(Path(prum_match.__file__).parents[1])},
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert not done.stderr
    loaded, in_step, last = done.stdout.splitlines()
    assert loaded == "loaded: 1035 references"
    assert in_step.startswith("in step: 1035 references, ")
    assert in_step.endswith(" is convicted")
    assert last.endswith(" is no longer enrolled")
