"""Erased data are gone from all columns of all segments, including derived data."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from prum_match import _native, dna
from prum_match.engine import CandidateList, Category, Gallery, Ragged
from support.galleries.kits import DNA, Kit
from support.galleries.traces import everything, rows_of, traces

pytestmark = pytest.mark.native

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)
CLASS_DEAD = 255


def names(n: int) -> list[str]:
    return [f"REF-{i:05d}-{i * 7919 % 99991:05d}" for i in range(n)]


def filled(kit: Kit, n: int) -> Gallery[Any]:
    gallery = kit.gallery()
    gallery.enrol(
        names(n),
        kit.items(range(n)),
        subject_ids=[f"SUBJECT-{i:05d}-{i * 104729 % 99991:05d}" for i in range(n)],
        labels=[f"label {i % 3}" for i in range(n)],
        expires=[NOON] * n,
    )
    return gallery


def assert_overwritten(category: Category[Any], segment: _native.Segment, rows: list[int]) -> None:
    """Check that these rows hold the declared fillers, and zeros in the engine's columns."""
    assert rows
    columns = segment.columns
    assert not any(segment.is_live(row) for row in rows)
    for column in category.layout.columns:
        if column.row_axis is not None and column.name in columns:
            array = np.moveaxis(columns[column.name], column.row_axis, 0)
            assert np.all(array[rows] == column.filler), column.name
        if column.offsets is not None and column.offsets in columns:
            values = Ragged(columns[column.offsets], columns[column.name])
            assert all(np.all(values[row] == column.filler) for row in rows), column.name
    for name in ("ids", "subjects"):
        offsets, text = columns[f"{name}.offsets"], columns[f"{name}.bytes"]
        for row in rows:
            assert not text[int(offsets[row]) : int(offsets[row + 1])].any(), name
    assert not columns["labels"][rows].any()
    assert not columns["expires"][rows].any()
    entries = columns["ids.index"][columns["ids.index"] != 0]
    assert sorted(entries - 1) == segment.live_row_numbers().tolist()


