"""``replace``: corrections of items, subjects, labels and dates of deletion."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from prum_match import dna, face
from support.cli import HEADER, Run, row

KEYS = "reference_id,subject_id,label,expires\n"
MOMENT = datetime(2031, 1, 1, tzinfo=UTC)


@pytest.fixture
def full(run: Run, tmp_path: Path) -> Path:
    """Two people with everything that is known of them."""
    file, path = tmp_path / "full.csv", tmp_path / "full"
    keys = "S-{},known,2030-01-01,"
    file.write_text(
        f"subject_id,label,expires,{HEADER}"
        + "".join(keys.format(i) + row(f"A-{i}") for i in (1, 2))
    )
    assert run("enrol", path, file, "--create").code == 0
    return path


def record(path: Path, reference_id: str) -> tuple[object, ...]:
    with dna.Gallery.open(path) as gallery:
        found = gallery.record(reference_id)
        first = gallery[reference_id].pairs["TH01"][0]
        return found.subject_id, found.label, found.expires, first


def test_an_item_is_replaced_and_the_rest_kept(run: Run, tmp_path: Path, full: Path) -> None:
    before = record(full, "A-1")
    new = tmp_path / "new.csv"
    new.write_text(HEADER + row("A-1", "8"))
    done = run("replace", full, new)
    assert (done.code, done.err) == (0, "")
    (total,) = done.of("total")
    assert (total["replaced"], total["references"]) == (1, 2)
    assert record(full, "A-1") == (*before[:3], 8 * 4)
    assert record(full, "A-2") == ("S-2", *before[1:])


def test_a_date_is_corrected_together_with_the_item(run: Run, tmp_path: Path, full: Path) -> None:
    new = tmp_path / "new.csv"
    new.write_text("expires," + HEADER + "2031-01-01," + row("A-1", "8"))
    assert run("replace", full, new).code == 0
    assert record(full, "A-1") == ("S-1", "known", MOMENT, 8 * 4)


def test_a_date_is_corrected_without_the_item(run: Run, tmp_path: Path, full: Path) -> None:
    keys = tmp_path / "keys.csv"
    keys.write_text("reference_id,expires\nA-1,2031-01-01\nA-2,\n")
    done = run("replace", full, "--keys", keys)
    assert (done.code, done.err) == (0, "")
    assert done.of("total") == [{"type": "total", "updated": 2, "references": 2}]
    assert record(full, "A-1")[:3] == ("S-1", "known", MOMENT)
    # An empty cell removes the value.
    assert record(full, "A-2")[:3] == ("S-2", "known", None)


def test_a_name_that_a_line_lacks_stays(run: Run, tmp_path: Path, full: Path) -> None:
    before = record(full, "A-1")
    keys = tmp_path / "keys.jsonl"
    lines = [
        {"reference_id": "A-1", "label": "other"},
        {"reference_id": "A-2", "subject_id": None, "expires": "2031-01-01"},
    ]
    keys.write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert run("replace", full, "--keys", keys).code == 0
    assert record(full, "A-1") == ("S-1", "other", *before[2:])
    assert record(full, "A-2")[:3] == (None, "known", MOMENT)


def test_all_or_none(run: Run, tmp_path: Path, full: Path) -> None:
    before = record(full, "A-1")
    new, keys = tmp_path / "new.csv", tmp_path / "keys.csv"
    for lines, code in ((row("B-9"), "unknown_reference"), (row("A-2", "6.7"), "bad_allele")):
        new.write_text(HEADER + row("A-1", "8") + lines)
        done = run("replace", full, new)
        assert (done.code, done.of("total")) == (1, [])
        assert f"[{code}" in done.err
        assert record(full, "A-1") == before
    keys.write_text("reference_id,label\nA-1,x\nB-9,x\n")
    done = run("replace", full, "--keys", keys)
    assert (done.code, done.out) == (1, "")
    assert "[unknown_reference" in done.err
    # A row of the one file without its row in the other.
    new.write_text(HEADER + row("A-1", "8"))
    keys.write_text("reference_id,label\nA-1,x\nA-2,x\n")
    done = run("replace", full, new, "--keys", keys)
    assert "nothing was replaced [missing_item; field --keys]" in done.err
    assert record(full, "A-1") == before


def test_a_vector_and_its_keys(run: Run, tmp_path: Path) -> None:
    path, vectors = tmp_path / "faces", tmp_path / "faces.npy"
    gallery = face.Gallery(face.Model("example", "1", 4, normalise="apply"))
    gallery.enrol(["P-0"], np.eye(1, 4, dtype=np.float32), labels="a")
    gallery.save(path)
    np.save(vectors, np.eye(1, 4, 1, dtype=np.float32))
    ids, keys = tmp_path / "ids.txt", tmp_path / "keys.csv"
    ids.write_text("P-0\n")
    keys.write_text(KEYS + "P-0,S-0,b,2031-01-01\n")
    assert "[missing_id; field --ids]" in run("replace", path, vectors).err
    assert run("replace", path, vectors, "--ids", ids, "--keys", keys).code == 0
    with face.Gallery.open(path) as found:
        assert np.argmax(found["P-0"].vector) == 1
        assert found.record("P-0").expires == MOMENT
        assert found.record("P-0").label == "b"


def test_something_has_to_be_given(run: Run, full: Path) -> None:
    assert run("replace", full).code == 2
