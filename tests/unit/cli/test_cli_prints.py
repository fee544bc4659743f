"""Prints through all commands: records and transactions, one by one or in folders."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from prum_match import dactyloscopy
from prum_match.cli import enrol, search
from prum_match.dactyloscopy import formats
from support.cli import Run
from support.dactyloscopy.templates import LATENT, changed
from support.galleries.kits import DACTYLOSCOPY

CREATE = ("--create", "--category", "dactyloscopy")


def finger(family: int, variant: int = 0, **fields: Any) -> dactyloscopy.Template:
    """Return a print as records can say it: impression and position that all editions have."""
    return changed(DACTYLOSCOPY.item(family, variant), impression=0, **fields)


@pytest.fixture
def prints(tmp_path: Path) -> Path:
    """Four fingers of three people, in three formats."""
    folder = tmp_path / "prints"
    folder.mkdir()
    write = {
        "A-1.fmr": formats.iso19794_2_2005.encode([finger(1)]),
        "A-2.fmd": formats.ansi378_2004.encode([finger(2), finger(3)]),
        "A-3.an2": formats.ansi_nist.encode([finger(4)]),
        ".hidden": b"no record",
    }
    for name, data in write.items():
        (folder / name).write_bytes(data)
    (folder / "more").mkdir()
    return folder


@pytest.fixture
def gallery(run: Run, tmp_path: Path, prints: Path) -> Path:
    path = tmp_path / "gallery"
    assert run("enrol", path, prints, *CREATE, "--label", "known").code == 0
    return path


def test_a_folder_of_files(run: Run, gallery: Path) -> None:
    with dactyloscopy.Gallery.open(gallery) as found:
        assert sorted(found) == ["A-1", "A-2-1", "A-2-2", "A-3"]
        assert (
            found["A-2-2"]
            == dactyloscopy.read(formats.ansi378_2004.encode([finger(2), finger(3)]))[1]
        )
        assert found.search(finger(4), limit=1)[0].label == "known"
    assert run("info", gallery).code == 0
    assert run("verify", gallery).code == 0


def test_files_that_are_not_records_are_refused(run: Run, tmp_path: Path, prints: Path) -> None:
    (prints / "A-0.txt").write_bytes(b"secret")
    (prints / "B.fmr").write_bytes(formats.iso19794_2_2005.encode([finger(1)])[:-7])
    path = tmp_path / "gallery"
    done = run("enrol", path, prints, *CREATE)
    assert done.code == 1
    assert "nothing was enrolled [not_a_record; field source]" in done.err
    assert "secret" not in done.out + done.err
    done = run("enrol", path, prints, "--on-error", "report")
    assert done.code == 1
    refused = {(r["reference_id"], r["code"]) for r in done.of("refused")}
    assert ("A-0", "not_a_record") in refused
    assert done.of("total")[0]["references"] >= 4
    assert all(r["line"] is None and r["message"] for r in done.of("refused") + done.of("ignored"))


def test_a_transaction_without_minutiae_is_refused(run: Run, tmp_path: Path) -> None:
    empty = tmp_path / "empty.fmr"
    data = formats.iso19794_2_2005.encode([finger(1)])
    # Only the header, with its length and no views.
    empty.write_bytes(data[:8] + (24).to_bytes(4, "big") + data[12:22] + b"\0" + data[23:24])
    done = run("enrol", tmp_path / "gallery", empty, *CREATE, "--on-error", "report")
    assert done.code == 1
    (refused,) = done.of("refused")
    assert refused["code"] in ("no_template", "bad_count")


def test_unreadable_files(run: Run, tmp_path: Path, gallery: Path) -> None:
    done = run("enrol", gallery, tmp_path / "nobody")
    assert done.code == 1
    assert "[unreadable_file; field FILE]" in done.err


@pytest.mark.parametrize("option", ["--ids", "--format", "--kind", "--single-allele", "--decimal"])
def test_options_of_others(run: Run, gallery: Path, prints: Path, option: str) -> None:
    value = {"--format": "csv", "--kind": "stain", "--single-allele": "drop", "--decimal": ","}
    done = run("enrol", gallery, prints, option, value.get(option, "x"))
    assert done.code == 1
    assert f"[bad_option; field {option}]" in done.err


def test_batches(run: Run, tmp_path: Path, prints: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(enrol, "_BATCH", 2)
    done = run("enrol", tmp_path / "x", prints, *CREATE, "--on-error", "report")
    assert done.code == 0
    assert [(b["first"], b["enrolled"]) for b in done.of("batch")] == [(0, 3), (3, 1)]
    assert run("enrol", tmp_path / "x", prints, "--on-error", "report").of("total") == [
        {"type": "total", "enrolled": 0, "refused": 4, "references": 4}
    ]


def test_search(run: Run, gallery: Path, prints: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "_BATCH", 2)
    done = run("search", gallery, prints, "--threshold", "60", "--explain")
    assert done.code == 0
    found = [(c["probe"], c["reference_id"]) for c in done.of("candidate")]
    assert found == [(name, name) for name in ("A-1", "A-2-1", "A-2-2", "A-3")]
    first = done.of("candidate")[0]
    assert first["score"] > 60
    assert first["columns"]["pairs"] == 24
    assert first["explanation"][0].startswith("comparison score")
    answer = done.of("answer")[0]
    assert (answer["examined"], answer["policy"]["threshold"]) == (4, 60)


def test_search_needs_a_bound(run: Run, gallery: Path, prints: Path) -> None:
    done = run("search", gallery, prints)
    assert done.code == 1
    assert "[unbounded_search; field policy]" in done.err
    assert len(run("search", gallery, prints / "A-1.fmr", "--limit", 1).of("candidate")) == 1


def test_transactions(run: Run, tmp_path: Path, gallery: Path) -> None:
    latent = tmp_path / "L-1.an2"
    mark = changed(DACTYLOSCOPY.item(2, 1), impression=LATENT, position=0)
    latent.write_bytes(formats.ansi_nist.encode([mark]))
    done = run("search", gallery, latent, "--policy", "LT/TP")
    assert done.of("candidate")[0]["reference_id"] == "A-2-1"
    assert done.of("answer")[0]["policy"]["name"] == "LT/TP"
    done = run("search", gallery, latent, "--policy", "TP/TP")
    assert done.code == 1
    assert "other_transaction" in done.err


def test_erase_compact_and_verify(run: Run, gallery: Path) -> None:
    assert run("erase", gallery, "A-2-1", "A-3").code == 0
    assert run("compact", gallery).code == 0
    assert run("verify", gallery).code == 0
    with dactyloscopy.Gallery.open(gallery) as found:
        assert sorted(found) == ["A-1", "A-2-2"]


def test_a_gallery_of_another_category(run: Run, gallery: Path, prints: Path) -> None:
    done = run("enrol", gallery, prints, "--create", "--category", "dna")
    assert done.code == 1
    assert "foreign_gallery" in done.err or "other_category" in done.err
