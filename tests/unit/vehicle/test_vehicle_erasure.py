"""An erasure removes a registration completely: keys, branches of tries, interval and holders.

Two registers differ only in the erased registrations. If all their bytes are equal afterwards, they
reveal nothing about them. The place of a key among the others remains until a compaction, so the
erased ones have the same places in both.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from prum_match import _native, vehicle
from prum_match.engine import Columns
from prum_match.vehicle import Registration
from prum_match.vehicle.numbers.alphabet import FILLER

pytestmark = pytest.mark.native

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)
N = 200
NAMES = [f"REF-{i:03d}" for i in range(N)]
# The first and last of a word of live bits and of a block, some in between, and the last of all.
GONE = (0, 63, 64, 100, 150, 151, 199)
TRIES = ("plate", "plate.back", "vin", "vin.end")


def hidden(secret: int) -> list[Registration]:
    """Keys that differ in their first symbol, their last, or between; unique in their length."""
    first, middle, last = (pair[secret] for pair in ("CD", "MN", "PR"))
    keys = [
        (f"{first}B-012XY", f"VVWZZZ1KZ0000500{last}"),
        (f"AB-013X{last}", f"{first}VWZZZ1KZ00005001"),
        (f"AB-01{middle}XY", f"WVWZZZ1KZ0000501{last}"),
        (f"Z-{last}", f"{middle}1"),
        (None, f"WVWZZZ1KZ00{middle}01000"),
        (f"Ö-{first}Ä123", None),
        (f"AB-{first}14XY", f"OLD-{middle}/12345"),
    ]
    return [
        Registration(
            ("DE", "AT")[secret],
            plate.replace("-", (" ", ".")[secret]) if plate else None,
            vin,
            vehicle_id=f"V{secret}{i}",
            valid_from=NOON + timedelta(days=i, seconds=secret),
            valid_to=NOON + timedelta(days=100 + i, seconds=secret),
            make=("VW", "MG")[secret],
            holders=[vehicle.Holder(f"Holder {secret}{i}", birth_date=f"19{secret}0")],
        )
        for i, (plate, vin) in enumerate(keys)
    ]


def registrations(secret: int) -> list[Registration]:
    made = [
        Registration("FR", f"AB-{i:03d}-XY", f"WVWZZZ1KZ{i:08d}" if i % 3 else None)
        for i in range(N)
    ]
    for place, item in zip(GONE, hidden(secret), strict=True):
        made[place] = item
    return made


def register_of(secret: int, ends: tuple[int, ...] = (N,)) -> vehicle.Gallery:
    """Enrol the same registrations, but for those that are going to be erased."""
    items, gallery = registrations(secret), vehicle.Gallery(labels=["l0", "l1", "l2"])
    known = [secret if i in GONE else 2 for i in range(N)]
    begin = 0
    for end in ends:
        part = range(begin, end)
        gallery.enrol(
            NAMES[begin:end],
            items[begin:end],
            subject_ids=[f"SUBJECT-{known[i]}-{i:03d}" for i in part],
            labels=[f"l{known[i]}" for i in part],
        )
        begin = end
    return gallery


def columns_of(segments: list[_native.Segment]) -> list[dict[str, bytes]]:
    return [{k: v.tobytes() for k, v in segment.columns.items()} for segment in segments]


def change(gallery: vehicle.Gallery, how: str) -> None:
    gone = [NAMES[i] for i in GONE]
    if how == "erase":
        gallery.erase(gone)
    elif how == "one by one":
        for name in reversed(gone):
            gallery.erase([name])
    else:
        gallery.replace(gone, [Registration("NL", f"{i}-ABC-1") for i in range(len(gone))])
        gallery.erase(gone)


@pytest.mark.parametrize("ends", [(N,), (120, 180, N)], ids=["one segment", "several"])
@pytest.mark.parametrize("how", ["erase", "one by one", "replace"])
def test_no_byte_depends_on_the_erased(how: str, ends: tuple[int, ...]) -> None:
    pair = [register_of(secret, ends) for secret in (0, 1)]
    # Held here, as an old answer holds them: they are erased in even if merged away.
    kept = [list(gallery._core.segments()) for gallery in pair]
    before = [columns_of(segments) for segments in kept]
    differing = {k for a, b in zip(*before, strict=True) for k in a if a[k] != b[k]}
    keys = {f"{name}.codes" for name in TRIES if name != "plate.back"}
    branches = {f"{name}.nodes.symbols" for name in TRIES}
    assert keys | branches | {"place", "spelling", "valid", "details.bytes", "labels"} <= differing
    for gallery in pair:
        change(gallery, how)
    for segments in (kept, [gallery._core.segments() for gallery in pair]):
        for a, b in zip(*map(columns_of, segments), strict=True):
            assert {k for k in a if a[k] != b[k]} == set()
    for gallery in pair:
        gallery.compact()
    one, two = (columns_of(gallery._core.segments()) for gallery in pair)
    assert one == two


def branches(columns: Columns, name: str) -> Iterator[tuple[int, range]]:
    """Walk down a trie: all nodes below the roots, and the keys of each."""
    nodes, lengths = columns[f"{name}.nodes"].tolist(), columns[f"{name}.lengths"].tolist()
    open_ones = [(n, lengths[n + 1]) for n in range(len(lengths) - 1)]
    while open_ones:
        node, end = open_ones.pop()
        first, count = divmod(nodes[node][1], 64)
        for child in reversed(range(first, first + count)):
            begin = nodes[child][0]
            yield child, range(begin, end)
            open_ones.append((child, end))
            end = begin


@pytest.mark.parametrize("name", TRIES)
def test_a_branch_with_only_erased_registrations_is_removed(name: str) -> None:
    gallery = register_of(0)
    (segment,) = gallery._core.segments()
    columns = segment.columns
    symbols = columns[f"{name}.nodes.symbols"]
    before = symbols.copy()
    gallery.erase([NAMES[i] for i in GONE])
    rows = columns.get(f"{name}.rows", np.arange(N)).tolist()
    emptied = kept = 0
    for node, keys in branches(columns, name):
        if any(segment.is_live(rows[key]) for key in keys):
            assert symbols[node] == before[node] != FILLER
            kept += 1
        else:
            assert symbols[node] == FILLER != before[node]
            emptied += 1
    assert emptied > 0
    assert kept >= 10


def queries(item: Registration) -> list[Any]:
    found: list[Any] = [item]
    if item.plate:
        found.append(vehicle.ExactQuery(item.country, item.plate, at=NOON + timedelta(days=50)))
        found.append(vehicle.FuzzyQuery(item.plate, max_cost=1, costs=vehicle.UNIT_COSTS))
        found.append(vehicle.PatternQuery(f"*{item.compact}"))
    if item.vin:
        found.append(vehicle.ExactQuery(vin=item.vin, at=NOON + timedelta(days=50)))
        found.append(vehicle.PatternQuery.prefix(item.vin, of="vin"))
        found.append(vehicle.PatternQuery.suffix(item.vin[-5:], of="vin"))
    return found


def found(gallery: vehicle.Gallery, items: list[Registration]) -> list[list[str]]:
    return [gallery.search(query).reference_ids for item in items for query in queries(item)]


def test_only_erased_registrations_are_no_longer_found(tmp_path: Path) -> None:
    """In memory, in a journal, in segments of a folder, after a compaction, opened anew."""
    items = registrations(0)
    live = [item for i, item in enumerate(items) if i not in GONE]
    expected = vehicle.Gallery()
    expected.enrol([name for i, name in enumerate(NAMES) if i not in GONE], live)
    wanted, gone = found(expected, items), [NAMES[i] for i in GONE]
    assert found(register_of(0), items) != wanted
    gallery = register_of(0)
    gallery.erase(gone)
    assert found(gallery, items) == wanted
    gallery.compact()
    assert found(gallery, items) == wanted
    path = tmp_path / "register"
    vehicle.Gallery().save(path)
    with vehicle.Gallery.open(path, mode="rw") as stored:
        for begin in range(0, N, 40):
            stored.enrol(NAMES[begin : begin + 40], items[begin : begin + 40])
        stored.erase(gone[::2])
        stored.compact()
        stored.erase(gone[1::2])
        assert found(stored, items) == wanted
    with vehicle.Gallery.open(path) as stored:
        assert found(stored, items) == wanted
        assert stored.verify().passed


def test_the_others_are_untouched() -> None:
    gallery = register_of(0)
    (segment,) = gallery._core.segments()
    kept = {name: gallery[name] for i, name in enumerate(NAMES) if i not in GONE}
    gallery.erase([NAMES[i] for i in GONE])
    assert gallery._core.segments() == [segment]
    assert {name: gallery[name] for name in gallery} == kept
