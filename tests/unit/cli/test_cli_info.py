"""``info``, ``verify`` and what they say of galleries that are not in order."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from prum_match import dna, face
from prum_match.cli import verify
from prum_match.engine import Category
from prum_match.engine.store.opening import verify_at
from prum_match.errors import StorageError
from support.cli import Run


def damage(gallery: Path) -> Path:
    """Flip one bit of the genotypes."""
    path = next(gallery.glob("segments/*/genotypes.npy"))
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    return path


def without_lock(gallery: Path) -> None:
    (gallery / "lock").unlink()


def without_segment(gallery: Path) -> None:
    next(gallery.glob("segments/*/genotypes.npy")).unlink()


def other_catalogue(gallery: Path) -> None:
    (gallery / "catalogue.sqlite").write_bytes(b"x" * 4096)


def test_info(run: Run, gallery: Path) -> None:
    done = run("info", gallery)
    assert (done.code, done.err) == (0, "")
    said = {line[:11].strip(): line[12:] for line in done.out.splitlines()}
    assert said["category"] == "dna"
    assert said["settings"] == f"{len(dna.loci())} loci"
    assert said["references"] == "3"
    assert said["segment 1"].startswith("3 live of 3 rows, ")
    assert (said["labels"], said["writer"]) == ("known", "none")
    assert "unfinished" not in said


def test_info_of_faces_names_the_model(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "faces"
    face.Gallery(face.Model("example", "2.1", 8, normalise="apply")).save(path)
    assert "model example 2.1, 8 dimensions, normalise apply\n" in run("info", path).out
    (record,) = map(json.loads, run("info", path, "--json").out.splitlines())
    assert record["settings"]["model"]["version"] == "2.1"
    assert (record["references"], record["segments"]) == (0, [])


def test_info_after_a_writer_died(run: Run, gallery: Path) -> None:
    (gallery / "segments" / "new-9").mkdir()
    done = run("info", gallery)
    assert done.code == 0
    assert "unfinished" in done.out
    assert run("recover", gallery).code == 0
    assert "unfinished" not in run("info", gallery).out


def test_info_without_a_gallery(run: Run, tmp_path: Path) -> None:
    done = run("info", tmp_path / "x")
    assert (done.code, done.out) == (1, "")
    text = "prum-match: there is no such folder [no_such_gallery; field path; path "
    assert done.err.startswith(text)


def test_in_order(run: Run, gallery: Path) -> None:
    done = run("verify", gallery)
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("in order: 3 references, ")
    assert run("verify", gallery, "--quiet").out == "in order\n"
    record = json.loads(run("verify", gallery, "--json").out)
    assert (record["passed"], record["references"], record["problems"]) == (True, 3, [])


def test_damage_is_a_line_each(run: Run, gallery: Path) -> None:
    damage(gallery)
    done = run("verify", gallery)
    verdict, problem, advice = done.out.splitlines()
    assert done.code == 1
    assert verdict.startswith("1 problems: ")
    assert problem == "1/genotypes.npy: the block of 65536 bytes at 0 is changed [damaged_file]"
    assert "restore a copy" in advice
    quiet = run("verify", gallery, "--quiet")
    assert (quiet.code, quiet.out) == (1, "1 problems\n")
    record = json.loads(run("verify", gallery, "--json").out)
    assert [problem["code"] for problem in record["problems"]] == ["damaged_file"]


@pytest.mark.parametrize("harm", [without_lock, without_segment, other_catalogue])
@pytest.mark.parametrize("option", [(), ("--json",), ("--quiet",)])
def test_a_gallery_that_cannot_be_opened_is_not_in_order(
    run: Run, gallery: Path, harm: object, option: tuple[str, ...]
) -> None:
    assert callable(harm)
    harm(gallery)
    with pytest.raises(StorageError):
        dna.Gallery.open(gallery)
    done = run("verify", gallery, *option)
    assert done.code == 1
    assert done.out
    if option == ("--json",):
        assert not json.loads(done.out)["passed"]


def test_an_unfinished_change_names_the_remedy(run: Run, gallery: Path) -> None:
    (gallery / "segments" / "new-9").mkdir()
    done = run("verify", gallery)
    assert done.code == 1
    assert "[unfinished]" in done.out
    assert "prum-match recover" in done.out
    assert "restore a copy" not in done.out
    assert run("recover", gallery).of("total") == [
        {"type": "total", "references": 3, "segments": 1}
    ]
    assert run("verify", gallery).code == 0


@pytest.mark.parametrize(
    "code", ["not_permitted", "busy", "newer_format", "other_settings", "unknown_category"]
)
def test_failures_without_a_verdict(
    run: Run, gallery: Path, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    def fail(*_: object) -> Category[object]:
        raise StorageError("no", code=code)

    monkeypatch.setattr(verify, "category_of", fail)
    done = run("verify", gallery, "--json")
    assert (done.code, done.out) == (3, "")
    assert done.err == f"prum-match: no verdict: no [{code}; path {str(gallery)!r}]\n"


def test_a_missing_path_gives_no_verdict(run: Run, tmp_path: Path) -> None:
    assert run("verify", tmp_path / "nothing").code == 3


def test_missing_permissions_give_no_verdict(
    run: Run, gallery: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("prum_match.engine.store.opening.LockFile", fail)
    done = run("verify", gallery)
    assert done.code == 3
    assert "[not_permitted; field path; path " in done.err


def test_verify_shows_its_progress(run: Run, gallery: Path) -> None:
    done = run("verify", gallery, "--progress")
    assert "verifying, 0%" in done.err
    assert done.out.startswith("in order")


def test_faces_are_verified(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "faces"
    faces = face.Gallery(face.Model("example", "1", 8, normalise="apply"))
    faces.enrol(["A"], np.ones((1, 8), np.float32))
    faces.save(path)
    assert run("verify", path).out.startswith("in order: 1 references")
    assert verify_at(path, verify.category_of).passed
