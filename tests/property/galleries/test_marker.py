"""Erased data are in no file and no reader's memory, and the rest does not reveal them.

The tests read files as bytes, without the library that wrote them.
The toy and one drawn category; every category with PRUM_KIT=all, as in `make proof`.
"""

from __future__ import annotations

import errno
import hashlib
import os
import random
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from prum_match import _native, dna, police_record, vehicle
from prum_match.engine import Gallery
from prum_match.engine.store import disk, receipts, writer
from prum_match.engine.store.opening import manifest_at
from prum_match.errors import StorageError
from support.examples import examples
from support.galleries.crowds import DRAWN, LETTERS
from support.galleries.drawn_kit import HEAVY_KITS
from support.galleries.kits import POLICE_RECORD, Kit, opened
from support.galleries.traces import Words, files_of, rows_of, traces
from support.police_record import families as police

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)
CLASS_DEAD = 255


@pytest.fixture(params=HEAVY_KITS, ids=lambda kit: kit.name)
def kit(request: pytest.FixtureRequest) -> Kit:
    found: Kit = request.param
    return found


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as path:
        yield Path(path)


# --- a large gallery ----------------------------------------------------------------------------


class Crowd:
    """Enrols hundreds of thousands of people and remembers a few, who are erased later."""

    def __init__(self, kit: Kit) -> None:
        self.draw = DRAWN[kit.name]
        self.random, self.rng = random.Random(1), np.random.default_rng(1)
        self.enrolled = 0
        # By id, what each of them is found with.
        self.marked: dict[str, Any] = {}
        self.traces: dict[str, set[bytes]] = {}

    def names(self, n: int) -> list[str]:
        return ["".join(self.random.choices(LETTERS, k=20)) for _ in range(n)]

    def enrol(self, gallery: Gallery[Any], n: int, marked: Iterable[int]) -> list[str]:
        names, chosen = self.names(n), list(marked)
        rare = np.zeros(n, bool)
        rare[chosen] = True
        items = self.draw(self.rng, rare)
        expires = [NOON if i in chosen else None for i in range(n)]
        gallery.enrol(names, items, subject_ids=self.names(n), expires=expires)
        self.enrolled += n
        self.marked |= {names[i]: items[i] for i in chosen}
        return [names[i] for i in chosen]

    def look(self, segments: Iterable[_native.Segment]) -> None:
        """Record the data of the marked people in these segments."""
        for segment in segments:
            for name in self.marked:
                for row in rows_of(segment, [name]):
                    found = traces(segment, row)
                    found.pop("classes", None)  # across the file, and proved by verify()
                    self.traces.setdefault(name, set()).update(found.values())

    def words(self, names: Iterable[str]) -> Words:
        return Words({name: self.traces[name] for name in names})


def in_files(words: Words, folder: Path) -> set[str]:
    return {name for data in files_of(folder).values() for name in words.found_in(data)}


def in_memory(words: Words, segments: Iterable[_native.Segment]) -> set[str]:
    arrays = [array for segment in segments for array in segment.columns.values()]
    return {name for array in arrays for name in words.found_in(array.tobytes())}


def stored_columns(folder: Path) -> list[dict[str, NDArray[Any]]]:
    """Read the columns of all segments with NumPy."""
    return [
        {path.stem: np.load(path) for path in segment.glob("*.npy")}
        for segment in sorted(folder.glob("segments/*"))
    ]


