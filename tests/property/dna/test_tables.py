"""Enrolling a table equals enrolling its rows one by one, for any strings."""

from __future__ import annotations

import struct
from collections import Counter
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from prum_match import dna, face
from prum_match.dna.profiles._alleles import find_packed
from prum_match.engine.tables.table import read_table
from prum_match.errors import PrumError
from support.galleries.tables import LAYOUTS, laid_out, pyarrow, sliced

pytestmark = pytest.mark.native

pytest.importorskip("nanoarrow")
pytest.importorskip("pyarrow")

LOCI = ("TH01", "VWA", "PentaE", "D22S1045", "AMEL")
DIGITS = st.text("0123456789.", max_size=5)
ALLELES = st.one_of(
    st.none(),
    st.integers(0, 99).map(str),
    st.builds("{}.{}".format, st.integers(0, 99), st.integers(0, 9)),
    st.sampled_from(["", "*", "1", "99", "0", "01", "OL", "9.3", "9.4", "X", "Y", "x", " ", " 9 "]),
    DIGITS,
    st.text(max_size=14),
)
KINDS = st.sampled_from([None, "P", "S", "reference", "Stain", "trace ", "nobody"])
IDS = st.one_of(
    st.sampled_from(["A", "B", "C", ""]), st.none(), st.text(max_size=3), st.just("x" * 65)
)
SIZES = st.lists(st.integers(0, 4), max_size=3)

# Of rows with anything odd in them native code tells nothing but that.
PLAIN = st.sampled_from(
    [None, "", "*", "0", "1", "99", "6", "06", "12", "0.3", "9.3", "99.1", "20.0"]
)
SEXES = st.sampled_from([None, "", "*", "X", "Y", "x", "y"])
N_ALLELES = 2 * (len(LOCI) - 1)
THIRD = st.sampled_from([None, "", None, "7"])

Row = tuple[str | None, ...]
ROW = st.one_of(
    st.tuples(IDS, KINDS, *[ALLELES] * (N_ALLELES + 3)),
    st.tuples(IDS, KINDS, *[PLAIN] * N_ALLELES, SEXES, SEXES, THIRD),
    st.tuples(IDS, KINDS, PLAIN, PLAIN, *[st.none()] * (N_ALLELES - 2), SEXES, SEXES, st.none()),
)
ROWS = st.lists(ROW, max_size=9)


def profile_of(row: Row) -> dna.Profile:
    """Make the profile of a row: a null is a missing value, an untyped locus is left out."""
    values: dict[str, Any] = {}
    for i, name in enumerate(LOCI):
        pair = row[2 + 2 * i : 4 + 2 * i]
        # The last column is a third allele of the first locus.
        more = (row[-1],) if i == 0 and row[-1] else ()
        if pair != (None, None) or more:
            values[name] = (*pair, *more)
    return dna.Profile(values, kind=row[1] or "reference")


def table_of(rows: list[Row], layout: str, sizes: list[int]) -> Any:
    names = ["reference_id", "kind", *(f"{name}_{k}" for name in LOCI for k in (1, 2)), "TH01_3"]
    columns = zip(*rows, strict=True) if rows else [()] * len(names)
    return pyarrow().table(
        {
            name: sliced(laid_out(column, layout), sizes)
            for name, column in zip(names, columns, strict=True)
        }
    )


def told(error: PrumError) -> tuple[Any, ...]:
    return error.index, error.code, error.field, str(error)


