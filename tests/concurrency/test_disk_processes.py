"""One process writes a gallery, and another one reads it.

Journals hold a few records, and segments are merged in threes.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from prum_match.engine import Gallery
from prum_match.engine.store import journal, writer
from prum_match.engine.store.opening import manifest_at
from prum_match.errors import UnknownReference
from support.galleries.kits import Kit, opened
from support.galleries.readers import Reader, name, reading
from support.galleries.traces import files_of
from support.threads import PATIENCE

pytestmark = pytest.mark.processes

CAPACITY = 1 << 14


@pytest.fixture
def folder(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setattr(journal, "CAPACITY", CAPACITY)
    monkeypatch.setattr(writer, "_JOURNAL_BYTES", 4000)
    monkeypatch.setattr(writer, "FAN_IN", 3)
    with tempfile.TemporaryDirectory() as path:
        yield Path(path)


@pytest.fixture
def reader(kit: Kit) -> Iterator[Reader]:
    with reading(kit, CAPACITY) as found:
        yield found


class Town:
    """Numbered people who are all candidates of one probe, and strangers."""

    def __init__(self, kit: Kit, path: Path) -> None:
        self.kit, self.path = kit, path
        kit.gallery().save(path)
        self.gallery: Gallery[Any] = opened(kit, path)
        self.enrolled = self.erased = self.strangers = 0

    def enrol(self, n: int) -> None:
        names = [name(i) for i in range(self.enrolled, self.enrolled + n)]
        self.gallery.enrol(names, [self.kit.item(0)] * n)
        self.enrolled += n

    def erase(self, n: int) -> None:
        """Erase the oldest references."""
        self.gallery.erase([name(i) for i in range(self.erased, self.erased + n)])
        self.erased += n

    @property
    def living(self) -> list[str]:
        return [name(i) for i in range(self.erased, self.enrolled)]

    def place(self, who: str) -> int | None:
        """Return the segment on disk that holds the reference, or None for the journal."""
        found = self.gallery._core.native.locate(who)
        assert found is not None
        return getattr(found[0].columns, "number", None)

    def seal(self) -> None:
        """Erase a reference of the journal, which first makes a segment of the journal."""
        self.strangers += 1
        stranger = f"stranger {self.strangers}"
        self.gallery.enrol([stranger], [self.kit.item(5)])
        self.gallery.erase([stranger])

    def merge(self) -> None:
        before = self.place(self.living[0])
        for _ in range(20):
            self.gallery.enrol([f"neighbour {self.strangers}"], [self.kit.item(6)])
            self.seal()
            if self.place(self.living[0]) != before:
                return
        raise AssertionError("nothing was merged")

    def compact(self) -> None:
        self.gallery.compact()


STEPS = ("enrol", "seal", "merge", "compact")


def test_an_erasure_reaches_old_snapshots_of_readers(
    kit: Kit, folder: Path, reader: Reader
) -> None:
    """In the journal, in a segment, and in merged or compacted segments, including lists."""
    for seen in range(len(STEPS)):
        for last in range(seen, len(STEPS)):
            town = Town(kit, folder / f"{seen} {last}")
            with town.gallery:
                town.enrol(6)
                for step in STEPS[1 : seen + 1]:
                    getattr(town, step)()
                reader.ask("open", town.path)
                assert reader.ask("search", True) == town.living
                for step in STEPS[seen + 1 : last + 1]:
                    getattr(town, step)()
                    assert reader.ask("search", True) == town.living
                marks = [name(0).encode(), name(1).encode()]
                assert reader.ask("remembers", marks)
                town.erase(2)
                assert reader.ask("search") == town.living
                assert not reader.ask("remembers", marks)
                # An id that is known again does not stand for what was found then.
                town.gallery.enrol([name(1)], [kit.item(7)])
                town.gallery.replace([name(2)], [kit.item(8)])
                assert reader.ask("search") == town.living[1:]
                explained = reader.ask("explain")
                gone = dict.fromkeys(map(name, range(3)), "erased")
                assert explained == gone | dict.fromkeys(town.living[1:], "")
                assert reader.ask("refresh") == sorted(town.gallery)
                assert reader.ask("search") == town.living[1:]
                assert reader.ask("explain") == explained
                reader.ask("close")


@pytest.mark.parametrize("first", ["erase", "decode"])
def test_an_erasure_during_an_explanation(
    kit: Kit, folder: Path, monkeypatch: pytest.MonkeyPatch, first: str
) -> None:
    """A row that another process is overwriting is never shown."""
    town = Town(kit, folder / "gallery")
    with town.gallery, opened(kit, town.path, "r") as reader:
        town.enrol(3)
        town.compact()
        reader.refresh()
        candidate = reader.search(kit.item(0))[0]
        layout = type(reader.category.layout)
        decode = layout.decode

        def decoded(self: Any, *place: Any) -> Any:
            monkeypatch.setattr(layout, "decode", decode)
            if first == "erase":
                town.erase(1)
                return decode(self, *place)
            item = decode(self, *place)
            town.erase(1)
            return item

        monkeypatch.setattr(layout, "decode", decoded)
        with pytest.raises(UnknownReference) as caught:
            candidate.explain()
        assert caught.value.code == "erased"


def stored(path: Path) -> set[int]:
    return {int(segment.name) for segment in (path / "segments").iterdir()}


@pytest.mark.parametrize("end", ["let go", "close", "die"])
def test_merged_away_files_stay_while_a_reader_uses_them(
    kit: Kit, folder: Path, reader: Reader, end: str
) -> None:
    """An erasure still overwrites rows in them."""
    town = Town(kit, folder / "gallery")
    with town.gallery:
        town.enrol(200)
        town.enrol(200)
        old = stored(town.path)
        assert len(old) == 2
        reader.ask("open", town.path)
        everybody = reader.ask("search", True)
        town.compact()
        (between,) = stored(town.path) - old
        reader.ask("refresh")
        town.compact()
        assert stored(town.path) >= {*old, between}
        reader.ask("refresh")
        town.compact()
        # A list holds the first ones; the ones in between have no readers any more.
        assert stored(town.path) >= old
        assert between not in stored(town.path)
        assert set(reader.ask("explain").values()) == {""}

        town.erase(3)
        data = b"\0".join(files_of(town.path).values())
        assert not any(name(i).encode() in data for i in range(3))
        assert data.count(name(3).encode()) == 3  # the list's, the reader's, the gallery's
        assert town.gallery.verify().passed
        reader.ask("verify")
        explained = reader.ask("explain")
        assert {who for who, code in explained.items() if code == "erased"} == set(everybody[:3])

        if end == "let go":
            reader.ask("let_go")
            assert reader.ask("refresh") == town.living
        elif end == "close":
            reader.ask("close")
        else:
            reader.kill()
        town.compact()
        assert not old & stored(town.path)
        manifest = manifest_at(town.path)
        # Who goes on reading holds what was merged away just now.
        assert len(manifest.retired) == (end == "let go")
        assert stored(town.path) == {segment.number for segment in manifest.segments}


def test_a_reader_beside_a_busy_writer(kit: Kit, folder: Path, reader: Reader) -> None:
    """It finds all references enrolled before its refresh, and no erased ones."""
    town = Town(kit, folder / "gallery")
    with town.gallery:
        town.enrol(30)
        reader.enrolled.value = town.enrolled
        reader.ask("open", town.path)
        reader.ask("loop", "look_for_the_erased", "look_for_the_enrolled", "verify")
        end, turn = time.monotonic() + PATIENCE, 0
        while turn < 40 or reader.rounds.value < 100:
            assert time.monotonic() < end, f"only {reader.rounds.value} rounds"
            if reader.ask("wrong_so_far"):
                break
            town.enrol((1, 2, 5, 60)[turn % 4])
            reader.enrolled.value = town.enrolled
            if turn % 3 == 0:
                n = min(4, town.enrolled - town.erased - 1)
                reader.leaving.value = town.erased + n
                town.erase(n)
                reader.erased.value = town.erased
            if turn % 10 == 9:
                town.compact()
            turn += 1
        assert reader.ask("end_loop") == []
        assert reader.ask("refresh") == town.living
        reader.ask("verify")
