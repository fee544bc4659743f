"""An erasure removes a person completely: names, filters, dates, and unshared tokens."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from prum_match import _native
from prum_match.engine import Gallery
from prum_match.police_record import Person
from prum_match.police_record.columns.token_index import NOBODY
from support.galleries.kits import POLICE_KITS, POLICE_RECORD, Kit, on_disk
from support.galleries.traces import files_of
from support.police_record import families as police

pytestmark = pytest.mark.native

N = 120
NAMES = [f"REF-{i:03d}" for i in range(N)]
# The first and last of a word of live bits and of a panel, and the last of all.
GONE = (0, 7, 63, 64, 100, 101, 119)


@pytest.fixture(params=POLICE_KITS, ids=lambda kit: kit.name)
def kit(request: pytest.FixtureRequest) -> Kit:
    found: Kit = request.param
    return found


def taken(kit: Kit, persons: list[Person]) -> list[Any]:
    """Encode persons as the kit's galleries have them."""
    if kit is POLICE_RECORD:
        return persons
    scheme = kit.name.split(" ")[-1]
    return list(police.encoder(police.PSEUDONYMS[scheme]).encode(persons))


def hidden(secret: int) -> list[Person]:
    """As long in both registers, with as many spellings, and otherwise unlike."""
    a, b = ("aeiou"[secret + i] for i in (0, 1))
    return [
        Person(
            f"B{a}rt{b}l{i}m",
            f"K{b}{'ln'[secret]}{'td'[secret]}{a}r",
            [(f"W{a}lt{b}r", f"G{b}rst{a}")] if i % 2 else [],
            birth_date=f"19{40 + i}-0{secret + 1}-1{i}",
            birth_place=f"D{a}lft" if i % 3 else None,
            country_of_birth=("NL", "BE")[secret],
            nationalities=[("NL", "BE")[secret]],
            gender="FM"[secret],
        )
        for i, _ in enumerate(GONE)
    ]


