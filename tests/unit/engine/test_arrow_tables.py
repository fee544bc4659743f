"""Tables of other libraries: every layout is read, and unsuitable columns are refused by code."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from prum_match import dna
from prum_match.engine import Eligible, Gallery
from prum_match.engine.tables.table import read_table
from prum_match.errors import DuplicateReference
from support.galleries.tables import (
    LAYOUTS,
    LIBRARIES,
    SECRET,
    Failing,
    enrol,
    laid_out,
    people,
    pyarrow,
    refused,
    sliced,
)
from toy_category import NUMBERS

na = pytest.importorskip("nanoarrow")

TEXTS = ["a", None, "", "thirteen chars", "h\u00e9", "z" * 70, "b", None, "a", "~"]
NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)
ANY = dna.CodisPolicy(name="any", version="1", source="made up", stringency="high", min_loci=1)


# --- what every library hands over --------------------------------------------------------------


@pytest.mark.parametrize("library", LIBRARIES)
def test_a_table_of_any_library(library: str) -> None:
    columns = people(
        ["A", "B", "C"],
        subject_id=["s", None, "t"],
        label=["x", "y", None],
        expires=pyarrow().array([NOON, None, None], pyarrow().timestamp("us", "UTC")),
    )
    gallery = dna.Gallery()
    assert gallery.enrol_table(LIBRARIES[library](columns)).enrolled == 3
    found = gallery.search_many(LIBRARIES[library](columns), policy=ANY)
    assert [len(answer) for answer in found] == [3, 3, 3]
    told = {
        c.reference_id: (c.subject_id, c.label, gallery[c.reference_id].pairs["TH01"])
        for c in found[0]
    }
    assert told == {
        "A": ("s", "x", (24, 39)),
        "B": (None, "y", (24, 39)),
        "C": ("t", None, (24, 39)),
    }
    assert gallery.purge(now=NOON).reference_ids == ("A",)


@pytest.mark.parametrize("sizes", [(), (4,), (0, 3, 1, 0)])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_layouts_chunks_and_offsets(layout: str, sizes: tuple[int, ...]) -> None:
    table = pyarrow().table({"x": sliced(laid_out(TEXTS, layout), sizes)})
    for first, n in ((0, 10), (1, 8), (9, 1), (3, 0)):
        strings = read_table(table.slice(first, n)).strings("x")
        assert list(strings) == TEXTS[first : first + n]
    batch = table.combine_chunks().to_batches()[0].slice(2, 5)
    assert list(read_table(batch).strings("x")) == TEXTS[2:7]


@pytest.mark.parametrize("type_", ["binary", "large_binary", "binary_view"])
def test_bytes(type_: str) -> None:
    pa = pyarrow()
    given = [b"\xff\x00", None, b"", b"x" * 40]
    strings = read_table(pa.table({"x": pa.array(given, getattr(pa, type_)())}))
    assert list(strings.binary("x")) == given
    fixed = pa.table({"x": pa.array([b"ab", None, b"cd"], pa.binary(2))}).slice(1)
    assert list(read_table(fixed).binary("x")) == [None, b"cd"]


@pytest.mark.parametrize("library", LIBRARIES)
def test_a_column_of_nulls(library: str) -> None:
    table = read_table(LIBRARIES[library]({"y": ["a", "b", "c"], "x": pyarrow().nulls(3)}))
    assert list(table.strings("x")) == list(table.binary("x")) == [None] * 3
    assert np.isnan(table.floats("x")[0]).all()
    assert table.moments("x").null.all()
    assert table.vectors("x", 4)[1].all()


def test_an_empty_table() -> None:
    for table in (pyarrow().table(people([])), pyarrow().table(people(["A"])).slice(1)):
        gallery = dna.Gallery()
        assert gallery.enrol_table(table).enrolled == len(gallery) == gallery.generation == 0
        assert len(gallery.search_many(table)) == 0


def test_strings_are_a_sequence() -> None:
    strings = read_table(pyarrow().table({"x": ["a", "b"]})).strings("x")
    assert len(strings) == 2
    for row in (2, -1):
        with pytest.raises(IndexError):
            strings[row]


def test_strings_in_bulk() -> None:
    table = read_table(pyarrow().table({"x": sliced(laid_out(TEXTS, "string_view"), (3,))}))
    strings = table.strings("x")
    assert strings.unfit(64).tolist() == [1, 2, 4, 5, 7]
    assert strings.unfit(70, optional=True).tolist() == [2, 4]
    offsets, data = strings.take(np.arange(10) % 3 == 0)
    assert (offsets.tolist(), data.tobytes()) == ([0, 1, 15, 16, 17], b"athirteen charsb~")
    offsets, data = strings.take()
    assert data.tobytes() == "".join(text or "" for text in TEXTS).encode()
    assert offsets[-1] == len(data)
    numbers, texts = strings.distinct()
    assert [texts[i] for i in numbers] == TEXTS
    assert texts == list(dict.fromkeys(TEXTS))


# --- numbers, moments, vectors ------------------------------------------------------------------


@pytest.mark.parametrize("type_", ["int8", "uint64", "int32", "float16", "float32", "float64"])
def test_numbers(type_: str) -> None:
    array = pyarrow().array([7, 1, None, 3], type_)
    values, null = read_table(pyarrow().table({"x": sliced(array, (2,))}).slice(1)).floats("x")
    assert null.tolist() == [False, True, False]
    assert (values[0], values[2]) == (1, 3)
    assert np.isnan(values[1])


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
@pytest.mark.parametrize("zone", ["UTC", "+02:00", "Europe/Vienna"])
def test_moments(unit: str, zone: str) -> None:
    pa = pyarrow()
    before, after = datetime(1900, 1, 1, tzinfo=UTC), datetime(2200, 2, 3, 4, 5, 6, tzinfo=UTC)
    given = pa.array([after, None, before], pa.timestamp(unit, zone))
    moments = read_table(pa.table({"x": given})).moments("x")
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    expected = [(m - epoch) // timedelta(microseconds=1) for m in (after, epoch, before)]
    assert moments.micros.tolist() == expected
    assert moments.null.tolist() == [False, True, False]
    assert not moments.impossible.any()


@pytest.mark.parametrize(("unit", "per_second"), [("s", 1), ("ms", 10**3), ("us", 10**6)])
def test_moments_that_no_calendar_has(unit: str, per_second: int) -> None:
    pa = pyarrow()
    first = (datetime.min.replace(tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(
        seconds=1
    )
    last = 253_402_300_800 * per_second - 1
    ticks = [-(2**63), first * per_second - 1, first * per_second, last, last + 1, 2**63 - 1]
    moments = read_table(pa.table({"x": pa.array(ticks, pa.timestamp(unit, "UTC"))})).moments("x")
    assert moments.impossible.tolist() == [True, True, False, False, True, True]


@pytest.mark.parametrize("layout", ["fixed", "list", "large_list", "bytes", "fixed_bytes"])
def test_vectors(layout: str) -> None:
    pa = pyarrow()
    given = np.arange(20, dtype=np.float32).reshape(5, 4)
    types = {
        "fixed": pa.list_(pa.float32(), 4),
        "list": pa.list_(pa.float32()),
        "large_list": pa.large_list(pa.float32()),
        "bytes": pa.binary(),
        "fixed_bytes": pa.binary(16),
    }
    rows: list[Any] = [row.tobytes() if "bytes" in layout else row.tolist() for row in given]
    whole = pa.array(rows, types[layout])
    holed = pa.array([rows[0], None, *rows[2:]], types[layout])
    for sizes in ((), (1, 0, 2)):
        found, others = read_table(pa.table({"x": sliced(whole, sizes)}).slice(1)).vectors("x", 4)
        np.testing.assert_array_equal(found, given[1:])
        assert not others.any()
        found, others = read_table(pa.table({"x": sliced(holed, sizes)})).vectors("x", 4)
        assert others.tolist() == [False, True, False, False, False]
        np.testing.assert_array_equal(found[~others], given[~others])


def test_one_chunk_of_vectors_is_not_copied() -> None:
    pa = pyarrow()
    flat = np.arange(40, dtype=np.float32)
    column = pa.FixedSizeListArray.from_arrays(pa.array(flat), 4)
    found, _ = read_table(pa.table({"x": column}).slice(2)).vectors("x", 4)
    assert np.shares_memory(found, flat)
    assert not found.flags.writeable


@pytest.mark.parametrize("item", ["float16", "float64", "int32"])
def test_nulls_in_vectors(item: str) -> None:
    pa = pyarrow()
    for type_ in (pa.list_(pa.type_for_alias(item), 2), pa.list_(pa.type_for_alias(item))):
        column = pa.array([[1, 2], [None, 3], [4, 5]], type_)
        found, others = read_table(pa.table({"x": column})).vectors("x", 2)
        assert not others.any()
        np.testing.assert_array_equal(found, [[1, 2], [np.nan, 3], [4, 5]])


def test_vectors_of_another_length() -> None:
    pa = pyarrow()
    column = pa.array([[1.0, 2.0], [1.0], None, [], [3.0, 4.0], [5.0] * 3], pa.list_(pa.float32()))
    found, others = read_table(pa.table({"x": column})).vectors("x", 2)
    assert others.tolist() == [False, True, True, True, False, True]
    np.testing.assert_array_equal(found[[0, 4]], [[1, 2], [3, 4]])
    raw = pa.array([b"\0" * 8, b"\0" * 7, b"\0" * 12, b""])
    assert read_table(pa.table({"x": raw})).vectors("x", 2)[1].tolist() == [False, True, True, True]
    fixed = read_table(pa.table({"x": pa.array([[1.0] * 3], pa.list_(pa.float32(), 3))}))
    assert refused("bad_dimension", fixed.vectors, "x", 2).field == "x"


@pytest.mark.parametrize(
    ("read", "values"),
    [
        ("strings", [1]),
        ("strings", [b"x"]),
        ("strings", [["x"]]),
        ("binary", ["x"]),
        ("floats", ["x"]),
        ("floats", [True]),
        ("moments", [5]),
        ("moments", ["2026-07-01"]),
        ("vectors", ["x"]),
        ("vectors", [["x"]]),
        ("vectors", [[True]]),
    ],
)
def test_columns_of_another_type(read: str, values: list[Any]) -> None:
    table = read_table(pyarrow().table({"x": values}))
    args = ("x", 1) if read == "vectors" else ("x",)
    error = refused("bad_column_type", getattr(table, read), *args)
    assert (error.field, error.index) == ("x", None)
    without_chunks = read_table(pyarrow().table({"x": values}).slice(1))
    refused("bad_column_type", getattr(without_chunks, read), *args)


def test_numbers_behind_a_dictionary() -> None:
    table = read_table(pyarrow().table({"x": pyarrow().array([5]).dictionary_encode()}))
    refused("bad_column_type", table.floats, "x")
    refused("bad_column_type", table.strings, "x")


# --- the columns of the engine ------------------------------------------------------------------


@pytest.mark.parametrize("bad", [None, "", "x" * 65, "h\u00e9llo SECRET", "a\tb", "\x7f"])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_bad_ids(layout: str, bad: str | None) -> None:
    columns = people(["A"] * 4) | {"reference_id": laid_out(["A", bad, "B" * 64, bad], layout)}
    error = refused("bad_reference_id", enrol, columns)
    assert (error.index, error.field, error.value) == (1, "reference_id", bad)
    gallery, report = enrol(columns, on_error="report")
    assert [(e.index, e.code) for e in report.refused] == [
        (1, "bad_reference_id"),
        (3, "bad_reference_id"),
    ]
    assert sorted(gallery) == ["A", "B" * 64]


def test_bad_subjects_and_labels() -> None:
    columns = people(
        ["A", "B", "C", "D"], subject_id=["", None, "s", "s"], label=["x", "\u20ac", "y", None]
    )
    assert refused("bad_subject_id", enrol, columns).index == 0
    assert refused("bad_label", enrol, {**columns, "subject_id": ["s"] * 4}).index == 1
    gallery, report = enrol(columns, on_error="report")
    assert [(e.index, e.field) for e in report.refused] == [(0, "subject_id"), (1, "label")]
    answer = gallery.search(gallery["C"], policy=ANY)
    assert {c.reference_id: (c.subject_id, c.label) for c in answer} == {
        "C": ("s", "y"),
        "D": ("s", None),
    }
    # The label of a row that was refused is not known.
    assert refused("unknown_label", gallery.search, gallery["C"], eligible=Eligible({"x"}))


def test_labels_past_the_last() -> None:
    labels = [f"label {i}" for i in range(256)]
    columns = people([f"R{i}" for i in range(257)], label=[None, *labels])
    assert refused("too_many_labels", enrol, columns).index == 256
    gallery, report = enrol({name: column[:256] for name, column in columns.items()})
    assert report.enrolled == 256
    assert gallery.search(gallery["R9"], eligible=Eligible({"label 254"})).examined == 1


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_expiry_is_rounded_up(unit: str) -> None:
    pa = pyarrow()
    ago = datetime(1960, 1, 1, tzinfo=UTC)
    later = NOON if unit == "s" else NOON + timedelta(milliseconds=1)
    expires = pa.array([later, None, ago], pa.timestamp(unit, "Europe/Vienna"))
    gallery, _ = enrol(people(["A", "B", "C"], expires=expires))
    assert gallery.purge(now=NOON - timedelta(seconds=1)).reference_ids == ("C",)
    assert gallery.purge(now=NOON).reference_ids == (("A",) if unit == "s" else ())
    later = NOON + timedelta(seconds=1)
    assert gallery.purge(now=later).reference_ids == (() if unit == "s" else ("A",))
    assert list(gallery) == ["B"]


@pytest.mark.parametrize("days", [[date(2026, 7, 1)], [datetime(2026, 7, 1)]])
def test_moments_without_a_zone(days: list[Any]) -> None:
    error = refused("bad_moment", enrol, people(["A"], expires=days))
    assert (error.field, error.index) == ("expires", None)


def test_expiry_dates_out_of_range_are_refused() -> None:
    pa = pyarrow()
    expires = pa.array([0, 2**63 - 1], pa.timestamp("us", "UTC"))
    assert refused("bad_moment", enrol, people(["A", "B"], expires=expires)).index == 1
    _, report = enrol(people(["A", "B"], expires=expires), on_error="report")
    assert (report.enrolled, report.refused[0].index) == (1, 1)


def test_duplicates() -> None:
    columns = people(["A", "B", "A", "", "B", "A"], TPOX_1=["8", "x", "8", "8", "8", "8"])
    columns["TPOX_2"] = ["9", "9.9.9", "9", "9", "9", "9"]
    columns["TPOX_1"][1] = "9.9"
    gallery, report = enrol(columns, on_error="report")
    assert [(e.index, e.code) for e in report.refused] == [
        (1, "bad_allele"),
        (2, "duplicate_reference"),
        (3, "bad_reference_id"),
        (5, "duplicate_reference"),
    ]
    assert sorted(gallery) == ["A", "B"]
    error = refused("duplicate_reference", enrol, people(["A", "B", "C", "B"]))
    assert (error.index, error.value) == (3, "B")


def test_ids_that_the_gallery_holds() -> None:
    gallery, _ = enrol(people(["A", "B"]))
    more = pyarrow().table(people(["C", "B", "", "D", "A"]))
    error = refused("bad_reference_id", gallery.enrol_table, more)
    report = gallery.enrol_table(more, on_error="report")
    assert [(e.index, e.code) for e in report.refused] == [
        (1, "duplicate_reference"),
        (2, "bad_reference_id"),
        (4, "duplicate_reference"),
    ]
    assert sorted(gallery) == ["A", "B", "C", "D"]
    again = pyarrow().table(people(["E", "C"]))
    error = refused("duplicate_reference", gallery.enrol_table, again)
    assert isinstance(error, DuplicateReference)
    assert (error.index, error.value, len(gallery)) == (1, "C", 4)


def test_known_references_are_replaced() -> None:
    pa = pyarrow()
    expires = pa.array([NOON, NOON, NOON], pa.timestamp("us", "UTC"))
    first = people(["A", "B", "C"], label=["x"] * 3, subject_id=["s"] * 3, expires=expires)
    gallery, _ = enrol(first)
    changed = people(["D", "A", "B"], label=["y", "y", None], subject_id=["t", None, "t"])
    changed["TH01_1"] = ["7", "7", "OL"]
    for _ in range(2):
        report = gallery.enrol_table(pa.table(changed), known="replace")
        assert (report.enrolled, len(gallery), report.notes) == (3, 4, {"N2": 1})
        assert gallery["A"].pairs["TH01"] == (28, 39)
        answers = gallery.search_many([gallery["A"], gallery["C"]], policy=ANY)
        told = [{c.reference_id: (c.subject_id, c.label) for c in answer} for answer in answers]
        assert told == [{"A": (None, "y"), "D": ("t", "y")}, {"C": ("s", "x")}]
    assert gallery.purge(now=NOON).reference_ids == ("C",)


def test_a_refused_row_replaces_nothing() -> None:
    gallery, _ = enrol(people(["A", "B"]))
    columns = people(["A", "B", "C", "C"], label=["y"] * 4)
    columns["TH01_1"] = ["9.9", "7", "7", "7"]
    table = pyarrow().table(columns)
    refused("bad_allele", gallery.enrol_table, table, known="replace")
    refused("duplicate_reference", gallery.enrol_table, table.slice(1), known="replace")
    assert (gallery.generation, gallery["B"].pairs["TH01"]) == (1, (24, 39))
    report = gallery.enrol_table(table, known="replace", on_error="report")
    assert [(e.index, e.code) for e in report.refused] == [
        (0, "bad_allele"),
        (3, "duplicate_reference"),
    ]
    assert [gallery[name].pairs["TH01"][0] for name in ("A", "B", "C")] == [24, 28, 28]
    assert refused("bad_option", gallery.enrol_table, table, known="keep").field == "known"


# --- the table as a whole -----------------------------------------------------------------------


def test_unknown_columns_are_refused() -> None:
    columns = people(["A"], SECRET_1=["x"], note=[5])
    assert refused("unknown_column", enrol, columns).value == "SECRET_1"
    assert refused("unknown_column", enrol, columns, ignore=["SECRET_1"]).value == "note"
    _, report = enrol(columns, ignore=["SECRET_1", "note", "not there"])
    assert report.enrolled == 1
    assert enrol(people(["A"], note=[5]), ignore="note")[1].enrolled == 1
    probes = pyarrow().table({name: columns[name] for name in ("TH01_1", "TH01_2", "note")})
    assert refused("unknown_column", dna.Gallery().search_many, probes).value == "note"


def test_missing_columns_are_refused() -> None:
    columns = people(["A"])
    assert refused("missing_column", enrol, columns, ignore="reference_id").field == "reference_id"
    del columns["reference_id"]
    assert len(dna.Gallery().search_many(pyarrow().table(columns))) == 1


def test_two_columns_of_one_name() -> None:
    pa = pyarrow()
    table = pa.Table.from_arrays([pa.array(["A"])] * 3, ["reference_id", "SECRET", "SECRET"])
    gallery = dna.Gallery()
    assert refused("duplicate_column", gallery.enrol_table, table).value == "SECRET"
    assert refused("missing_column", gallery.enrol_table, table, ignore=["SECRET"])


@pytest.mark.parametrize("source", [["A"], "text", np.zeros(3), None, {"reference_id": ["A"]}])
def test_other_objects_are_refused_as_tables(source: Any) -> None:
    refused("not_a_table", dna.Gallery().enrol_table, source)


def test_arrays_are_refused_as_tables() -> None:
    refused("not_a_table", dna.Gallery().enrol_table, pyarrow().array(["A"]))


def test_categories_without_tables_refuse_them() -> None:
    gallery = Gallery(NUMBERS)
    table = pyarrow().table({"reference_id": ["A"]})
    refused("no_tables", gallery.enrol_table, table)
    refused("no_tables", gallery.search_many, table)
    refused("no_tables", NUMBERS.required_tables)


def test_one_bad_row_changes_nothing() -> None:
    gallery, _ = enrol(people(["A"], label=["x"]))
    before = gallery.generation
    table = pyarrow().table(people(["B", "A"], label=["y", "y"]))
    refused("duplicate_reference", gallery.enrol_table, table)
    assert (gallery.generation, list(gallery)) == (before, ["A"])
    refused("unknown_label", gallery.search, gallery["A"], eligible=Eligible({"y"}))
    error = refused("bad_option", gallery.enrol_table, table, on_error="ignore")
    assert error.field == "on_error"


def test_a_source_that_fails() -> None:
    cause = ValueError(SECRET)
    error = refused("bad_stream", dna.Gallery().enrol_table, Failing(cause))
    assert error.value is cause

    def batches() -> Any:
        yield pyarrow().record_batch(people(["A"]))
        raise ValueError(SECRET)

    schema = pyarrow().table(people(["A"])).schema
    reader = pyarrow().RecordBatchReader.from_batches(schema, batches())
    refused("bad_stream", dna.Gallery().enrol_table, reader)


def test_without_nanoarrow() -> None:
    code = (
        "import sys\n"
        "sys.modules['nanoarrow'] = None\n"
        "from prum_match import PrumError, dna\n"
        "class Table:\n"
        "    def __arrow_c_stream__(self, requested_schema=None): ...\n"
        "try:\n"
        "    dna.Gallery().enrol_table(Table())\n"
        "except PrumError as error:\n"
        "    print(type(error).__name__, error.code, error.field)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120
    )
    assert done.stdout.strip() == "PrumError missing_extra arrow"