@pytest.mark.parametrize("n", [5, 64, 65, 300])
def test_erased_rows_hold_filler_in_every_column(kit: Kit, n: int) -> None:
    gallery = filled(kit, n)
    gallery.compact()  # on disk, a journal is made a segment before anything of it is erased
    gone = [names(n)[i] for i in {1, n // 2, n - 1}]
    (segment,) = gallery._core.segments()
    rows = rows_of(segment, gone)
    others = sorted(set(range(n)) - set(rows))
    before = {name: array.copy() for name, array in segment.columns.items()}
    gallery.erase(gone)
    assert gallery._core.segments() == [segment]
    assert_overwritten(gallery.category, segment, rows)
    # The others are untouched, to the byte.
    for column in gallery.category.layout.columns:
        if column.row_axis is not None and column.name in before:
            now, then = (
                np.moveaxis(c[column.name], column.row_axis, 0)[others]
                for c in (segment.columns, before)
            )
            assert now.tobytes() == then.tobytes()
    for i in set(range(n)) - {1, n // 2, n - 1}:
        assert gallery.search(kit.item(i)).reference_ids == [names(n)[i]]


@pytest.mark.parametrize("how", ["erase", "replace", "purge"])
def test_no_segment_holds_erased_data(kit: Kit, how: str) -> None:
    """Neither the gallery nor segments of old candidate lists hold them."""
    gallery = filled(kit, 90)
    old: CandidateList[Any] = gallery.search(kit.item(7))
    gallery.compact()  # the list above holds the segment that was there before
    kept = [*old._rows.segments, *gallery._core.segments()]
    assert len({id(segment) for segment in kept}) == 2
    chosen = [names(90)[i] for i in (7, 30, 31)]
    wanted: list[tuple[str, bytes]] = []
    places = {}
    for segment in kept:
        places[segment] = rows_of(segment, chosen)
        wanted += [pair for row in places[segment] for pair in traces(segment, row).items()]
    if how == "replace":  # ids and subjects stay
        wanted = [(name, value) for name, value in wanted if name not in ("ids", "subjects")]
    before = everything(kept)
    assert all(value in before for _, value in wanted)
    least = {"numbers": 1, "marks": 1, "face": 2}.get(kit.name, 3)
    assert len({name for name, _ in wanted}) >= least

    if how == "erase":
        gallery.erase(chosen)
    elif how == "replace":
        gallery.replace(chosen, kit.items([200, 201, 202]))
    else:
        others = [name for name in names(90) if name not in chosen]
        gallery.erase(others[40:])
        assert sorted(gallery.purge(now=NOON).reference_ids) == sorted([*chosen, *others[:40]])

    for segment, rows in places.items():
        assert_overwritten(gallery.category, segment, rows)
    now = everything({*kept, *gallery._core.segments()})
    assert [name for name, value in wanted if value in now] == []
    gallery.compact()
    gallery.enrol(["new"], [kit.item(300)])
    now = everything(gallery._core.segments())
    assert [name for name, value in wanted if value in now] == []


def test_erasure_overwrites_segments_that_candidate_lists_hold(kit: Kit) -> None:
    """Each enrolment merges segments; each list keeps the segments of its time."""
    gallery = kit.gallery()
    past = []
    for i, name in enumerate(names(20)):
        gallery.enrol([name], [kit.item(i)], subject_ids=["S" * 20], labels="x", expires=[NOON])
        past.append(gallery.search(kit.item(0)))
    segments = {segment for answer in past for segment in answer._rows.segments}
    assert len(segments) > 10
    places = {segment: rows_of(segment, names(1)) for segment in segments}
    assert sum(bool(rows) for rows in places.values()) >= 2
    gallery.erase(names(1))
    for segment, rows in places.items():
        if rows:
            assert_overwritten(gallery.category, segment, rows)
    assert names(1)[0].encode() not in everything(segments)


def test_galleries_on_disk_give_a_receipt_for_each_erased_reference(kit: Kit) -> None:
    gallery = filled(kit, 9)
    assert gallery.receipts() == []
    gallery.compact()
    gallery.enrol(["late"], [kit.item(20)])
    erased = [*names(2), "late", names(1)[0]]
    report = gallery.erase(erased)
    receipts = report.receipts
    # Twice in one call is once.
    assert report.reference_ids == tuple(erased[:3])
    if not kit.on_disk:
        assert (receipts, gallery.receipts()) == ((), [])
        return
    assert [[receipt.is_about(name) for name in erased[:3]] for receipt in receipts] == [
        [True, False, False],
        [False, True, False],
        [False, False, True],
    ]
    gallery.replace(names(4)[2:], kit.items([21, 22]))
    purged = gallery.purge(now=NOON)
    assert len(purged.reference_ids) == len(purged.receipts) == 7
    for reference_id, receipt in zip(purged.reference_ids, purged.receipts, strict=True):
        assert receipt.is_about(reference_id)
    kept = gallery.receipts()
    assert [receipt.sequence for receipt in kept] == list(range(1, 13))
    assert [receipt.salt for receipt in kept] == [None] * 12
    assert {receipt.link for receipt in receipts} <= {receipt.link for receipt in kept}
    assert gallery.verify().passed


# --- the run table of DNA -----------------------------------------------------------------------


def grouped(groups: list[int], size: int) -> tuple[list[str], dna.ProfileTable]:
    """Return rows grouped by their few genotypes at the first locus, which is SE33."""
    rng = np.random.default_rng(1)
    loci = ["SE33", "TH01", "VWA", "FGA", "D18S51", "D21S11", "D8S1179"]
    alleles = rng.choice([120, 130], (len(groups) * size, len(loci), 2)).astype(np.int16)
    alleles[:, 0] = np.repeat(groups, size)[:, None]
    return [f"R{i:05d}" for i in range(len(alleles))], dna.ProfileTable(loci, alleles)


def run_keys(segment: _native.Segment) -> NDArray[np.uint8]:
    columns = segment.columns
    keys: NDArray[np.uint8] = columns["runs.classes"][:, : len(columns["runs.depth"])].T.copy()
    return keys


def test_emptied_runs_lose_their_key() -> None:
    ids, table = grouped([140, 150, 160], 3000)
    gallery = dna.Gallery()
    gallery.enrol(ids, table)
    (segment,) = gallery._core.segments()
    columns = segment.columns
    assert columns["loci"][0, 0] == dna.locus("SE33").index
    starts, depth = columns["runs.start"], columns["runs.depth"]
    before = run_keys(segment)
    assert len(depth) > 6
    assert depth.min() >= 2
    rows = rows_of(segment, ids[3000:6000])
    # All of the second group but one: their runs keep a key where that one is.
    gallery.erase(ids[3001:6000])
    last = rows[0]
    now = run_keys(segment)
    for run, (begin, end) in enumerate(pairwise(starts)):
        emptied = not any(segment.is_live(row) for row in range(int(begin), int(end)))
        if emptied:
            assert (now[run] == CLASS_DEAD).all()
            assert (before[run] != CLASS_DEAD).any()
        else:
            assert (now[run] == before[run]).all()
        assert emptied == (begin in rows and not begin <= last < end)
    assert gallery.search(table[3000], policy=dna.PRUM_2008).reference_ids == [
        name for name in gallery.search(table[3000]).reference_ids if name == ids[3000]
    ]
    gallery.erase([ids[3000]])
    now = run_keys(segment)
    assert (now == CLASS_DEAD).all(axis=1).sum() == sum(begin in rows for begin in starts[:-1])
    assert len(gallery.search(table[3000])) == 0
    # The first group is found as before.
    found = gallery.search(table[0], policy=dna.CODIS_HIGH)
    assert found.examined == 6000


def test_a_shared_key_stays() -> None:
    gallery = DNA.gallery()
    gallery.enrol(["a", "b"], [DNA.item(3)] * 2)
    gallery.erase(["a"])
    assert gallery.search(DNA.item(3)).reference_ids == ["b"]
    gallery.erase(["b"])
    (segment,) = gallery._core.segments()
    assert (run_keys(segment) == CLASS_DEAD).all()
    assert not segment.columns["escapes.value"].any()