@given(rows=ROWS, layout=st.sampled_from(LAYOUTS), sizes=SIZES)
@example(
    rows=[("A", None, "*", None, *[None] * 9), ("B", "S", "99", "", *[""] * 9)],
    layout="utf8",
    sizes=[1],
)
@example(
    rows=[("A", None, "12", "x", "y", *["6"] * 8), ("A", "S", *["7"] * 11)], layout="int8", sizes=[]
)
def test_a_table_of_dna_equals_its_profiles(rows: list[Row], layout: str, sizes: list[int]) -> None:
    good: list[int] = []
    items: list[dna.Profile] = []
    refused: dict[int, PrumError] = {}
    for index, row in enumerate(rows):
        try:
            items.append(profile_of(row))
            good.append(index)
        except PrumError as error:
            refused[index] = error.at(index)
    expected = dna.Gallery()
    ids: list[Any] = [rows[index][0] for index in good]
    report = expected.enrol(ids, items, on_error="report")
    for error in report.refused:
        row = good[int(error.index or 0)]
        refused[row] = error.at(row)

    table = table_of(rows, layout, sizes)
    gallery = dna.Gallery()
    found = gallery.enrol_table(table, on_error="report")
    assert [told(error) for error in found.refused] == [told(refused[i]) for i in sorted(refused)]
    assert found.enrolled == report.enrolled
    assert found.notes == report.notes
    assert {name: gallery[name] for name in gallery} == {name: expected[name] for name in expected}

    if refused:
        with pytest.raises(PrumError) as caught:
            dna.Gallery().enrol_table(table)
        assert caught.value.index in refused
    else:
        assert dna.Gallery().enrol_table(table).notes == report.notes
    if len(good) == len(rows):
        answers = gallery.search_many(table.drop_columns("reference_id"))
        assert [a.reference_ids for a in answers] == [
            a.reference_ids for a in expected.search_many(items)
        ]


# Lengths at a period of four: tokens for a wildcard, alleles, lengths that no allele has.
LENGTHS = st.sampled_from([0, 0, 1, 4, 24, 24, 39, 396, 397, 399, 400, 0xFFFF])


@st.composite
def nearly_packed(draw: st.DrawFn) -> bytes:
    """Draw bytes that are a packed profile or nearly one."""
    records = []
    for place in draw(st.lists(st.sampled_from([0, 1, 1, 2, 3, 50, 300]), max_size=3)):
        a, b = draw(LENGTHS), draw(LENGTHS)
        low, high = (min(a, b), max(a, b)) if draw(st.booleans()) else (a, b)
        own = sorted({low, high} - {0, 0xFFFF})
        designations = (*own, 0, 0, 0)[:3] if draw(st.booleans()) else (0, 0, 0)
        if draw(st.booleans()):
            designations = draw(st.tuples(LENGTHS, LENGTHS, LENGTHS))
        records.append((place, low, high, *designations))
    if draw(st.booleans()):
        records.sort()
    header = (*(draw(st.sampled_from([0, 1, 0, 1, 2])) for _ in range(3)), len(records))
    header = header if draw(st.booleans()) else (0, draw(st.integers(6, 9)), 0, len(records))
    body = b"".join(struct.pack("<6H", *record) for record in records)
    return bytes(header) + body + draw(st.sampled_from([b"", b"", b"", b"\0"]))


def packed_or_not(row: Row) -> bytes:
    try:
        return profile_of(row).packed
    except PrumError:
        return b"no profile"


@given(
    packed=st.lists(st.one_of(st.none(), ROW.map(packed_or_not), nearly_packed()), max_size=9),
    sizes=SIZES,
)
def test_packed_columns_equal_from_packed(packed: list[bytes | None], sizes: list[int]) -> None:
    refused, notes = {}, Counter[str]()
    profiles: dict[str, dna.Profile] = {}
    for index, data in enumerate(packed):
        try:
            profiles[str(index)] = dna.Profile.from_packed(data)  # type: ignore[arg-type]
            notes.update(note.rule for note in profiles[str(index)].notes)
        except PrumError as error:
            refused[index] = error.code
    ids = pyarrow().array([str(index) for index in range(len(packed))], pyarrow().string())
    column = sliced(pyarrow().array(packed, pyarrow().binary()), sizes)
    gallery = dna.Gallery()
    report = gallery.enrol_table(
        pyarrow().table({"reference_id": ids, "profile": column}), on_error="report"
    )
    assert {error.index: error.code for error in report.refused} == refused
    assert {name: gallery[name] for name in gallery} == profiles
    assert report.notes == notes


