"""Permissions of a gallery's folder: only for its user, unless the host changes them."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from prum_match.errors import InvalidInput
from support.galleries.kits import FACE, TOY, Kit

pytestmark = pytest.mark.on_disk


@pytest.fixture(params=[0o022, 0o077, 0])
def umask(request: pytest.FixtureRequest) -> Iterator[int]:
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


def modes(path: Path) -> tuple[set[int], set[int]]:
    """Return the modes of all folders and of all files."""
    folders, files = {path.stat().st_mode}, set()
    for inside in path.rglob("*"):
        (folders if inside.is_dir() else files).add(inside.stat().st_mode)
    return {stat.S_IMODE(m) for m in folders}, {stat.S_IMODE(m) for m in files}


def worked_on(path: Path, kit: Kit, **options: Any) -> Path:
    """Save a gallery, and change it until it has journals and segments of its own."""
    gallery = kit.gallery()
    gallery.enrol(["a"], [kit.item(0)])
    gallery.save(path, **options)
    with type(gallery).open(path, mode="rw") as writer:
        writer.enrol(["b"], [kit.item(1)])
        writer.erase(["b"])
        writer.compact()
    return path


@pytest.mark.parametrize("kit", [TOY, FACE], ids=lambda kit: kit.name)
def test_only_the_owner_can_read_a_gallery(tmp_path: Path, umask: int, kit: Kit) -> None:
    path = worked_on(tmp_path / "gallery", kit)
    assert modes(path) == ({0o700}, {0o600})
    with type(kit.gallery()).open(path) as reader:
        found = reader.verify()
    assert found.passed
    assert found.readable_by_others == ()


@pytest.mark.parametrize(("mode", "of_files"), [(0o750, 0o640), (0o770, 0o660), (0o755, 0o644)])
def test_a_host_may_let_others_in(tmp_path: Path, umask: int, mode: int, of_files: int) -> None:
    path = worked_on(tmp_path / "gallery", TOY, mode=mode)
    assert modes(path) == ({mode}, {of_files})
    with type(TOY.gallery()).open(path) as reader:
        found = reader.verify()
    assert found.passed
    assert "catalogue.sqlite" in found.readable_by_others
    assert any(name.endswith(".npy") for name in found.readable_by_others)
    assert "other users can read" in str(found)


def test_files_in_a_closed_folder_are_not_readable(tmp_path: Path) -> None:
    path = worked_on(tmp_path / "gallery", TOY)
    for file in path.rglob("*.npy"):
        file.chmod(0o644)
    with type(TOY.gallery()).open(path) as reader:
        assert reader.verify().readable_by_others == ()
    for folder in (path, path / "segments", *(path / "segments").iterdir()):
        folder.chmod(0o711)
    with type(TOY.gallery()).open(path) as reader:
        readable = reader.verify().readable_by_others
    assert readable
    assert all(name.endswith(".npy") for name in readable)


@pytest.mark.parametrize("mode", [0o600, 0o1700, "0700", 7.5, True])
def test_a_mode_that_locks_the_user_out_is_refused(tmp_path: Path, mode: Any) -> None:
    with pytest.raises(InvalidInput) as caught:
        TOY.gallery().save(tmp_path / "gallery", mode=mode)
    assert (caught.value.code, caught.value.field) == ("bad_mode", "mode")
    assert not (tmp_path / "gallery").exists()
