"""Errors of paths have their own codes, and long names that the disk accepts work."""

from __future__ import annotations

import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from prum_match import dna
from prum_match.engine.store.description import describe
from prum_match.engine.store.opening import verify_at
from prum_match.errors import InvalidInput, StorageError
from toy_category import NUMBERS


@pytest.mark.parametrize("path", [b"/tmp/g", "a\0b", "a\ud800", None, 5])
def test_invalid_paths_are_refused(path: Any) -> None:
    calls = (
        lambda: dna.Gallery().save(path),
        lambda: dna.Gallery.open(path),
        lambda: describe(path),
        lambda: verify_at(path, lambda manifest: NUMBERS),
    )
    for call in calls:
        with pytest.raises(InvalidInput, match="bad_path"):
            call()


@pytest.mark.parametrize("length", [250, 255])
def test_a_name_of_the_maximum_length(tmp_path: Path, length: int) -> None:
    path = tmp_path / ("n" * length)
    dna.Gallery().save(path)
    with dna.Gallery.open(path, mode="rw", verify=True) as gallery:
        assert len(gallery) == 0
    assert [inside.name for inside in tmp_path.iterdir()] == [path.name]


def test_a_name_that_is_too_long_has_its_own_code(tmp_path: Path) -> None:
    path = tmp_path / ("n" * 256)
    for call in (lambda: dna.Gallery().save(path), lambda: dna.Gallery.open(path)):
        with pytest.raises(StorageError, match="path_too_long") as refused:
            call()
        assert refused.value.path == str(path)
    assert not list(tmp_path.iterdir())


def test_a_path_that_is_too_long_for_the_catalogue(tmp_path: Path) -> None:
    deep = tmp_path.joinpath(*["d" * 200] * 3)
    deep.mkdir(parents=True)
    with pytest.raises(StorageError, match="path_too_long"):
        dna.Gallery().save(deep / "g")
    assert not list(deep.iterdir())


@contextmanager
def descriptors_left(n: int) -> Iterator[None]:
    """Let this process open so many files more."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    highest = max(map(int, os.listdir("/proc/self/fd"))) + 20
    taken = []
    resource.setrlimit(resource.RLIMIT_NOFILE, (highest, before[1]))
    try:
        with suppress(OSError):
            while True:
                taken.append(os.open(os.devnull, os.O_RDONLY))
        for _ in range(n):
            os.close(taken.pop())
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
        for fd in taken:
            os.close(fd)


@pytest.mark.parametrize("left", [0, 1])
def test_a_process_without_descriptors_has_its_own_code(tmp_path: Path, left: int) -> None:
    # Imports and SQLite's first steps need descriptors of their own.
    dna.Gallery().save(tmp_path / "old")
    dna.Gallery.open(tmp_path / "old").close()
    calls = (
        lambda: dna.Gallery().save(tmp_path / "new"),
        lambda: dna.Gallery.open(tmp_path / "old"),
    )
    for call in calls:
        with descriptors_left(left), pytest.raises(StorageError, match="too_many_files"):
            call()
    assert [path.name for path in tmp_path.iterdir()] == ["old"]
    dna.Gallery().save(tmp_path / "new")
