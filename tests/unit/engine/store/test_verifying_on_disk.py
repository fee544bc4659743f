"""Verification during writes and of unreadable galleries, and its progress."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from prum_match import dna
from prum_match.engine.registry import category_on_disk
from prum_match.engine.store.catalogue import Manifest
from prum_match.engine.store.opening import verify_at
from prum_match.engine.store.verification import VerificationReport
from prum_match.errors import StorageError

PROFILE = dna.Profile({"TH01": (6, 7), "VWA": (16, 17)})


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "gallery"
    dna.Gallery().save(path)
    with dna.Gallery.open(path, "rw") as gallery:
        for name in "AB":
            gallery.enrol([f"{name}{i}" for i in range(9000)], [PROFILE] * 9000)
    return path


def verified(path: Path, **options: Any) -> VerificationReport:
    def category_of(manifest: Manifest) -> Any:
        settings: Mapping[str, Any] = manifest.settings
        return category_on_disk(manifest.category, settings)

    return verify_at(path, category_of, **options)


def test_progress_of_a_verification_counts_bytes(path: Path) -> None:
    told: list[tuple[str, int, int | None]] = []
    with dna.Gallery.open(path) as gallery:
        found = gallery.verify(progress=lambda *what: told.append(what))
    assert told[0] == ("verify", 0, found.bytes_read)
    assert all(done <= found.bytes_read for _, done, _ in told)


def test_all_damages_of_a_gallery_that_cannot_be_opened_are_reported(path: Path) -> None:
    first, second = sorted((path / "segments").iterdir())
    shutil.rmtree(first)
    with open(second / "genotypes.npy", "r+b") as file:
        file.truncate(200)
    with pytest.raises(StorageError):
        dna.Gallery.open(path)
    found = verified(path)
    codes = {(damage.where, damage.code) for damage in found.damages}
    assert (f"{second.name}/genotypes.npy", "damaged_file") in codes
    assert (f"{first.name}/genotypes.npy", "file_missing") in codes
    assert (f"segment {first.name}", "file_missing") in codes
    assert not found.passed


def test_an_unfinished_change_of_a_living_writer_is_not_reported(path: Path) -> None:
    (path / "segments" / "new-99").mkdir()
    assert [damage.code for damage in verified(path).damages] == ["unfinished"]
    (path / "segments" / "new-99").rmdir()
    with dna.Gallery.open(path, "rw"):
        (path / "segments" / "new-99").mkdir()
        assert verified(path).passed