@given(data=nearly_packed())
def test_native_code_accepts_exactly_the_valid_packed_profiles(data: bytes) -> None:
    try:
        dna.Profile.from_packed(data)
        expected = True
    except PrumError:
        expected = False
    table = read_table(pyarrow().table({"x": pyarrow().array([data])}))
    periods = np.array([entry.period for entry in dna.loci()], np.uint8)
    packed, mixtures = find_packed(table.binary("x"), periods)
    assert packed.tolist() == [expected]
    assert mixtures.tolist() == [expected and bool(data[2])]


MODEL = face.Model("made up", "1", 2, normalise="apply")
COMPONENTS = st.one_of(st.floats(-4, 4, width=32), st.sampled_from([0.0, float("nan"), None, 1e30]))
VECTORS = st.one_of(st.none(), st.lists(COMPONENTS, min_size=2, max_size=2))


@given(
    vectors=st.lists(VECTORS, max_size=9),
    fixed=st.booleans(),
    sizes=SIZES,
    first=st.integers(0, 3),
    data=st.data(),
)
def test_a_table_of_faces_equals_its_embeddings(
    vectors: list[Any], fixed: bool, sizes: list[int], first: int, data: st.DataObject
) -> None:
    pa = pyarrow()
    n = len(vectors)
    quality = data.draw(st.lists(st.one_of(st.none(), st.floats(0, 9)), min_size=n, max_size=n))
    type_ = pa.list_(pa.float32(), 2) if fixed else pa.list_(pa.float32())
    columns = {
        "reference_id": pa.array([str(i) for i in range(n)], pa.string()),
        "embedding": sliced(pa.array(vectors, type_), sizes),
        "quality": pa.array(quality, pa.float64()),
    }
    gallery = face.Gallery(MODEL)
    report = gallery.enrol_table(pa.table(columns).slice(first), on_error="report")
    refused: dict[int, str] = {}
    embeddings: dict[str, face.Embedding] = {}
    for i in range(first, n):
        vector = None if vectors[i] is None else [np.nan if x is None else x for x in vectors[i]]
        try:
            embeddings[str(i)] = face.Embedding(
                np.array(vector, np.float32), MODEL, quality=quality[i]
            )
        except PrumError as error:
            refused[i - first] = error.code
    assert {error.index: error.code for error in report.refused} == refused
    assert {name: gallery[name] for name in gallery} == embeddings


@given(texts=st.lists(st.one_of(st.none(), st.text(max_size=80)), max_size=12), data=st.data())
def test_bulk_strings_equal_single_strings(texts: list[str | None], data: st.DataObject) -> None:
    layout, sizes = data.draw(st.sampled_from(LAYOUTS)), data.draw(SIZES)
    strings = read_table(pyarrow().table({"x": sliced(laid_out(texts, layout), sizes)})).strings(
        "x"
    )
    assert list(strings) == texts
    fit = [t is not None and 1 <= len(t) <= 64 and t.isascii() and t.isprintable() for t in texts]
    assert strings.unfit(64).tolist() == [i for i, good in enumerate(fit) if not good]
    kept = np.array(
        data.draw(st.lists(st.booleans(), min_size=len(texts), max_size=len(texts))), bool
    )
    offsets, raw = strings.take(kept)
    chosen = [(text or "").encode() for text, keep in zip(texts, kept, strict=True) if keep]
    ends = offsets.tolist()
    assert [raw[a:b].tobytes() for a, b in pairwise(ends)] == chosen
    numbers, words = strings.distinct()
    assert [words[i] for i in numbers] == texts
    assert words == list(dict.fromkeys(texts))
