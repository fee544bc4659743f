"""Truncated files and flipped bits are refused, detected, or harmless.

Bits and lengths are drawn; ``PRUM_ALL_BITS=1`` tries all of them, which takes an hour.
"""

from __future__ import annotations

import os
import random
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from prum_match.engine import Gallery
from prum_match.errors import StorageError
from support.children import shared_out
from support.examples import EXAMPLES, some
from support.examples import chance as drawing
from support.galleries.folders import contents, files_in, limits, opened
from support.galleries.kits import TOY, Kit

SECONDS = 3000.0
ALL_BITS = "PRUM_ALL_BITS" in os.environ
CAPACITY = 1 << 12
# Files with unused space.
SAY_LITTLE = ("lock", "catalogue.sqlite")
NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def tiny_journals() -> Iterator[None]:
    with limits(capacity=CAPACITY):
        yield


def make(kit: Kit, path: Path) -> None:
    """Make a segment with an erased row, its predecessor, a receipt, and two journal records."""
    kit.gallery(open_labels=True, labels=["old"]).save(path)
    with opened(kit, path, "rw") as gallery:
        with limits(in_journal=0):
            gallery.enrol(
                ["a", "b"],
                kit.items([0, 1]),
                subject_ids=["s", None],
                labels="old",
                expires=[None, NOON],
            )
        held = gallery.search(kit.item(0))
        gallery.compact()
        gallery.erase(["b"])
        gallery.enrol(["d"], kit.items([3]))
        gallery.enrol(["e"], kit.items([4]), labels="new")
        # Files that a list reads are there still after the process.
        del held


def answers(kit: Kit, gallery: Gallery[Any]) -> list[Any]:
    """Return the answers to every possible query."""
    found: list[Any] = [contents(gallery), gallery.receipts(), gallery._core.storage.labels.names]
    for answer in gallery.search_many(kit.items(range(6))):
        found.append([(c.reference_id, c.label, c.subject_id, c.columns) for c in answer])
    return [*found, [name in gallery for name in "abcdef"]]


@dataclass(frozen=True)
class Damage:
    """One file with changed content."""

    path: Path
    what: str
    contents: bytes


def cuts(path: Path, *, all_lengths: bool) -> Iterator[Damage]:
    """Return lengths from zero to all but one byte, or those near the ends and sector borders."""
    whole = path.read_bytes()
    size, lengths = len(whole), set(range(len(whole)))
    if not (all_lengths or ALL_BITS):
        near = {edge + by for edge in range(0, size + 1, 512) for by in (-1, 0, 1)}
        lengths &= near | set(range(120, 136)) | set(range(size - 8, size))
    for length in some(sorted(lengths), str(path.name)) if not ALL_BITS else sorted(lengths):
        yield Damage(path, f"cut to {length} bytes", whole[:length])


def flips(path: Path, chance: random.Random, share: float) -> Iterator[Damage]:
    """Return bits of bytes that are not zero or lie beside such, and of some other bytes."""
    whole = path.read_bytes()
    for at in range(len(whole)):
        says_something = any(whole[max(at - 1, 0) : at + 2])
        if says_something and ALL_BITS:
            bits = list(range(8))
        else:
            likely = (share if says_something else 0.005) * min(EXAMPLES / 100, 1)
            drawn = chance.random() < likely
            bits = [chance.randrange(8)] if drawn else []
        for bit in bits:
            flipped = bytearray(whole)
            flipped[at] ^= 1 << bit
            yield Damage(path, f"bit {bit} of byte {at}", bytes(flipped))


def damages(kit: Kit, path: Path, use: str) -> Iterator[Damage]:
    """Return most damages for one kit only: other kits differ just in the bytes of columns."""
    chance = drawing(f"{kit.name} {use}")
    for file in files_in(path):
        column = file.suffix == ".npy"
        share = (1.0 if column else 0.5) if kit is TOY else (0.15 if column else 0.05)
        if column and kit is not TOY:
            share = min(share, 150 / file.stat().st_size)
        yield from flips(file, chance, share)
        small = file.stat().st_size < CAPACITY
        yield from cuts(file, all_lengths=kit is TOY and small and file.parent.name != "1")


def is_found(kit: Kit, path: Path, mode: str, expected: list[Any]) -> bool:
    """Open a folder; return true if damage is reported, and check the answers otherwise."""
    try:
        with opened(kit, path, mode) as gallery:
            if not gallery.verify().passed:
                return True
            assert answers(kit, gallery) == expected
    except StorageError:
        return True
    return False


class Trial:
    """Copies of a small gallery, and its answers."""

    def __init__(self, kit: Kit, folder: Path) -> None:
        self.kit, self.folder = kit, folder
        self.source = folder / "source"
        make(kit, self.source)
        with opened(kit, self.source) as gallery:
            assert gallery.verify().passed
            self.expected = answers(kit, gallery)

    def copy(self, name: str) -> Path:
        path = self.folder / f"{name}-{os.getpid()}"
        shutil.rmtree(path, ignore_errors=True)
        shutil.copytree(self.source, path)
        return path

    def read_all(self, first: int) -> None:
        """Read with every second damage applied."""
        path = self.copy("read")
        for number, damage in enumerate(damages(self.kit, path, "reading")):
            if number % 2 != first:
                continue
            before = damage.path.read_bytes()
            damage.path.write_bytes(damage.contents)
            try:
                found = is_found(self.kit, path, "r", self.expected)
                assert found or damage.path.name in SAY_LITTLE
            except BaseException as error:
                raise AssertionError(f"{damage.path.name}: {damage.what}") from error
            damage.path.write_bytes(before)

    def write_some(self, first: int) -> None:
        """Open damaged copies for writing: they are completed, or at least not damaged further."""
        chance = drawing("writing")
        for number, damage in enumerate(damages(self.kit, self.source, "writing")):
            if chance.random() > 0.01 * max(100 / EXAMPLES, 1) or number % 2 != first:
                continue
            path = self.copy("written")
            damaged = path / damage.path.relative_to(self.source)
            before = damaged.read_bytes()
            damaged.write_bytes(damage.contents)
            try:
                opened(self.kit, path, "rw").close()
            except StorageError:
                damaged.write_bytes(before)
                assert not is_found(self.kit, path, "rw", self.expected)
            else:
                is_found(self.kit, path, "r", self.expected)


def test_reading_damaged_files(kit: Kit, folder: Path) -> None:
    trial = Trial(kit, folder)
    shared_out(trial.read_all, range(2), SECONDS)


def test_opening_damaged_files_for_writing(kit: Kit, folder: Path) -> None:
    trial = Trial(kit, folder)
    shared_out(trial.write_some, range(2), SECONDS)
