"""The description of a gallery on disk, without opening it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from prum_match import dna, face
from prum_match.engine.store.description import describe
from prum_match.errors import RecoveryNeeded, StorageError

PROFILE = dna.Profile({"TH01": (6, 7), "VWA": (16, 17)})


def enrolled(path: Path, *counts: int) -> dna.Gallery:
    dna.Gallery().save(path)
    gallery = dna.Gallery.open(path, "rw")
    for n in counts:
        gallery.enrol([f"{n}-{i}" for i in range(n)], [PROFILE] * n, labels="stain")
    return gallery


def test_references_are_in_segments_and_in_the_journal(tmp_path: Path) -> None:
    path = tmp_path / "gallery"
    with enrolled(path, 3000, 2):
        at_work = describe(path)
    found = describe(path)
    (segment,) = found.segments
    assert (found.category, found.format, found.labels) == ("dna", 1, ("stain",))
    assert (segment.rows, segment.live, found.journal, found.references) == (3000, 3000, 2, 3002)
    assert (at_work.writer, found.writer, found.unfinished) == (True, False, False)
    files = (path / "segments" / str(segment.number)).iterdir()
    assert segment.bytes == sum(np.load(file, mmap_mode="r").nbytes for file in files)


def test_erased_references_are_not_counted_as_live(tmp_path: Path) -> None:
    path = tmp_path / "gallery"
    with enrolled(path, 3000) as gallery:
        gallery.erase(["3000-1", "3000-2"])
        before = describe(path)
    (segment,) = before.segments
    assert (segment.rows, segment.live, before.references, before.receipts) == (3000, 2998, 2998, 2)


def test_segments_that_a_reader_holds_are_retired(tmp_path: Path) -> None:
    path = tmp_path / "gallery"
    with enrolled(path, 3000) as gallery, dna.Gallery.open(path):
        (old,) = describe(path).segments
        gallery.erase(["3000-1"])
        gallery.compact()
        found = describe(path)
    (segment,) = found.segments
    assert found.retired == (old.number,)
    assert (segment.rows, found.references) == (2999, 2999)


def test_a_description_has_the_settings_of_the_category(tmp_path: Path) -> None:
    path = tmp_path / "gallery"
    face.Gallery(face.Model("example", "1", 8, normalise="apply")).save(path)
    found = describe(path)
    assert found.category == "face"
    assert found.settings["model"]["name"] == "example"


def test_a_description_reports_an_unfinished_change(tmp_path: Path) -> None:
    path = tmp_path / "gallery"
    enrolled(path, 3).close()
    (path / "segments" / "new-9").mkdir()
    with pytest.raises(RecoveryNeeded):
        dna.Gallery.open(path)
    found = describe(path)
    assert (found.unfinished, found.references) == (True, 3)


def test_describing_writes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "gallery"
    enrolled(path, 3).close()
    before = {p: (p.stat().st_mtime_ns, p.stat().st_size) for p in path.rglob("*")}
    describe(path)
    assert {p: (p.stat().st_mtime_ns, p.stat().st_size) for p in path.rglob("*")} == before


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StorageError) as caught:
        describe(tmp_path / "gallery")
    assert caught.value.code == "no_such_gallery"