def register_of(kit: Kit, secret: int, ends: tuple[int, ...] = (N,)) -> Gallery[Any]:
    """Enrol the same persons, but for those that are going to be erased."""
    items = [kit.item(i % 50, i // 50) for i in range(N)]
    for place, item in zip(GONE, taken(kit, hidden(secret)), strict=True):
        items[place] = item
    gallery, begin = kit.gallery(), 0
    for end in ends:
        gallery.enrol(NAMES[begin:end], items[begin:end])
        begin = end
    return gallery


def columns_of(segments: list[_native.Segment]) -> list[dict[str, bytes]]:
    return [{k: v.tobytes() for k, v in segment.columns.items()} for segment in segments]


@pytest.mark.parametrize("ends", [(N,), (70, 110, N)], ids=["one segment", "several"])
@pytest.mark.parametrize("how", ["erase", "one by one", "replace"])
def test_no_byte_depends_on_the_erased(kit: Kit, how: str, ends: tuple[int, ...]) -> None:
    """Where among others a token was stays until a compaction; after it, nothing at all."""
    pair = [register_of(kit, secret, ends) for secret in (0, 1)]
    kept = [list(gallery._core.segments()) for gallery in pair]
    before = [columns_of(segments) for segments in kept]
    differing = {k for a, b in zip(*before, strict=True) for k in a if a[k] != b[k]}
    names = {"police_record": "names.written.bytes", "police_record by field": "names.filters"}
    assert {names.get(kit.name, "filters.heads"), "dates", "backgrounds.bytes"} <= differing
    gone = [NAMES[i] for i in GONE]
    for gallery in pair:
        if how == "replace":
            gallery.replace(gone, kit.items(range(60, 60 + len(gone))))
        for part in [[name] for name in gone] if how == "one by one" else [gone]:
            gallery.erase(part)
    for segments in (kept, [gallery._core.segments() for gallery in pair]):
        for a, b in zip(*map(columns_of, segments), strict=True):
            assert {k for k in a if a[k] != b[k]} <= {"tokens.keys", "tokens.rows", "tokens.of"}
    for gallery in pair:
        gallery.compact()
    one, two = (columns_of(gallery._core.segments()) for gallery in pair)
    assert one == two


def test_after_a_compaction_they_were_never_there(kit: Kit) -> None:
    """Even if others share what they had, and had it later."""
    items = [kit.item(i % 20, i // 20 % 3) for i in range(N)]
    gallery, never = kit.gallery(), kit.gallery()
    gallery.enrol(NAMES, items)
    gone = set(range(0, 30)) | set(GONE)
    gallery.erase([NAMES[i] for i in gone])
    gallery.compact()
    left = [i for i in range(N) if i not in gone]
    never.enrol([NAMES[i] for i in left], [items[i] for i in left])
    assert columns_of(gallery._core.segments()) == columns_of(never._core.segments())


def test_tokens_of_erased_persons_are_removed(kit: Kit) -> None:
    gallery = register_of(kit, 0)
    (segment,) = gallery._core.segments()
    columns = segment.columns
    rows = segment.find_rows([NAMES[i] for i in GONE])
    theirs = set(columns["tokens.keys"][np.isin(columns["tokens.rows"], rows)].tolist())
    others = set(columns["tokens.keys"][~np.isin(columns["tokens.rows"], rows)].tolist())
    assert len(theirs - others) > len(GONE)
    gallery.erase([NAMES[i] for i in GONE])
    assert set(columns["tokens.keys"].tolist()) == others
    assert (columns["tokens.rows"] == NOBODY).any()
    assert not np.isin(columns["tokens.rows"], rows).any()
    assert (np.diff(columns["tokens.keys"].astype(np.int64)) >= 0).all()


def test_a_name_that_somebody_shares_stays(kit: Kit) -> None:
    """A shared value stays until its last person is erased; then no file contains it."""
    one, other = taken(
        kit, [Person(first, "Kierkegaard", birth_date="1813") for first in ("Soren", "Regine")]
    )
    with on_disk(kit) as stored:
        gallery = stored.gallery()
        gallery.enrol([*NAMES, "one", "other"], [*kit.items(range(N)), one, other])
        gallery.compact()
        (segment,) = gallery._core.segments()
        marks = _marks(kit, segment, "one")
        folder = Path(segment.columns.folder).parent.parent  # type: ignore[attr-defined]
        gallery.erase(["one"])
        assert gallery["other"] == other
        assert gallery.search(other).reference_ids == ["other"]
        held = [any(mark in data for data in files_of(folder).values()) for mark in marks]
        assert held == [kit is not POLICE_KITS[2]] * len(marks)
        gallery.erase(["other"])
        held = [any(mark in data for data in files_of(folder).values()) for mark in marks]
        assert not any(held)


def _marks(kit: Kit, segment: _native.Segment, name: str) -> list[bytes]:
    """Return the family name as it is stored, or of one filter a name all of it."""
    (row,), columns = segment.find_rows([name]).tolist(), segment.columns
    place = int(columns["entries.offsets"][row])
    if kit is POLICE_RECORD:
        return [b"Kierkegaard", b"kierkegaard", b"KIERKEGAARD"]
    if "entries" in columns:
        return [columns["names.filters"][columns["entries"][place, 0]].tobytes()]
    return [columns["filters.tails"][place].tobytes()]


def test_names_of_refused_persons_are_in_no_column() -> None:
    gallery = POLICE_RECORD.gallery()
    persons = [
        Person("Soren", "Kierkegaard", ["Johannes Climacus"], birth_place="Kopenhagen"),
        "nobody",
        Person("Regine", "Olsen", birth_place="Frederiksberg"),
        Person("Jacob", "Mynster"),
    ]
    report = gallery.enrol(["", "b", "c", "c"], persons, on_error="report")
    assert (report.enrolled, [error.index for error in report.refused]) == (1, [0, 1, 3])
    held = b"|".join(
        array.tobytes() for s in gallery._core.segments() for array in s.columns.values()
    )
    assert b"Olsen" in held
    for word in ("ierkegaard", "limacus", "openhagen", "ynster", "KIERKEGAARD"):
        assert word.encode() not in held


def test_a_replaced_person_is_not_found_by_the_former_name(kit: Kit) -> None:
    gallery = register_of(kit, 0)
    gallery.replace([NAMES[0]], [kit.item(70)])
    assert NAMES[0] not in gallery.search(taken(kit, hidden(0))[0]).reference_ids
    assert gallery.search(kit.item(70)).reference_ids == [NAMES[0]]
