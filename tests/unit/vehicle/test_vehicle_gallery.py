"""A register returns and finds enrolled items, in memory and on disk."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prum_match import _native, vehicle
from prum_match.errors import InvalidInput, StorageError
from prum_match.testing.strategies import vehicle as vehicles
from prum_match.vehicle import SYMBOLS, Registration
from prum_match.vehicle.numbers.alphabet import CODE_OF, FILLER, MAX_PLATE, MAX_VIN
from support.examples import examples

pytestmark = pytest.mark.native


def names(n: int) -> list[str]:
    return [f"R{i:03d}" for i in range(n)]


def register_of(items: list[Registration]) -> vehicle.Gallery:
    gallery = vehicle.Gallery()
    gallery.enrol(names(len(items)), items)
    return gallery


@given(st.lists(vehicles.registrations(), max_size=12), st.integers(0, 12))
def test_registrations_come_back(items: list[Registration], first: int) -> None:
    """From two enrolments that are merged, of which one may lack chassis numbers or details."""
    gallery, ids = vehicle.Gallery(), names(len(items))
    gallery.enrol(ids[:first], items[:first])
    gallery.enrol(ids[first:], items[first:])
    expected = dict(zip(ids, items, strict=True))
    assert {name: gallery[name] for name in gallery} == expected
    gone = ids[::3]
    gallery.erase(gone)
    gallery.compact()
    assert {name: gallery[name] for name in gallery} == {
        name: item for name, item in expected.items() if name not in gone
    }
    for name in gallery:
        found, item = gallery[name], expected[name]
        assert (found.key, found.chassis) == (item.key, item.chassis) or _was_changed(item)
        assert found.interval == item.interval


def _was_changed(item: Registration) -> bool:
    """A plate or a chassis number whose first spelling is not kept."""
    return bool((item.key and item.key.changed) or (item.chassis and item.chassis.changed))


@settings(max_examples=examples(20))
@given(items=st.lists(vehicles.registrations(), min_size=1, max_size=12))
def test_registrations_come_back_from_a_folder(
    tmp_path_factory: pytest.TempPathFactory, items: list[Registration]
) -> None:
    path = Path(tmp_path_factory.mktemp("register"), "gallery")
    register_of(items).save(path)
    more = Registration("FR", "AB-123-CD", vehicle_id="V9")
    with vehicle.Gallery.open(path, mode="rw") as gallery:
        gallery.enrol(["new"], [more])
    with vehicle.Gallery.open(path) as gallery:
        expected = {**dict(zip(names(len(items)), items, strict=True)), "new": more}
        assert {name: gallery[name] for name in gallery} == expected
        assert gallery.verify().passed


def test_plates_of_all_lengths_and_symbols() -> None:
    plates = [SYMBOLS[i] * n for n in range(1, MAX_PLATE + 1) for i in (0, 10, 36, 60)]
    plates += [SYMBOLS[i : i + n] for i in range(0, 45, 4) for n in (1, 7, 16)]
    items = [Registration("FR", plate) for plate in dict.fromkeys(plates)]
    gallery = register_of(items)
    for name, item in zip(names(len(items)), items, strict=True):
        assert gallery[name] == item
        assert gallery.search(vehicle.ExactQuery("FR", item.plate)).reference_ids == [name]


def test_chassis_numbers_of_all_lengths() -> None:
    vins = ["1HGCM82633A004352/ABCDEFGH-IJKLM"[:n] for n in range(1, 32)]
    items = [Registration("FR", vin=vin) for vin in vins]
    assert max(len(str(item.vin)) for item in items) == MAX_VIN
    gallery = register_of(items)
    for item in items:
        wanted = [n for n, i in zip(names(len(items)), items, strict=True) if i.vin == item.vin]
        assert gallery.search(vehicle.ExactQuery(vin=item.vin)).reference_ids == wanted


@pytest.mark.parametrize("spelling", ["A.B C-D", "A-B-C-D", "ABCD", "A B.CD", "ABC.D"])
def test_separators_come_back(spelling: str) -> None:
    assert register_of([Registration("SE", spelling)])["R000"].plate == spelling


def test_every_symbol_is_folded_natively() -> None:
    """The table of national letters in C++ is the alphabet."""
    letters = SYMBOLS.replace("/", "")
    texts = [*letters, *letters.lower()]
    data = [text.encode() for text in texts]
    offsets = np.cumsum([0, *map(len, data)], dtype=np.uint64)
    keys, _, _, changed, plain = _native.vehicle_fold_plates(
        offsets, np.frombuffer(b"".join(data), np.uint8)
    )
    assert plain.all()
    assert keys[:, 0].tolist() == [CODE_OF[text.upper()] for text in texts]
    assert (keys[:, 1:] == FILLER).all()
    assert changed.tolist() == [int(text != text.upper()) for text in texts]


def test_invalid_registrations_are_refused() -> None:
    items: list[Any] = [Registration("FR", "AB-123-CD"), "AB-123-CD", None]
    gallery = vehicle.Gallery()
    report = gallery.enrol(names(3), items, on_error="report")
    assert [(e.code, e.index, e.field) for e in report.refused] == [
        ("bad_registration", 1, "registration"),
        ("bad_registration", 2, "registration"),
    ]
    assert list(gallery) == ["R000"]


def test_notes_count_the_changes() -> None:
    items = [
        Registration("FR", "ab-123-cd"),
        Registration("FR", "ab 124 cd", "WVWZZZ1JZOW000001"),
        Registration("FR", "AB-125-CD"),
    ]
    report = vehicle.Gallery().enrol(names(3), items)
    assert report.notes["lower case"] == 2
    assert sum(report.notes.values()) == 3


def damage(column: str, change: Any) -> vehicle.Gallery:
    item = Registration("FR", "AB-123-CD", "12345/67", vehicle_id="V1")
    gallery = register_of([item])
    (segment,) = gallery._core.segments()
    change(segment.columns[column])
    return gallery


@pytest.mark.parametrize(
    ("column", "value"),
    [("place", 0), ("place", 0x5A5A), ("plate.codes", 62), ("vin.codes", 62), ("details.bytes", 7)],
)
def test_impossible_rows_are_reported_as_damage(column: str, value: int) -> None:
    gallery = damage(column, lambda array: array.fill(value))
    with pytest.raises(StorageError) as caught:
        gallery["R000"]
    assert caught.value.code == "damaged_segment"


@pytest.mark.parametrize("interval", [(2**62, 2**63 - 1), (5, 5), (7, 6)])
def test_impossible_intervals_are_damage(interval: tuple[int, int]) -> None:
    def change(array: Any) -> None:
        array[:] = interval

    with pytest.raises(StorageError) as caught:
        damage("valid", change)["R000"]
    assert caught.value.code == "damaged_segment"


def test_segments_without_chassis_numbers_and_details_have_no_columns_for_them() -> None:
    plain, full = Registration("FR", "AB-123-CD"), Registration("FR", "A 1", "12345", make="DAF")
    gallery = register_of([plain, full])
    (segment,) = gallery._core.segments()
    assert {"vin.codes", "details.bytes"} <= segment.columns.keys()
    gallery.erase(["R001"])
    gallery.compact()
    (segment,) = gallery._core.segments()
    assert not any(name.startswith(("vin", "details")) for name in segment.columns)
    assert gallery["R000"] == plain
    assert gallery.search(vehicle.PatternQuery("*", of="vin")).reference_ids == []


# --- who may ask what ---------------------------------------------------------------------------

EXACT = vehicle.ExactQuery("FR", "AB-123-CD")
FUZZY = vehicle.FuzzyQuery("AB-123-CD", max_cost=1)
PATTERN = vehicle.PatternQuery("AB-12*")


@pytest.mark.parametrize("query", [FUZZY, PATTERN], ids=["fuzzy", "pattern"])
def test_across_borders_keys_are_complete(query: Any) -> None:
    gallery = register_of([Registration("FR", "AB-123-CD")])
    assert len(gallery.search(query)) == 1
    with pytest.raises(InvalidInput) as caught:
        gallery.search_many([EXACT, EXACT, query], policy=vehicle.PRUM_2024)
    assert (caught.value.code, caught.value.index) == ("incomplete_key", 2)
    assert "Art. 16(2)" in str(caught.value.rule)
    assert gallery.category.wire.probe_to_bytes(query) is None


def test_v01_to_v03_of_the_golden_exchanges() -> None:
    """Regulation (EU) 2024/982, Art. 16(2): a complete VIN, a complete plate, and nothing less."""
    vin = "1M8GDM9AXKP042788"
    gallery = register_of([Registration("FR", "AB-123-CD", vin)])
    for query in (vehicle.ExactQuery(vin=vin), EXACT):
        assert gallery.search(query, policy=vehicle.PRUM_2024).reference_ids == ["R000"]
    for partial in ("AB-12*", "AB-12?-CD", "AB-1[23]3-CD"):
        with pytest.raises(InvalidInput) as caught:
            vehicle.ExactQuery("FR", partial)
        assert caught.value.code == "incomplete_key"


@pytest.mark.parametrize("most", [0, 17, 80, 100])
def test_an_index_without_room_for_all_nodes_finds_the_same(
    most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    cars = [Registration("FR", f"A{i % 500}B{i % 7}", f"VIN{i:05}") for i in range(3000)]
    sound = register_of(cars)
    monkeypatch.setattr(
        _native, "vehicle_build", functools.partial(_native.vehicle_build, most_nodes=most)
    )
    small = register_of(cars)
    (few,), (all_of_them,) = small._core.segments(), sound._core.segments()
    assert len(few.columns["plate.nodes"]) < len(all_of_them.columns["plate.nodes"])
    for query in (
        vehicle.ExactQuery("FR", "A77B0"),
        vehicle.ExactQuery(vin="VIN00077"),
        vehicle.FuzzyQuery("A7TB0", max_cost=2),
        *(vehicle.PatternQuery(pattern) for pattern in ("A7*", "*7B?", "A?7B*")),
        *(vehicle.PatternQuery(pattern, of="vin") for pattern in ("VIN000*", "*77")),
    ):
        expected = sound.search(query).reference_ids
        assert expected
        assert small.search(query).reference_ids == expected
    small.erase(names(3000)[::2])
    assert small.search(vehicle.PatternQuery("A*")).n_found == 1500