def assert_no_place_is_kept(columns: dict[str, NDArray[Any]]) -> None:
    """Check that the id index and the side tables of DNA have no trace of erased rows."""
    n = len(columns["ids.offsets"]) - 1
    live = np.unpackbits(columns["live"].view(np.uint8), count=n, bitorder="little") != 0
    index = columns["ids.index"]
    assert np.count_nonzero(index) == np.count_nonzero(live) == columns["live.counts"][256]
    never_there = _native.make_id_index(
        columns["ids.offsets"], columns["ids.bytes"], columns["live"]
    )
    assert np.array_equal(index, never_there)
    if "escapes.key" in columns:
        keys = columns["escapes.key"]
        dead = ~live[keys // np.uint64(len(columns["loci"]))]
        assert not keys[dead].any()  # 0 where no live one is before it
        starts, key_of = columns["runs.start"], columns["runs.classes"].T
        for run, (begin, end) in enumerate(pairwise(starts)):
            assert live[begin:end].any() or (key_of[run] == CLASS_DEAD).all()


def test_erased_data_are_in_no_file_and_no_reader(kit: Kit, folder: Path) -> None:
    path = folder / "gallery"
    kit.gallery().save(path)
    crowd, large = Crowd(kit), examples(60_000, least=15_000)
    with opened(kit, path) as gallery:
        # One large segment, others that are merged, the rest in the journal.
        old = crowd.enrol(gallery, large, [0, large // 2, large - 1])
        for part in range(9):
            old += crowd.enrol(gallery, examples(4000, least=1000), [part])
            if part == 2:
                held = [gallery.search(crowd.marked[old[0]])]
        with opened(kit, path, "r") as early, opened(kit, path, "r") as late:
            for part in range(60):
                old += crowd.enrol(gallery, examples(100, least=25), range(part % 2))
            late.refresh()
            crowd.look(gallery._core.segments())
            held += [reader.search(crowd.marked[old[-1]]) for reader in (early, late)]
            gallery.compact()
            new = [name for _ in range(40) for name in crowd.enrol(gallery, 1, [0])]
            latest = opened(kit, path, "r")
            crowd.look(gallery._core.segments())
            assert crowd.enrolled > examples(100_000, least=25_000)

            replaced, purged = [*old[::5], *new[::5]], [*old[1::5], *new[1::5]]
            words = crowd.words(crowd.marked)
            assert in_files(words, path) == crowd.marked.keys()
            readers = (gallery, early, late, latest)
            remembered = {s for answer in held for s in answer._rows.segments}
            remembered |= {s for reader in readers for s in reader._core.segments()}
            assert in_memory(words, [s for r in readers[1:] for s in r._core.segments()]) >= {
                *old,
                *new,
            }
            (journal,) = path.glob("journal-*")
            os.link(journal, folder / "journal")

            gone = set(crowd.marked) - {*replaced, *purged}
            for name in sorted(gone)[::2]:
                gallery.erase([name])
            gallery.erase(sorted(gone)[1::2])
            items = crowd.draw(crowd.rng, np.zeros(len(replaced), bool))
            gallery.replace(replaced, items)
            gallery.enrol(["another"], items[:1])
            assert set(gallery.purge(now=NOON).reference_ids) == {*replaced, *purged}

            for reader in readers:
                assert all(name not in reader for name in crowd.marked)
                found = reader.search(crowd.marked[old[0]])
                assert not crowd.marked.keys() & set(found.reference_ids)
            assert in_files(words, path) == set()
            remembered |= {s for reader in readers for s in reader._core.segments()}
            assert in_memory(words, remembered) == set()
            assert not any((folder / "journal").read_bytes())
            assert gallery.verify().passed
            assert len(manifest_at(path).retired) > 2
            for columns in stored_columns(path):
                assert_no_place_is_kept(columns)
            del held, remembered, found
            for reader in readers:
                reader.refresh()
            latest.close()
        gallery.compact()
    assert in_files(words, path) == set()
    (columns,) = stored_columns(path)
    assert columns["live.counts"][256] == len(columns["ids.offsets"]) - 1


# --- what is left does not tell who it was ------------------------------------------------------
#
# Whoever has the folder and knows everybody else in it can try out all people and all ids there
# are. So two galleries that differ in the erased alone have to be the same, byte for byte.


@pytest.fixture
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small journals, and receipts without the time and the salted id."""
    monkeypatch.setattr(writer, "_JOURNAL_BYTES", 4000)
    monkeypatch.setattr(writer, "digest_of", lambda reference_id, salt: bytes(32))
    monkeypatch.setattr(receipts, "digest_of", lambda reference_id, salt: bytes(32))
    monkeypatch.setattr(receipts, "now", lambda: "2026-07-01")


@dataclass(frozen=True)
class Person:
    """The data of a person who is erased later."""

    reference_id: str
    item: Any
    subject: str
    label: str
    expires: datetime


class Town:
    """The people common to all histories, enrolled beside those who differ."""

    def __init__(self, kit: Kit, gallery: Gallery[Any]) -> None:
        self.kit, self.gallery = kit, gallery
        self.number = 0

    def enrol(self, n: int, among: Person | None = None) -> None:
        numbers = range(self.number, self.number + n)
        people = [Person(f"R{i}", self.kit.item(i), f"S{i}", "resident", NOON) for i in numbers]
        if among is not None:
            people[n // 2] = among
        self.gallery.enrol(
            [p.reference_id for p in people],
            [p.item for p in people],
            subject_ids=[p.subject for p in people],
            labels=[p.label for p in people],
            expires=[p.expires for p in people],
        )
        self.number += n


def lived(kit: Kit, path: Path, guests: Sequence[Person], *, batches: int) -> None:
    """Enrol and erase three people in every way, and others beside them."""
    kit.gallery(open_labels=True, labels=["resident", "A", "B"]).save(path)
    first, second, third = guests
    with opened(kit, path) as gallery:
        town = Town(kit, gallery)
        town.enrol(300, first)  # a segment
        town.enrol(9, second)  # the journal
        gallery.erase(["R0"])  # of the first one's segment: what is kept of this is kept for good
        for _ in range(batches):
            town.enrol(60)
        held = [gallery.search(first.item)]
        gallery.replace([second.reference_id], [kit.item(900)])
        town.enrol(9, third)
        held += [gallery.search(third.item)]
        gallery.erase([third.reference_id, "R1"])
        gallery.compact()
        held += [gallery.search(first.item)]
        gallery.erase([first.reference_id])
        gallery.erase([second.reference_id])
        gallery.erase(["R2"])
        assert len(manifest_at(path).retired) >= 3
        assert gallery.verify().passed


def _near_namesakes(profile: dna.Profile) -> list[dna.Profile]:
    """Return two profiles that are sorted to the same place, which only the leading loci decide.

    The differing loci lead neither in the order of the registry nor in the one that prunes best.
    """
    loci = dict(profile.originals)
    others: list[dict[str, Any]] = [
        {"D22S1045": ["11", "15"], "D8S1179": ["80", "14"], "D3S1358": ["15"]},
        {"D22S1045": ["9", "16"], "D8S1179": ["75", "21", "OL"], "D3S1358": ["16", "17"]},
    ]
    return [dna.Profile(loci | changes) for changes in others]


def _near_registrations(i: int) -> list[vehicle.Registration]:
    """Return two neighbours by plate, chassis number, its end, and owner."""
    return [
        vehicle.Registration(
            "DE",
            f"B-AB 9{k}{i}",
            f"WVWZZZ1K{k}A80000{i}0",
            valid_from=NOON + timedelta(days=i, seconds=k),
            owners=[vehicle.Holder(f"Owner {i}", address=f"Street {k}")],
        )
        for k in range(2)
    ]


def _namesakes(kit: Kit, i: int) -> list[Any]:
    """Return two persons with the same blocking tokens, which sort them to one place."""
    made = [
        police_record.Person(
            f"M{vowel}r{vowel}",
            f"K{vowel}rl{vowel}n{'dvs'[i]}",
            [f"Z{vowel}r{'dvs'[i]}"],
            birth_date="1984-02",
            birth_place=place,
            nationalities=country,
            gender=gender,
        )
        for vowel, place, country, gender in zip(
            "ao", ("Bonn", "Metz"), ("DE", "FR"), "FM", strict=True
        )
    ]
    if kit is POLICE_RECORD:
        return made
    block = kit.item(0).parameters
    (encoder,) = (police.encoder(p) for p in police.PSEUDONYMS.values() if p.fingerprint == block)
    return [encoder.encode_one(person) for person in made]


def two_casts(kit: Kit) -> tuple[list[Person], list[Person]]:
    casts: tuple[list[Person], list[Person]] = ([], [])
    for i in range(3):
        pair = kit.items([700 + i, 710 + i])
        if kit.name == "dna":
            pair = _near_namesakes(kit.item(700 + i))
        elif kit.name == "vehicle":
            pair = _near_registrations(i)
        elif kit.category == "police_record":
            pair = _namesakes(kit, i)
        for k, label in enumerate("AB"):
            # Ids of one length, since the room that they took stays.
            name = "".join(random.Random(f"{label}{i}").choices(LETTERS, k=12))
            expires = datetime(2001 + i + 10 * k, 1, 1, tzinfo=UTC)
            casts[k].append(Person(name, pair[k], f"of {name}", label, expires))
    return casts


def different(one: Path, other: Path) -> list[str]:
    files, others = files_of(one), files_of(other)
    assert files.keys() == others.keys()
    return [name for name in files if files[name] != others[name]]


@pytest.mark.usefixtures("small_steps")
@pytest.mark.parametrize(("batches", "fan_in"), [(4, 3), (20, 100)])
def test_two_histories_leave_the_same_bytes(
    kit: Kit, folder: Path, monkeypatch: pytest.MonkeyPatch, batches: int, fan_in: int
) -> None:
    """Test with few merged segments, and with so many that the catalogue has several pages."""
    monkeypatch.setattr(writer, "FAN_IN", fan_in)
    casts = two_casts(kit)
    for name, cast in zip(("one", "other"), casts, strict=True):
        lived(kit, folder / name, cast, batches=batches)
    assert different(folder / "one", folder / "other") == []


@pytest.mark.usefixtures("small_steps")
@pytest.mark.parametrize("after", range(6))
def test_two_histories_with_an_interrupted_erasure(
    kit: Kit, folder: Path, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    """The next writer completes the erasure, from any state."""
    casts = two_casts(kit)
    others = [f"R{i}" for i in range(60)]
    for name, (guest, *_) in zip(("one", "other"), casts, strict=True):
        kit.gallery(open_labels=True, labels=["resident", "A", "B"]).save(folder / name)
        with opened(kit, folder / name) as gallery:
            Town(kit, gallery).enrol(300, guest)
            with monkeypatch.context() as patched:
                patched.setattr(disk, "overwrite", TornWrite(after))
                with pytest.raises(StorageError) as caught:
                    gallery.erase([guest.reference_id, *others])
            assert caught.value.code == "io_error"
        with opened(kit, folder / name) as gallery:
            assert len(gallery) == 239
            assert len(gallery.receipts()) == 61
            assert gallery.verify().passed
    assert different(folder / "one", folder / "other") == []


class TornWrite:
    """Allows some writes, then every other word of one more, and none afterwards."""

    def __init__(self, times: int) -> None:
        self.left, self.write = times, disk.overwrite

    def __call__(self, fd: int, data: memoryview, offset: int) -> None:
        self.left -= 1
        if self.left < 0:
            for at in range(0, len(data), 8):
                self.write(fd, data[at : at + 4], offset + at)
            raise OSError(errno.EIO, "no more")
        self.write(fd, data, offset)


@pytest.mark.usefixtures("small_steps")
def test_compaction_removes_the_erased_rows(kit: Kit, folder: Path) -> None:
    """The place of an erased row and the length of its id remain until compaction only.

    After it, any two histories leave the same columns.
    """
    pasts = []
    for length, family in ((5, 700), (50, 711)):
        path = folder / str(length)
        kit.gallery(open_labels=True, labels=["resident", "A"]).save(path)
        guest = Person("x" * length, kit.item(family), "y" * length, "A", NOON)
        with opened(kit, path) as gallery:
            town = Town(kit, gallery)
            town.enrol(300, guest)
            gallery.erase([guest.reference_id])
            gallery.compact()
        (columns,) = stored_columns(path)
        pasts.append({name: array.tolist() for name, array in columns.items()})
    assert pasts[0] == pasts[1]


def test_receipts_of_one_id_cannot_be_linked(kit: Kit, folder: Path) -> None:
    """The gallery cannot tell whose receipts they are either."""
    path = folder / "gallery"
    kit.gallery().save(path)
    with opened(kit, path) as gallery:
        made: list[receipts.Receipt] = []
        for _ in range(3):
            gallery.enrol(["A-1"], [kit.item(1)])
            made += gallery.erase(["A-1"]).receipts
        kept = gallery.receipts()
    assert len({receipt.digest for receipt in made}) == 3
    assert len({receipt.salt for receipt in made}) == 3
    assert [receipt.digest for receipt in kept] == [receipt.digest for receipt in made]
    assert not any(receipt.is_about("A-1") for receipt in kept)
    assert all(receipt.is_about("A-1") for receipt in made)
    known = Words({"salt": [receipt.salt or b"" for receipt in made]})
    assert in_files(known, path) == set()
    # All unsalted digests of it that come to mind.
    plain = [hashlib.new(name, b"A-1").digest() for name in ("md5", "sha1", "sha256", "blake2b")]
    plain += [digest.hex().encode() for digest in plain]
    assert in_files(Words({"digest": plain}), path) == set()
