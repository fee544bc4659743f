"""``enrol``: files into galleries, and what became of every item."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from prum_match import dna, face
from prum_match.cli import enrol
from support.cli import HEADER, Run, row

MODEL = ("--category", "face", "--model", "example:1:4", "--normalise", "apply")


def faces_file(tmp_path: Path, n: int = 3) -> tuple[Path, Path]:
    vectors, ids = tmp_path / "faces.npy", tmp_path / "ids.txt"
    np.save(vectors, np.eye(n, 4, dtype=np.float32) + 0.5)
    ids.write_text("".join(f"P-{i}\n" for i in range(n)))
    return vectors, ids


def as_jsonl(path: Path, n: int) -> Path:
    file = path / "people.jsonl"
    lines = [{"reference_id": f"J-{i}", "loci": {"TH01": [6, 9.3]}} for i in range(n)]
    file.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return file


def test_a_gallery_is_made_and_filled(run: Run, tmp_path: Path, people: Path) -> None:
    path = tmp_path / "gallery"
    done = run("enrol", path, people, "--create", "--label", "known", "--kind", "stain")
    assert (done.code, done.err) == (0, "")
    assert done.of("total") == [{"type": "total", "enrolled": 3, "refused": 0, "references": 3}]
    assert done.of("batch")[0]["enrolled"] == 3
    with dna.Gallery.open(path) as gallery:
        assert sorted(gallery) == ["A-1", "A-2", "A-3"]
        assert gallery["A-1"].kind is dna.Kind.STAIN
        assert gallery.search(gallery["A-1"])[0].label == "known"


def test_create_keeps_an_existing_gallery(run: Run, tmp_path: Path, gallery: Path) -> None:
    more = tmp_path / "more.csv"
    more.write_text(HEADER + row("B-1"))
    assert run("enrol", gallery, more, "--create").of("total")[0]["references"] == 4


def test_without_create_nothing_is_made(run: Run, tmp_path: Path, people: Path) -> None:
    done = run("enrol", tmp_path / "x", people)
    assert (done.code, done.out) == (1, "")
    assert "[no_such_gallery; field path; path " in done.err
    assert not (tmp_path / "x").exists()


def test_all_or_nothing(run: Run, tmp_path: Path, gallery: Path) -> None:
    file = tmp_path / "more.csv"
    file.write_text(HEADER + row("B-1") + row("A-2"))
    done = run("enrol", gallery, file)
    assert done.code == 1
    assert done.of("total") == []
    assert "[duplicate_reference; item 1; field reference_id]" in done.err
    file.write_text(HEADER + row("B-1") + row("B-2", "6.7"))
    done = run("enrol", gallery, file)
    assert done.code == 1
    assert [(r["line"], r["reference_id"], r["code"]) for r in done.of("refused")] == [
        (3, "B-2", "bad_allele")
    ]
    assert "line 3: " in done.err
    assert "nothing was enrolled [bad_allele; field TH01]" in done.err
    assert "6.7" not in done.out + done.err
    with dna.Gallery.open(gallery) as found:
        assert len(found) == 3


def test_refused_items_are_reported(
    run: Run, tmp_path: Path, gallery: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(enrol, "_BATCH", 2)
    file = tmp_path / "more.csv"
    rows = [row("B-1"), row("B-2", "6.7"), row("B-3"), row("A-2"), row("B-4")]
    file.write_text(HEADER + "".join(rows))
    done = run("enrol", gallery, file, "--on-error", "report")
    assert done.code == 1
    # Positions are those of the items that were read.
    assert [(r["line"], r["index"], r["reference_id"], r["code"]) for r in done.of("refused")] == [
        (3, None, "B-2", "bad_allele"),
        (None, 2, "A-2", "duplicate_reference"),
    ]
    assert [(r["first"], r["enrolled"]) for r in done.of("batch")] == [(0, 2), (2, 1)]
    assert done.of("total") == [{"type": "total", "enrolled": 3, "refused": 2, "references": 6}]
    assert "6.7" not in done.out + done.err


def test_json_lines_are_read_in_batches(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(enrol, "_BATCH", 2)
    path = tmp_path / "gallery"
    file = as_jsonl(tmp_path, 5)
    done = run("enrol", path, file, "--create", "--on-error", "report", "--progress")
    assert done.code == 0
    assert [(r["first"], r["enrolled"]) for r in done.of("batch")] == [(0, 2), (2, 2), (4, 1)]
    assert "enrolled 4, refused 0" in done.err


def test_all_of_a_file_is_one_change_by_default(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(enrol, "_BATCH", 2)
    done = run("enrol", tmp_path / "gallery", as_jsonl(tmp_path, 5), "--create")
    assert [r["enrolled"] for r in done.of("batch")] == [5]


@pytest.mark.parametrize("how", [(), ("--format", "genemapper")])
def test_the_other_formats(run: Run, tmp_path: Path, how: tuple[str, ...]) -> None:
    table = tmp_path / "table.txt"
    table.write_text("Sample File\tSample Name\tTH01\na.fsa\tS-1\t6, 9.3, , \n")
    done = run("enrol", tmp_path / "g", table, "--create", *how)
    assert done.of("total")[0]["enrolled"] == 1


def test_codis_states_the_kind_of_a_specimen(run: Run, tmp_path: Path) -> None:
    document = tmp_path / "codis.xml"
    document.write_text(
        '<CODISImportFile xmlns="urn:CODISImportFile-schema"><HEADERVERSION>3.2</HEADERVERSION>'
        "<MESSAGETYPE>Import</MESSAGETYPE><SPECIMEN><SPECIMENID>S-1</SPECIMENID>"
        "<SPECIMENCATEGORY>Forensic, Unknown</SPECIMENCATEGORY><LOCUS><LOCUSNAME>TH01</LOCUSNAME>"
        "<ALLELE><ALLELEVALUE>6</ALLELEVALUE></ALLELE></LOCUS></SPECIMEN></CODISImportFile>"
    )
    assert run("enrol", tmp_path / "g", document, "--create").code == 0
    with dna.Gallery.open(tmp_path / "g") as gallery:
        assert gallery["S-1"].kind is dna.Kind.STAIN


def test_the_decimal_sign_and_single_alleles_are_said(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text("sample;TH01_1;TH01_2\nA;6;9,3\nB;6;\n")
    options = ("--decimal", ",", "--single-allele", "wildcard")
    assert run("enrol", tmp_path / "g", file, "--create", *options).code == 0
    with dna.Gallery.open(tmp_path / "g") as gallery:
        assert gallery["A"].pairs["TH01"] == (24, 39)
        assert gallery["B"].pairs["TH01"] == (24, 65535)


def test_faces(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(enrol, "_BATCH", 2)
    vectors, ids = faces_file(tmp_path)
    path = tmp_path / "faces"
    arguments = ("enrol", path, vectors, "--ids", ids, "--on-error", "report")
    done = run(*arguments, "--create", *MODEL)
    assert (done.code, done.err) == (0, "")
    assert [r["enrolled"] for r in done.of("batch")] == [2, 1]
    with face.Gallery.open(path) as gallery:
        assert gallery.model == face.Model("example", "1", 4, normalise="apply")
        assert gallery.search(np.load(vectors)[1], limit=1).reference_ids == ["P-1"]
    again = run(*arguments)
    assert [(r["index"], r["code"]) for r in again.of("refused")] == [
        (i, "duplicate_reference") for i in range(3)
    ]


def test_a_refused_vector_has_its_row(run: Run, tmp_path: Path) -> None:
    vectors, ids = faces_file(tmp_path)
    rows = np.load(vectors)
    rows[1, 2] = np.nan
    np.save(vectors, rows)
    done = run("enrol", tmp_path / "f", vectors, "--ids", ids, "--create", *MODEL)
    assert done.code == 1
    assert "[not_finite; item 1; field vector]" in done.err


def test_faces_of_another_model_are_kept_out(run: Run, tmp_path: Path) -> None:
    vectors, ids = faces_file(tmp_path)
    path = tmp_path / "faces"
    face.Gallery(face.Model("example", "2", 4, normalise="apply")).save(path)
    done = run("enrol", path, vectors, "--ids", ids, "--create", *MODEL)
    assert (done.code, done.out) == (1, "")
    assert "other_model" in done.err


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("--kind", "stain"), "bad_option"),
        (("--decimal", ","), "bad_option"),
        (("--category", "dna"), "foreign_gallery"),
        ((), "missing_id"),
    ],
)
def test_options_that_do_not_apply_to_faces(
    run: Run, tmp_path: Path, arguments: tuple[str, ...], code: str
) -> None:
    vectors, ids = faces_file(tmp_path)
    path = tmp_path / "faces"
    face.Gallery(face.Model("example", "1", 4)).save(path)
    given = ("--ids", ids) if arguments else ()
    done = run("enrol", path, vectors, *given, *arguments)
    assert (done.code, done.out) == (1, "")
    assert f"[{code}" in done.err


def test_ids_are_for_matrices(run: Run, gallery: Path, people: Path) -> None:
    assert "[bad_option; field --ids]" in run("enrol", gallery, people, "--ids", people).err


def test_ids_have_to_be_as_many_as_rows(run: Run, tmp_path: Path) -> None:
    vectors, ids = faces_file(tmp_path)
    ids.write_text("P-0\nP-1\n")
    done = run("enrol", tmp_path / "f", vectors, "--ids", ids, "--create", *MODEL)
    assert "[length_mismatch; field --ids]" in done.err


@pytest.mark.parametrize("content", [b"", b"no matrix", b"\x93NUMPY\x01\x00"])
def test_invalid_matrices_are_refused(run: Run, tmp_path: Path, content: bytes) -> None:
    vectors, ids = faces_file(tmp_path)
    vectors.write_bytes(content)
    done = run("enrol", tmp_path / "f", vectors, "--ids", ids, "--create", *MODEL)
    assert (done.code, "[bad_npy; field FILE]" in done.err) == (1, True)


def test_objects_are_never_unpickled(run: Run, tmp_path: Path) -> None:
    vectors, ids = faces_file(tmp_path)
    np.save(vectors, np.array([{}], object), allow_pickle=True)
    done = run("enrol", tmp_path / "f", vectors, "--ids", ids, "--create", *MODEL)
    assert "[bad_npy; field FILE]" in done.err


def test_files_that_are_not_there(run: Run, tmp_path: Path, gallery: Path) -> None:
    done = run("enrol", gallery, tmp_path / "nothing")
    assert done.err == (
        "prum-match: the file cannot be read: No such file or directory "
        "[unreadable_file; field FILE]\n"
    )
    vectors, _ = faces_file(tmp_path)
    done = run("enrol", tmp_path / "f", vectors, "--ids", tmp_path / "x", "--create", *MODEL)
    assert "[unreadable_file; field --ids]" in done.err


def test_an_empty_file_is_refused(run: Run, tmp_path: Path, gallery: Path) -> None:
    empty = tmp_path / "empty"
    empty.write_text("\n")
    for form in ("auto", "csv", "jsonl"):
        assert "[empty_file" in run("enrol", gallery, empty, "--format", form).err


@pytest.mark.parametrize(
    "arguments",
    [
        ("--create", "--category", "face"),
        ("--create", "--model", "a:1:4"),
        ("--category", "face", "--model", "a:1:4"),
        ("--create", "--category", "face", "--model", "a:1"),
        ("--create", "--category", "face", "--model", "a:1:x"),
        ("--on-error", "ignore"),
        ("--category", "fingers"),
    ],
)
def test_words_that_are_off(
    run: Run, tmp_path: Path, people: Path, arguments: tuple[str, ...]
) -> None:
    assert run("enrol", tmp_path / "x", people, *arguments).code == 2
    assert not (tmp_path / "x").exists()


def test_a_second_writer_is_refused(run: Run, gallery: Path, people: Path) -> None:
    with dna.Gallery.open(gallery, "rw"):
        done = run("enrol", gallery, people)
    assert (done.code, done.out) == (1, "")
    assert "[locked; field path; path " in done.err
