"""Subjects, labels and dates of deletion: columns of files, and the file of ``--keys``."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from prum_match import dna, face
from prum_match.cli import enrol
from prum_match.cli.galleries import AnyGallery
from prum_match.dactyloscopy.formats import iso19794_2_2005
from support.cli import HEADER, Run, row
from support.dactyloscopy.templates import changed
from support.galleries.kits import DACTYLOSCOPY

NEXT_YEAR = datetime(2031, 1, 1, tzinfo=UTC)
MODEL = ("--category", "face", "--model", "example:1:4", "--normalise", "apply")
KEYS = "reference_id,subject_id,label,expires\n"


def known(path: Path, reference_id: str) -> tuple[str | None, str | None, datetime | None]:
    with AnyGallery.open(path) as gallery:
        found = gallery.record(reference_id)
        return found.subject_id, found.label, found.expires


def file_of(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text)
    return path


def json_lines(*records: dict[str, Any]) -> str:
    return "".join(json.dumps(record) + "\n" for record in records)


FILES = [
    (
        "dna",
        f"subject_id,label,expires,{HEADER}S-1,convicted,2031-01-01,{row('A')},,,{row('B', '7')}",
    ),
    (
        "dna",
        "sample,marker,allele1,allele2,label,expires,subject_id\n"
        "A,TH01,6,9.3,convicted,2031-01-01,S-1\nA,FGA,21,24,convicted,2031-01-01,S-1\n"
        "B,TH01,7,8,,,\n",
    ),
    (
        "dna",
        json_lines(
            {
                **{"reference_id": "A", "loci": {"TH01": [6, 9.3]}, "label": "convicted"},
                **{"subject_id": "S-1", "expires": "2031-01-01T01:00:00+01:00"},
            },
            {"reference_id": "B", "loci": {"TH01": [7, 8]}, "expires": None},
        ),
    ),
    (
        "vehicle",
        "reference_id;country;plate;subject_id;label;expires\n"
        "A;DE;B-AB 123;S-1;convicted;2031-01-01\nB;DE;B-AB 124;;;\n",
    ),
    (
        "police_record",
        json_lines(
            {
                **{"reference_id": "A", "first_names": "Anna", "family_names": "Muster"},
                **{"birth_date": "1980-05-01", "subject_id": "S-1", "label": "convicted"},
                "expires": "2031-01-01",
            },
            {
                **{"reference_id": "B", "first_names": "Berta", "family_names": "Muster"},
                "birth_date": "1981-05-01",
            },
        ),
    ),
]


@pytest.mark.parametrize(("category", "text"), FILES)
def test_files_have_columns_for_them(run: Run, tmp_path: Path, category: str, text: str) -> None:
    file, path = file_of(tmp_path, "items", text), tmp_path / "gallery"
    done = run("enrol", path, file, "--create", "--category", category)
    assert (done.code, done.err) == (0, "")
    assert done.of("ignored") == []
    assert known(path, "A") == ("S-1", "convicted", NEXT_YEAR)
    assert known(path, "B") == (None, None, None)


def test_keys_of_faces_stand_in_a_file(run: Run, tmp_path: Path) -> None:
    vectors, path = tmp_path / "faces.npy", tmp_path / "gallery"
    np.save(vectors, np.eye(3, 4, dtype=np.float32) + 0.5)
    ids = file_of(tmp_path, "ids.txt", "P-0\nP-1\nP-2\n")
    # In another order than the vectors.
    keys = file_of(tmp_path, "keys.csv", KEYS + "P-2,,,\nP-1,S-1,a,2031-01-01\nP-0,S-0,b,\n")
    done = run("enrol", path, vectors, "--ids", ids, "--keys", keys, "--create", *MODEL)
    assert (done.code, done.err) == (0, "")
    assert known(path, "P-1") == ("S-1", "a", NEXT_YEAR)
    assert known(path, "P-0") == ("S-0", "b", None)
    assert known(path, "P-2") == (None, None, None)


def test_keys_of_prints_stand_in_a_file(run: Run, tmp_path: Path) -> None:
    folder, path = tmp_path / "prints", tmp_path / "gallery"
    folder.mkdir()
    for seed, name in enumerate("AB"):
        one = changed(DACTYLOSCOPY.item(seed, 0), impression=0)
        (folder / f"{name}.fmr").write_bytes(iso19794_2_2005.encode([one]))
    keys = file_of(
        tmp_path,
        "keys.jsonl",
        json_lines(
            {"reference_id": "A", "subject_id": "S-1", "label": "a", "expires": "2031-01-01"},
            {"reference_id": "B", "label": "b"},
        ),
    )
    create = ("--create", "--category", "dactyloscopy")
    done = run("enrol", path, folder, "--keys", keys, *create)
    assert (done.code, done.err) == (0, "")
    assert known(path, "A") == ("S-1", "a", NEXT_YEAR)
    assert known(path, "B") == (None, "b", None)


def test_items_and_rows_belong_together(run: Run, tmp_path: Path, people: Path) -> None:
    keys = file_of(tmp_path, "keys.csv", KEYS + "A-1,S-1,,\nA-2,S-2,,\nA-9,S-9,,\n")
    path = tmp_path / "gallery"
    arguments = ("enrol", path, people, "--keys", keys, "--create")
    done = run(*arguments)
    assert done.code == 1
    assert "nothing was enrolled [missing_row; field --keys]" in done.err
    done = run(*arguments, "--on-error", "report")
    assert done.code == 1
    assert [(r["reference_id"], r["code"]) for r in done.of("refused")] == [
        ("A-3", "missing_row"),
        ("A-9", "missing_item"),
    ]
    assert known(path, "A-2") == ("S-2", None, None)


def test_a_row_without_its_item_stops_a_whole_file(run: Run, tmp_path: Path, people: Path) -> None:
    rows = "".join(f"A-{i},S,,\n" for i in (1, 2, 3, 9))
    keys = file_of(tmp_path, "keys.csv", KEYS + rows)
    done = run("enrol", tmp_path / "gallery", people, "--keys", keys, "--create")
    assert "nothing was enrolled [missing_item; field --keys]" in done.err
    with dna.Gallery.open(tmp_path / "gallery") as gallery:
        assert len(gallery) == 0


def test_a_bad_date_refuses_its_item(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(enrol, "_BATCH", 2)
    lines = [
        {"reference_id": f"J-{i}", "loci": {"TH01": [6, 9.3]}, "expires": expires}
        for i, expires in enumerate(["2031-01-01", "soon", 5, "2031-01-01T00:00", "2031-01-01"])
    ]
    lines.append(lines[0])
    file = file_of(tmp_path, "people.jsonl", json_lines(*lines))
    path = tmp_path / "gallery"
    done = run("enrol", path, file, "--create", "--on-error", "report")
    assert done.code == 1
    assert [(r["reference_id"], r["code"], r["field"]) for r in done.of("refused")] == [
        ("J-1", "bad_moment", "expires"),
        ("J-2", "bad_text", "expires"),
        ("J-3", "bad_moment", "expires"),
        ("J-0", "duplicate_reference", "reference_id"),
    ]
    # Positions are those of the items that were read.
    assert [r["index"] for r in done.of("refused")] == [None, None, None, 2]
    assert "soon" not in done.out + done.err
    with dna.Gallery.open(path) as gallery:
        assert sorted(gallery) == ["J-0", "J-4"]
    # The other readers know the line.
    file = file_of(tmp_path, "cars.csv", "reference_id,country,plate,expires\nA,DE,B-AB 1,soon\n")
    done = run("enrol", tmp_path / "cars", file, "--create", "--category", "vehicle")
    assert [(r["line"], r["code"]) for r in done.of("refused")] == [(2, "bad_moment")]


def test_rows_of_a_profile_agree(run: Run, tmp_path: Path) -> None:
    text = "sample,marker,allele1,allele2,expires\nA,TH01,6,9.3,2031-01-01\nA,FGA,21,24,\n"
    done = run("enrol", tmp_path / "g", file_of(tmp_path, "long.csv", text), "--create")
    assert "[conflicting_keys; field expires]" in done.err


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("reference_id,subject_id,expiry\nA-1,S,2031-01-01\n", "ignored_column"),
        ("reference_id\nA-1\n", "missing_column"),
        (KEYS + "A-1,,,\nA-1,,,\n", "duplicate_reference"),
        (KEYS + "A-1,,,soon\n", "bad_moment"),
        ("label\nknown\n", "bad_header"),
        ("", "empty_file"),
    ],
)
def test_a_file_of_keys_has_no_errors(
    run: Run, tmp_path: Path, gallery: Path, people: Path, text: str, code: str
) -> None:
    keys = file_of(tmp_path, "keys.csv", text)
    for command in (("replace", gallery), ("enrol", gallery, people)):
        done = run(*command, "--keys", keys)
        assert (done.code, done.out) == (1, "")
        assert f"[{code}; field --keys]" in done.err


def test_two_sources_of_keys_are_one_too_many(run: Run, tmp_path: Path) -> None:
    file = file_of(tmp_path, "people.csv", "label," + HEADER + "known," + row("A"))
    keys = file_of(tmp_path, "keys.csv", KEYS + "A,,,\n")
    for option in (("--keys", keys), ("--label", "known")):
        done = run("enrol", tmp_path / "g", file, "--create", *option)
        assert f"[bad_option; field {option[0]}]" in done.err


def test_columns_of_probes_are_not_needed(run: Run, tmp_path: Path, gallery: Path) -> None:
    file = file_of(tmp_path, "probes.csv", "label,expires," + HEADER + "x,soon," + row("P"))
    done = run("search", gallery, file)
    assert done.code == 0
    assert [r["reference_id"] for r in done.of("candidate")] == ["A-1"]


def test_labels_can_be_a_closed_list(run: Run, tmp_path: Path, people: Path) -> None:
    path = tmp_path / "gallery"
    create = ("enrol", path, people, "--create", "--labels", "convicted", "suspect")
    assert "[undeclared_label" in run(*create, "--label", "convited").err
    assert run(*create, "--label", "convicted").code == 0
    more = file_of(tmp_path, "more.csv", f"label,{HEADER}suspect,{row('B')}convited,{row('C')}")
    done = run("enrol", path, more, "--on-error", "report")
    assert [(r["reference_id"], r["code"]) for r in done.of("refused")] == [
        ("C", "undeclared_label")
    ]
    assert known(path, "B")[1] == "suspect"
    other = tmp_path / "open"
    done = run("enrol", other, people, *create[3:], "--open-labels", "--label", "convited")
    assert done.code == 0
    assert known(other, "A-1")[1] == "convited"


@pytest.mark.parametrize(
    "arguments", [("--labels", "a"), ("--create", "--open-labels"), ("--open-labels",)]
)
def test_words_about_labels_that_are_off(
    run: Run, gallery: Path, people: Path, arguments: tuple[str, ...]
) -> None:
    assert run("enrol", gallery, people, *arguments).code == 2


def test_a_matrix_without_rows_is_no_error(run: Run, tmp_path: Path) -> None:
    vectors = tmp_path / "faces.npy"
    np.save(vectors, np.zeros((0, 4), np.float32))
    ids = file_of(tmp_path, "ids.txt", "")
    done = run("enrol", tmp_path / "f", vectors, "--ids", ids, "--create", *MODEL)
    assert (done.code, done.err) == (0, "")
    with face.Gallery.open(tmp_path / "f") as gallery:
        assert len(gallery) == 0
